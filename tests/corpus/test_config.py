"""ernotes.toml: what is written is read back, and weights by name are refused where they are none."""

import tomllib
from pathlib import Path

import pytest

from corpus.config import Config, GenerationConfig, read_config, render_config
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
