"""ernotes.toml: what is written is read back, and what is out of range or contradicts itself is refused."""

import tomllib
from pathlib import Path

import pytest

from corpus.config.file import read_config, render_config
from corpus.config.settings import Config, GenerationConfig
from corpus.errors import ConfigError

WEIGHTED = Config(
    generation=GenerationConfig(specialties={"Medicina Interna": 2, 'a "b" \\ c': 0.5}, allergies={"não mencionada": 0})
)


@pytest.mark.parametrize("config", [Config(), WEIGHTED])
def test_a_rendered_configuration_is_read_back(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "ernotes.toml"
    path.write_text(render_config(config), "utf-8")
    assert read_config(path) == config


def test_weights_by_name_are_an_inline_table() -> None:
    line = 'allergies = { "não mencionada" = 0.0 }'
    assert line in render_config(WEIGHTED).splitlines()
    assert "specialties = {}" in render_config(Config()).splitlines()
    assert tomllib.loads(line) == {"allergies": {"não mencionada": 0}}


@pytest.mark.parametrize("weight", ["-1", "nan", "inf", '"many"'])
def test_a_weight_that_is_none_is_refused_by_name(weight: str, tmp_path: Path) -> None:
    path = tmp_path / "ernotes.toml"
    path.write_text(f"[generation]\nspecialties = {{ Cardiologia = {weight} }}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"generation\.specialties\.Cardiologia"):
        read_config(path)


def read(path: Path, text: str) -> Config:
    path.write_text(text, "utf-8")
    return read_config(path)


@pytest.mark.parametrize(
    ("section", "lines", "complaint"),
    [
        ("windows", "max_tokens = 64\noverlap_tokens = 62", "overlap_tokens must be smaller than max_tokens - 2"),
        ("windows", "max_tokens = 8", "windows.max_tokens"),
        ("transformer", "min_weight = 3.0\nmax_weight = 2.0", "min_weight is larger than max_weight"),
        ("transformer", "learning_rate = 0.0", "transformer.learning_rate"),
        ("transformer", "learning_rate = inf", "transformer.learning_rate"),
        ("transformer", "weight_decay = -0.1", "transformer.weight_decay"),
        ("transformer", "warmup_ratio = 1.0", "transformer.warmup_ratio"),
        ("transformer", "max_epochs = 0", "transformer.max_epochs"),
        ("transformer", "patience = 0", "transformer.patience"),
        ("transformer", "cpu_batch_size = 0", "transformer.cpu_batch_size"),
        ("transformer", "negative_copies = 0", "transformer.negative_copies"),
        ("transformer", "heads = 4", "transformer.heads: unknown key"),
        ("compact", "hidden_size = 128\nheads = 5", "heads must divide hidden_size"),
        ("compact", "dropout = 1.0", "compact.dropout"),
        ("compact", "vocabulary = 100", "compact.vocabulary"),
        ("crf", "c1 = nan", "crf.c1"),
        ("crf", "max_iterations = 0", "crf.max_iterations"),
    ],
)
def test_a_knob_out_of_its_range_or_against_another_is_refused_in_one_line(
    tmp_path: Path, section: str, lines: str, complaint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / "ernotes.toml", f"[training.{section}]\n{lines}\n")
    assert f"training.{section}" in str(caught.value)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ['base = ""', "seed = -1", "seed = 4294967296"])
def test_a_base_has_a_name_and_a_seed_is_one_that_torch_takes(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError, match=rf"training\.{line.split()[0]}"):
        read(tmp_path / "ernotes.toml", f"[training]\n{line}\n")


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ('strategy = "guess"', "selection.strategy"),
        ("budget = 2.5", "budget is not a whole number of notes"),
        ('budget = 0.5\nunit = "tokens"', "budget is not a whole number of tokens"),
        ('strategy = "diverse"\naudit_share = 1.0', "audit_share 1 leaves nothing to choose by diverse"),
        ("audit_share = 1.5", "selection.audit_share"),
        ("rare_label_weight = 0.5", "selection.rare_label_weight"),
        ("top_tokens = 11", "selection.top_tokens"),
        ("committee = 1", "selection.committee"),
    ],
)
def test_a_selection_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path, lines: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / "ernotes.toml", f"[selection]\n{lines}\n")
    assert "selection" in str(caught.value)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_budget_in_seconds_may_be_a_fraction(tmp_path: Path) -> None:
    assert read(tmp_path / "ernotes.toml", '[selection]\nbudget = 90.5\nunit = "seconds"\n').selection.budget == 90.5


def test_only_a_crf_is_judged_by_cross_validation(tmp_path: Path) -> None:
    judged = '[loop]\njudge_by = "cross-validation"\n'
    with pytest.raises(ConfigError, match=r"judge_by .* is for training\.base \"crf\" alone"):
        read(tmp_path / "ernotes.toml", judged)
    assert read(tmp_path / "ernotes.toml", judged + '[training]\nbase = "crf"\n').loop.judge_by == "cross-validation"
