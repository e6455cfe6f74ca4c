"""Read the one file: TOML, checked against the sections as a whole, with every problem named at once."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tarazy.platform.config.declaring import Section, kind_of
from tarazy.platform.config.errors import ConfigError, Problem, nearest
from tarazy.platform.toml_text import parse_toml

FILE_BYTES_MAX = 1 << 20
S = TypeVar("S", bound=Section)
# What was expected, by the library's kind of error; `{...}` are its own values.
EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "dict_type": "a table",
    "model_type": "a table",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "literal_error": "one of {expected}",
    "finite_number": "a finite number",
}


def load(path: Path | None, sections: type[S]) -> S:
    """Return the configuration in a file; without one, every default.

    Raises: ConfigError with all problems.
    """
    return check(path, read_toml(path) if path is not None else {}, sections)


def check(path: Path | None, values: Mapping[str, Any], sections: type[S]) -> S:
    """Return the sections with these values.

    Raises: ConfigError with all problems.
    """
    folder = path.parent if path is not None else Path()
    try:
        return sections.model_validate(dict(values), context={"folder": folder})
    except ValidationError as error:
        found = [problem_of(each, sections) for each in error.errors(include_url=False)]
        raise ConfigError(path, found) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises: ConfigError where it cannot be read, is no plain file, too large or no TOML.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise ConfigError(path, [Problem("file", "a plain file", "another thing of this name")])
            text = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise ConfigError(path, [Problem("file", "a file that can be read", error.strerror or str(error))]) from None
    if len(text) > FILE_BYTES_MAX:
        raise ConfigError(path, [Problem("file", f"at most {FILE_BYTES_MAX} bytes", "more")])
    try:
        return parse_toml(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "no UTF-8"
        raise ConfigError(path, [Problem("file", "TOML", what)]) from None


def problem_of(error: ErrorDetails, sections: type[Section]) -> Problem:
    """Return an error of the library in our words. A text of the file is never repeated: it may be a secret."""
    place = tuple(part for part in error["loc"] if part != "[key]")
    key, given = ".".join(map(word, place)), error.get("ctx", {})
    if error["type"] == "extra_forbidden":
        known = sorted(model_at(sections, place[:-1]).model_fields)
        return Problem(key, "a known key", "an unknown one", nearest(str(place[-1]), known))
    if error["type"] == "setting":
        return Problem(key, given["expected"], given["found"], given["action"])
    expected = EXPECTED.get(error["type"], error["msg"]).format_map({name: str(each) for name, each in given.items()})
    return Problem(key or "file", expected, kind_of(error["input"]))


def word(part: int | str) -> str:
    """Return one part of a key; what is not printable is quoted."""
    text = str(part)
    return text if text.isprintable() and text else repr(text)


def model_at(sections: type[BaseModel], place: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the section at a place of the file."""
    for part in place:
        inner = sections.model_fields[str(part)].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            break
        sections = inner
    return sections
