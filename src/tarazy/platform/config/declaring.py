"""How a room declares its section: fields with type, default, unit, bounds and reason.

    class RoomSection(Section):
        '''What the section is for; the reference page begins with it.'''

        port: int = setting(8000, minimum=0, maximum=65_535, reason="where it listens; 0 takes a free one")

Values are checked strictly: text is no number, 1 is not true. A relative path starts at the folder of the file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from tarazy.platform.config.secret import FORM, Secret, secret_from

SCHEMES = ("http", "https", "nats", "tls", "postgresql")


class Section(BaseModel):
    """A table of the file. Unknown keys are errors; nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_default=True, allow_inf_nan=False)


def setting(
    default: Any, *, reason: str, unit: str = "", minimum: float | None = None, maximum: float | None = None
) -> Any:
    """Return a field with what the reference page says of it: why it is there and why this default.

    Units: `minimum` and `maximum` are included, in the field's own unit.
    """
    return Field(default=default, ge=minimum, le=maximum, json_schema_extra={"unit": unit, "reason": reason})


def refuse(expected: str, found: str, action: str = "") -> PydanticCustomError:
    """Return the error that a check of a value raises. No argument repeats a text of the file."""
    return PydanticCustomError("setting", "{expected}", {"expected": expected, "found": found, "action": action})


def _path(value: Any, info: ValidationInfo) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise refuse("a path", kind_of(value))
    if "\0" in str(value):
        raise refuse("a path", "a text with a zero byte, which no name of a file has")
    return _folder(info) / value


def _secret(value: Any, info: ValidationInfo) -> Secret:
    if isinstance(value, Secret):
        return value
    try:
        return secret_from(value, _folder(info))
    except ValueError as error:
        raise refuse(*error.args) from None


def _address(value: Any, info: ValidationInfo) -> str | Secret:
    if not isinstance(value, str):
        if isinstance(value, dict | Secret):
            return _secret(value, info)
        raise refuse(f"a URL, or {FORM}", kind_of(value))
    try:
        parts = urlsplit(value)
        secret = "@" in parts.netloc or bool(parts.query)
    except ValueError:
        raise refuse(f"a URL, or {FORM}", "a text that is none") from None
    if secret:
        action = f"Write {FORM}, and change the secret: whoever reads the file has it"
        raise refuse("a URL without a user, a password or a query", "one with them, which is not shown here", action)
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise refuse(f"a URL that begins with one of {', '.join(SCHEMES)} and has a host", "another text")
    return value


def _database(value: Any, info: ValidationInfo) -> Path | str | Secret:
    is_file = isinstance(value, Path) or (isinstance(value, str) and "://" not in value)
    return _path(value, info) if is_file else _address(value, info)


def _chain(value: Any) -> int:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,17}", value) else value
    if isinstance(number, bool) or not isinstance(number, int):
        raise refuse("the number of a chain, such as 1", kind_of(value))
    return number


def _paths(value: Any, info: ValidationInfo) -> tuple[Path, ...]:
    if not isinstance(value, list | tuple):
        raise refuse("a list of paths", kind_of(value))
    return tuple(_path(each, info) for each in value)


def _file_or_name(value: Any, info: ValidationInfo) -> str | None:
    if value is not None and not isinstance(value, str):
        raise refuse("the name of a built-in one, or a path that ends in .toml", kind_of(value))
    return str(_path(value, info)) if value and value.endswith(".toml") else value


def _folder(info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder


def kind_of(value: object) -> str:
    """Return what a value of the file is, in words that repeat no text: a text may be a secret in the wrong place."""
    if isinstance(value, bool | int | float):
        return repr(value).lower()
    words: dict[type, str] = {str: "a text", dict: "a table", list: "a list"}
    return words.get(type(value), "a date or time")


FilePath = Annotated[Path, PlainValidator(_path)]
Address = Annotated[str | Secret, PlainValidator(_address)]
DatabasePlace = Annotated[Path | str | Secret, PlainValidator(_database)]
ChainNumber = Annotated[int, PlainValidator(_chain)]
Paths = Annotated[tuple[Path, ...], PlainValidator(_paths)]
FileOrName = Annotated[str | None, PlainValidator(_file_or_name)]  # what ends in .toml is a path


def plain_address(value: str | Secret) -> str:
    """Return the URL itself, read from where it is.

    Raises: ConfigError where it is a secret that cannot be read.
    """
    return value.read() if isinstance(value, Secret) else value
