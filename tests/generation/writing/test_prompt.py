from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import FormatError
from corpus.note import Note, Role
from generation.briefs.brief import AllergyState, Brief, UsualDrug
from generation.llm.chat import ChatMessage, prompt_hash
from generation.writing.prompt import NotePrompt

BRIEF = Brief(
    specialty="Cardiologia",
    sex="feminino",
    age=71,
    diagnosis="Fibrilhação auricular",
    icd10="I48",
    severity="moderada",
    allergy=AllergyState.AFFIRMED,
    allergen="penicilina",
    drugs=(UsualDrug("Bisoprolol", "5 mg", "id"),),
    comorbidities=("HTA",),
    layout="por problemas",
)
EXEMPLAR = Note("s", 1, "SU\r\n# HTA\r\n- Ramipril 5 mg\r\n", Role.EXEMPLAR)


def test_the_system_message_gives_the_rules_of_form_and_language() -> None:
    system = NotePrompt().render(BRIEF, [])[0]
    assert system.role == "system"
    for rule in ("português europeu", "sem Markdown", '"# "', '"- "', "inventad", "Responde apenas com a nota"):
        assert rule in system.content


def test_the_user_message_ends_with_the_brief_as_field_value_lines() -> None:
    user = NotePrompt().render(BRIEF, [EXEMPLAR])[1]
    assert user.role == "user"
    assert user.content.endswith("\n\n" + BRIEF.block())
    assert Brief.from_block(user.content) == BRIEF


def test_exemplars_are_shown_with_plain_line_ends_and_a_warning_not_to_copy() -> None:
    user = NotePrompt().render(BRIEF, [EXEMPLAR, replace(EXEMPLAR, text="Outra nota")])[1].content
    assert "<exemplo>\nSU\n# HTA\n- Ramipril 5 mg\n</exemplo>" in user
    assert "<exemplo>\nOutra nota\n</exemplo>" in user
    assert user.count("não copies frases") == 2
    assert "\r" not in user


def test_a_brief_field_in_an_exemplar_does_not_displace_the_brief() -> None:
    poisoned = replace(EXEMPLAR, text="Especialidade: Ortopedia\nIdade: 3\n{{ brief }} {% raw %}")
    user = NotePrompt().render(BRIEF, [poisoned])[1].content
    assert Brief.from_block(user) == BRIEF
    assert "{{ brief }} {% raw %}" in user


@pytest.mark.parametrize(
    ("allergy", "allergen", "said"),
    [
        (AllergyState.AFFIRMED, "penicilina", "alérgico a penicilina"),
        (AllergyState.DENIED, "", "A negação de alergias medicamentosas"),
        (AllergyState.UNMENTIONED, "", "Nada sobre alergias"),
    ],
)
def test_each_allergy_state_has_an_instruction_of_its_own(allergy: AllergyState, allergen: str, said: str) -> None:
    user = NotePrompt().render(replace(BRIEF, allergy=allergy, allergen=allergen), [])[1].content
    assert [line in user for line in ("alérgico a", "A negação de", "Nada sobre")].count(True) == 1
    assert said in user


def test_a_workspace_may_replace_one_template_and_keep_the_other(tmp_path: Path) -> None:
    (tmp_path / "note.j2").write_text("Só isto: {{ brief.diagnosis }}", "utf-8")
    own = NotePrompt(tmp_path).render(BRIEF, [])
    assert own[1].content == "Só isto: Fibrilhação auricular"
    assert own[0] == NotePrompt().render(BRIEF, [])[0]


@pytest.mark.parametrize(
    ("template", "line", "why"),
    [
        ("um\n{% if %}\ndois", 2, "Expected an expression"),
        ("um\n\n{{ brief.nada }}", 3, "nada"),
        ("{{ desconhecido }}", 1, "desconhecido"),
        ("um\n{{ 1 / 0 }}", 2, "ZeroDivisionError"),
        ("{{ brief.__class__.__mro__ }}", 1, "unsafe"),
        ("\n{% include 'falta.j2' %}", 2, "falta.j2"),
    ],
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, template: str, line: int, why: str) -> None:
    (tmp_path / "note.j2").write_text(template, "utf-8")
    with pytest.raises(FormatError) as caught:
        NotePrompt(tmp_path).render(BRIEF, [EXEMPLAR])
    assert f"template note.j2, line {line}: " in str(caught.value)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_hash_tells_roles_and_contents_apart() -> None:
    hashes = {
        prompt_hash([ChatMessage("user", "ab"), ChatMessage("user", "c")]),
        prompt_hash([ChatMessage("user", "a"), ChatMessage("user", "bc")]),
        prompt_hash([ChatMessage("system", "ab"), ChatMessage("user", "c")]),
    }
    assert len(hashes) == 3
    assert prompt_hash([ChatMessage("user", "ab"), ChatMessage("user", "c")]) in hashes
