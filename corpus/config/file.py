"""ernotes.toml read and written. Unknown keys and contradictions are refused by name."""

import json
import tomllib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from corpus.config.settings import Config
from corpus.errors import ConfigError

CONFIG_NAME = "ernotes.toml"


def read_config(path: Path) -> Config:
    """The configuration in a TOML file; raises ConfigError naming the first knob that is wrong."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist; run 'ernotes init' first") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    try:
        return Config.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        knob = ".".join(str(part) for part in first["loc"]) or "the file"
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{path}: {knob}: {what}") from None


def render_config(config: Config) -> str:
    """The configuration as TOML, each knob with what it means."""
    lines = ["# Every knob of this workspace. Unknown keys are refused; a key left out has the value shown."]
    _render_section(config, "", lines)
    return "\n".join(lines) + "\n"


def _render_section(section: BaseModel, path: str, lines: list[str]) -> None:
    nested = []
    if path:
        lines += ["", f"# {' '.join((type(section).__doc__ or '').split())}", f"[{path}]"]
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            nested.append((name, value))
            continue
        if field.description:
            lines.append(f"# {' '.join(field.description.split())}")
        lines.append(f"{name} = {_toml(value)}")
    for name, value in nested:
        _render_section(value, f"{path}.{name}".removeprefix("."), lines)


def _toml(value: object) -> str:
    """The value of a knob as TOML; a JSON string, number or boolean is a TOML one too."""
    if isinstance(value, dict):
        inside = ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {_toml(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    return json.dumps(value, ensure_ascii=False)
