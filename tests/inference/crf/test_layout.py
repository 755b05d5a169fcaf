"""Layout: headings, sections, bullets and labels of lines."""

from inference.crf.layout import lay_out
from inference.crf.words import find_words


def test_a_heading_opens_a_section_that_lasts_until_the_next() -> None:
    lines = lay_out(find_words("MEDICAÇÃO HABITUAL:\r\n- Ramipril 5mg\r\n\r\n- Bisoprolol\r\nPlano\r\nAlta."))
    assert [(line.section, line.item, line.gap) for line in lines] == [
        ("medication", 0, 0),
        ("medication", 1, 0),
        ("medication", 2, 1),
        ("plan", 0, 0),
        ("plan", 1, 0),
    ]


def test_what_stands_before_a_colon_names_its_own_line() -> None:
    (line,) = lay_out(find_words("Alergias: penicilina"))
    assert (line.label, line.kind) == ("alergias", "allergy")


def test_bullets_are_told_from_what_they_mark() -> None:
    lines = lay_out(find_words("# HTA\r\n  - Ramipril\r\n2) DM2\r\nsem bullet\r\n--"))
    assert [(line.bullet, line.body - line.first) for line in lines] == [
        ("#", 1),
        ("-", 1),
        ("0)", 2),
        ("", 0),
        ("", 0),
    ]


def test_a_bulleted_line_in_capitals_is_an_item_and_no_heading() -> None:
    lines = lay_out(find_words("LISTA DE PROBLEMAS\r\n# DPOC"))
    assert [line.section for line in lines] == ["problems", "problems"]


def test_a_note_without_words_has_no_lines() -> None:
    assert lay_out(find_words("\r\n \r\n")) == []


def test_a_line_that_sums_up_opens_the_diagnosis_though_it_is_no_heading() -> None:
    lines = lay_out(find_words("EXAMES:\r\nRx normal\r\nPortanto, doente com asma"))
    assert [(line.section, line.item) for line in lines] == [("exam", 0), ("exam", 1), ("diagnosis", 0)]


def test_a_heading_with_brackets_at_its_end_is_the_same_heading() -> None:
    lines = lay_out(find_words("MEDICAÇÃO HABITUAL (por confirmar)\r\n- Ramipril\r\nPLANO (se piorar):\r\nTC"))
    assert [(line.section, line.heading) for line in lines] == [
        ("medication", "medicacao habitual"),
        ("medication", "medicacao habitual"),
        ("plan", "plano"),
        ("plan", "plano"),
    ]


def test_a_list_within_a_line_is_laid_out_as_lines() -> None:
    words = find_words("Antecedentes: - HTA. - Asma, - Hérnia\r\nanti-HBs - 3, 10-20")
    parts = [words.texts[line.first : line.end] for line in lay_out(words)]
    assert parts == [
        ("Antecedentes", ":"),
        ("-", "HTA", "."),
        ("-", "Asma", ","),
        ("-", "Hérnia"),
        ("anti-HBs", "-", "3", ",", "10-20"),
    ]
