import pytest

from corpus.errors import PrivacyError, WorkspaceError
from corpus.note import Note, Role, Sensitivity
from generation.llm.firewall import check_exemplars
from generation.writing.exemplars import choose_exemplars

FAR, NEAR = "https://api.example.org/v1", "http://127.0.0.1:8000/v1"


def note(number: int, role: Role = Role.EXEMPLAR, sensitivity: Sensitivity = Sensitivity.PATIENT, **more: str) -> Note:
    return Note("s", number, f"texto {number}", role, sensitivity, provenance=more)


def test_a_patients_note_goes_to_this_machine_but_to_no_other() -> None:
    check_exemplars([note(1)], NEAR)
    with pytest.raises(PrivacyError, match=r'endpoint.allow_patient_text = \["api.example.org"\]') as caught:
        check_exemplars([note(1)], FAR)
    assert note(1).id in str(caught.value)
    assert "texto" not in str(caught.value)


@pytest.mark.parametrize("url", [FAR, "https://API.Example.org:8443/v1"])
def test_a_patients_note_goes_to_a_host_that_is_allowed_by_name(url: str) -> None:
    check_exemplars([note(1)], url, allow_patient_text=("api.example.org",))


@pytest.mark.parametrize("url", ["https://example.org/v1", "https://api.example.org.evil.net/v1"])
def test_a_host_that_is_only_like_an_allowed_one_is_refused(url: str) -> None:
    with pytest.raises(PrivacyError):
        check_exemplars([note(1)], url, allow_patient_text=("api.example.org",))


def test_a_fictional_note_goes_anywhere() -> None:
    check_exemplars([note(1, sensitivity=Sensitivity.FICTIONAL)], FAR)


@pytest.mark.parametrize("role", [Role.TEST, Role.TRAIN, Role.VALIDATION, Role.POOL])
def test_a_note_of_another_role_never_enters_a_prompt(role: Role) -> None:
    with pytest.raises(WorkspaceError, match=f"role {role}"):
        check_exemplars([note(1), note(2, role)], NEAR)


def test_the_named_option_lets_test_notes_in_and_no_others() -> None:
    check_exemplars([note(1), note(2, Role.TEST)], NEAR, allow_test_exemplars=True)
    with pytest.raises(WorkspaceError, match="role train"):
        check_exemplars([note(1), note(2, Role.TRAIN)], NEAR, allow_test_exemplars=True)


def test_exemplars_of_the_brief_s_specialty_are_preferred() -> None:
    shelf = [note(1, specialty="Cardiologia"), note(2, specialty="Nefrologia"), note(3, specialty="Nefrologia")]
    chosen = choose_exemplars(shelf, "Nefrologia", 2, "semente")
    assert {exemplar.doc_id for exemplar in chosen} == {2, 3}


def test_any_exemplar_serves_where_the_specialty_has_none() -> None:
    shelf = [note(1, specialty="Cardiologia"), note(2)]
    assert len(choose_exemplars(shelf, "Ortopedia", 1, "semente")) == 1


def test_the_same_seed_chooses_the_same_and_seeds_take_turns() -> None:
    shelf = [note(number) for number in range(5)]
    first = [choose_exemplars(shelf, "x", 1, str(seed))[0].doc_id for seed in range(40)]
    assert first == [choose_exemplars(shelf, "x", 1, str(seed))[0].doc_id for seed in range(40)]
    assert set(first) == {0, 1, 2, 3, 4}


def test_no_exemplar_is_chosen_where_there_is_none_or_none_is_wanted() -> None:
    assert choose_exemplars([], "x", 2, "s") == []
    assert choose_exemplars([note(1)], "x", 0, "s") == []
