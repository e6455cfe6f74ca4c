"""Facts that people state, in TOML: what no record holds, such as appointments, policies, notices and attestations.

```toml
[[fact]]
name = "board_seats"
value = 6
on = 2026-01-01
source = "register of directors"
grade = "declared"
```

`grade` is `attested` (a document of a third party with `document_sha256`) or `declared`. Rows are a list of tables
under `value`. Refused: a word that the rulebook does not have or that follows from a record alone, another kind of
value, and rows in which one person is both who acts and who approves.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.terms import check_value, terms
from tarazy.rulebook.toml_files import check_fields, read_toml, rows_of

NEEDED = {"name": str, "value": (int, bool, str, date, list), "on": date, "source": str, "grade": str}
OPTIONAL = {"document_sha256": str}
OF_RECORD = "record.toml"
STATED = ("attested", "declared")
# Pairs of fields that name two people: who acts, and whose eyes are the second.
TWO_PEOPLE = (("owner", "reviewer"), ("approved_by", "second_approved_by"))
BYTES_MAX = 1 << 24
HEX_DIGITS = frozenset("0123456789abcdef")


def load_facts(path: Path) -> FactSet:
    """Read a file of facts.

    Raises: RulebookError, which names the fact.
    """
    if path.exists() and path.stat().st_size > BYTES_MAX:
        raise RulebookError(path, expected=f"at most {BYTES_MAX:,} bytes", found=f"{path.stat().st_size:,}")
    document = read_toml(path)
    if set(document) - {"fact"}:
        raise RulebookError(path, expected="tables [[fact]] alone", found=", ".join(document))
    return FactSet(
        _fact(f"{path.name}, fact {number}", row) for number, row in enumerate(rows_of(path, document, "fact"), 1)
    )


def _fact(where: str, row: dict[str, Any]) -> RuleFact:
    check_fields(where, row, NEEDED, OPTIONAL)
    if row["grade"] not in STATED:
        action = "What follows from a record is replayed, never stated"
        raise RulebookError(
            where, expected=f"a grade of {', '.join(STATED)}", found=repr(row["grade"])[:60], action=action
        )
    source, digest = row["source"], row.get("document_sha256", "")
    if row["grade"] == "attested" and not (len(digest) == 64 and set(digest) <= HEX_DIGITS):
        raise RulebookError(where, expected="document_sha256 of 64 hexadecimal digits", found=repr(digest)[:80])
    for number, each in enumerate(row["value"] if isinstance(row["value"], list) else [], 1):
        check_two_people(f"{where}, row {number}", each)
    check_stated(where, row["name"], row["value"])
    return RuleFact(row["name"], row["value"], f"{source} {digest}".strip(), row["grade"], row["on"])


def check_stated(where: str, name: str, value: Any) -> None:
    """Refuse a fact that people cannot state: no word, another kind, or one that follows from a record alone.

    Raises: RulebookError.
    """
    check_value(where, name, value)
    if terms()[name].file == OF_RECORD:
        action = "Nobody states what the record shows"
        raise RulebookError(where, expected="a fact that no record holds", found=name, action=action)


def check_two_people(where: str, row: Any) -> None:
    """Refuse a row in which one person is both pairs of eyes.

    Raises: RulebookError.
    """
    for first, second in TWO_PEOPLE if isinstance(row, dict) else ():
        if row.get(first) and row.get(first) == row.get(second):
            raise RulebookError(
                where, expected=f"two people as {first} and {second}", found=f"{row[first]!r} as both"[:80]
            )
