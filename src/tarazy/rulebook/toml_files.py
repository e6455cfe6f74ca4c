"""Read the rulebook's TOML files, with errors that name the file and the row."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from tarazy.rulebook.errors import RulebookError


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a file holds.

    Raises: RulebookError.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulebookError(path, expected="a file that can be read", found=error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulebookError(path, expected="TOML", found=str(error)) from error


def rows_of(path: Path, document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the tables `[[name]]` of a file.

    Raises: RulebookError where the name holds something else.
    """
    rows = document.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RulebookError(path, expected=f"tables [[{name}]]", found=repr(rows)[:80])
    return rows


def check_fields(where: str, row: dict[str, Any], needed: dict[str, Any], optional: dict[str, Any]) -> None:
    """Refuse a row that lacks a field, has one that nobody knows, or holds another kind of value.

    Raises: RulebookError.
    """
    missing = [field for field in needed if field not in row]
    if missing:
        raise RulebookError(where, expected=f"the fields {', '.join(needed)}", found=f"no {', '.join(missing)}")
    kinds = {**needed, **optional}
    for field, value in row.items():
        if field not in kinds:
            raise RulebookError(where, expected=f"only the fields {', '.join(kinds)}", found=field)
        wanted = kinds[field] if isinstance(kinds[field], tuple) else (kinds[field],)
        is_moment = isinstance(value, datetime)  # a moment counts as a day in Python, and compares with none
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted) or is_moment:
            names = " or ".join(each.__name__ for each in wanted)
            raise RulebookError(where, expected=f"{field} to be {names}", found=repr(value)[:80])
