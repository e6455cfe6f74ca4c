"""What `config show` and the reference page list: every setting by its dotted name, in the order of declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tarazy.platform.config.declaring import Section
from tarazy.platform.config.errors import Problem
from tarazy.platform.config.secret import Secret


class Setting(NamedTuple):
    """One setting as it is in force; `value` shows no secret. `source` is `file` or `default`."""

    key: str
    value: Any
    unit: str
    source: str


class Declared(NamedTuple):
    """One setting as it was declared."""

    name: str
    default: Any
    unit: str
    minimum: float | None
    maximum: float | None
    reason: str


def settings(configuration: Section, values: Mapping[str, Any], prefix: str = "") -> Iterator[Setting]:
    """Return every setting of a configuration; `values` is what the file said."""
    for name, field in type(configuration).model_fields.items():
        value, given = getattr(configuration, name), values.get(name)
        if isinstance(value, Section):
            yield from settings(value, given if isinstance(given, dict) else {}, f"{prefix}{name}.")
        else:
            source = "file" if name in values else "default"
            yield Setting(f"{prefix}{name}", shown(value), extra(field)["unit"], source)


def missing_secrets(configuration: Section, prefix: str = "") -> Iterator[Problem]:
    """Return what is wrong with the secrets that a configuration points to."""
    for name in type(configuration).model_fields:
        value = getattr(configuration, name)
        if isinstance(value, Section):
            yield from missing_secrets(value, f"{prefix}{name}.")
        found = value.items() if isinstance(value, Mapping) else [("", value)]
        for item, each in found:
            if isinstance(each, Secret) and (problem := each.problem()):
                yield Problem(f"{prefix}{name}{f'.{item}' if item else ''}", "a secret that can be read", problem)


def shown(value: Any) -> Any:
    """Return a value as it is shown: of a secret where it is, of a URL no more than scheme and host."""
    if isinstance(value, Secret):
        return f"from {value}, {'missing' if value.problem() else 'there'}"
    if isinstance(value, str) and "://" in value:
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.netloc}{'/...' if parts.path.strip('/') else ''}"
    if isinstance(value, Mapping):
        return {str(key): shown(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [shown(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def declared(section: type[BaseModel]) -> list[Declared]:
    """Return the settings that a section declares itself."""
    return [
        Declared(name, field.default, extra(field)["unit"], *bounds(field), extra(field)["reason"])
        for name, field in section.model_fields.items()
        if not is_section(field)
    ]


def sections_in(section: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Return every section by its dotted name, outer before inner."""
    for name, field in section.model_fields.items():
        inner: Any = field.annotation
        if is_section(field):
            yield f"{prefix}{name}", inner
            yield from sections_in(inner, f"{prefix}{name}.")


def is_section(field: FieldInfo) -> bool:
    """Say whether a field is a table of its own."""
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Return the least and the greatest value of a field; None where there is none."""
    least = next((each.ge for each in field.metadata if hasattr(each, "ge")), None)
    most = next((each.le for each in field.metadata if hasattr(each, "le")), None)
    return least, most


def extra(field: FieldInfo) -> Mapping[str, str]:
    """Return unit and reason of a field."""
    found: Any = field.json_schema_extra
    return found if isinstance(found, Mapping) else {"unit": "", "reason": ""}
