"""The words of the rulebook: every fact that a rule may ask for, what it counts, and in what unit.

A term is a number, a flag, a day, a text, or rows with fields of these kinds. A fact that is no term is refused, and
`tarazy rules lint` names terms that no rule asks for.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.toml_files import check_fields, read_toml

FOLDER = Path(__file__).with_name("terms")
KINDS: dict[str, type] = {"number": int, "flag": bool, "day": date, "text": str}


class FactTerm(NamedTuple):
    """One word: its kind, its unit or what it means, and the fields of its rows."""

    name: str
    kind: str
    means: str
    fields: dict[str, str]
    file: str


def definitions() -> list[FactTerm]:
    """Return every definition there is, also where a word is defined twice.

    Raises: RulebookError for one that cannot be used.
    """
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        for name, row in read_toml(path).items():
            where = f"{path.name}, {name}"
            check_fields(where, row, {"kind": str, "means": str}, {"fields": dict})
            kinds = [row["kind"], *row.get("fields", {}).values()]
            wrong = [kind for kind in kinds if kind not in KINDS and kind != "rows"]
            if wrong or (row["kind"] == "rows") != bool(row.get("fields")):
                raise RulebookError(where, expected=f"kinds {', '.join(KINDS)}, or rows with fields", found=f"{kinds}")
            found.append(FactTerm(name, row["kind"], row["means"], row.get("fields", {}), path.name))
    return found


@cache
def terms() -> dict[str, FactTerm]:
    """Return every word by its name.

    Raises: RulebookError where one is defined twice.
    """
    found: dict[str, FactTerm] = {}
    for each in definitions():
        if each.name in found:
            raise RulebookError(
                each.file, expected="each word once", found=f"{each.name} also in {found[each.name].file}"
            )
        found[each.name] = each
    return found


def check_value(where: str, name: str, value: Any) -> None:
    """Refuse a fact that is no word of the rulebook, or of another kind.

    Raises: RulebookError.
    """
    term = terms().get(name)
    if term is None:
        raise RulebookError(where, expected="a word of the rulebook (tarazy rules list --terms)", found=repr(name)[:80])
    if term.kind != "rows":
        _check_kind(f"{where}, {name}", term.kind, value)
        return
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, dict) for row in value):
        raise RulebookError(f"{where}, {name}", expected="rows", found=repr(value)[:80])
    for number, row in enumerate(value, 1):
        for field, content in row.items():
            if field not in term.fields:
                known = ", ".join(term.fields)
                raise RulebookError(f"{where}, {name} row {number}", expected=f"the fields {known}", found=field[:60])
            _check_kind(f"{where}, {name} row {number}, {field}", term.fields[field], content)


def _check_kind(where: str, kind: str, value: Any) -> None:
    fits = isinstance(value, KINDS[kind]) and (kind == "flag") == isinstance(value, bool)
    if not fits or (kind == "day" and type(value) is not date):
        raise RulebookError(where, expected=f"a {kind}", found=repr(value)[:80])
