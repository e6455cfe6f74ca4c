"""A facility's public statement of its licence, compared with the register: who says more than it holds is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

STATED = ("title", "number", "state", "types", "from", "expires")
WORDS = {
    "title": "name of the licensee",
    "number": "number of the licence",
    "state": "state of the licence",
    "types": "permitted activities",
    "from": "first day",
    "expires": "day on which it ends",
}
HIGH = frozenset({"title", "number", "state", "types"})


class PublicFinding(NamedTuple):
    """One difference or gap: what it is about, how grave, what was expected, what was found, the rule."""

    code: str
    grade: str
    expected: str
    found: str
    rule: str

    def plain(self) -> dict[str, str]:
        """Return it for programs."""
        return self._asdict()


def compare_statement(stated: Mapping[str, Any], registered: Mapping[str, Any]) -> list[PublicFinding]:
    """Return where a facility's statement is not what the register says."""
    found = []
    for name in STATED:
        expected, said = _text(registered.get(name, "")), _text(stated.get(name, ""))
        if expected != said:
            grade = "high" if name in HIGH else "low"
            row = PublicFinding(
                f"statement.{name}", grade, f"{WORDS[name]}: {expected or 'none'}", said or "nothing", RULE
            )
            found.append(row)
    return found


RULE = "aifc_daa/2.10.1(1)(e), licence statement"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(sorted(str(each)[:80] for each in value[:50]))
    return str(value)[:200]
