"""The fields of acts: what each means, its kind and its bounds, checked before anything is signed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tarazy.platform.signed_acts.errors import ActRefusedError

TEXT_MAX = 4_000
LIST_MAX = 200
WHOLE_MAX = 10**30
DIGEST = re.compile("[0-9a-f]{64}")
NAME = re.compile("[a-z0-9][a-z0-9-]{0,62}")
Body = Mapping[str, Any]


@dataclass(frozen=True)
class ActField:
    """One field. `kind`: text, date, whole, choice, list (of texts), wholes, digest, flag or table (of `columns`)."""

    name: str
    words: str
    kind: str = "text"
    is_required: bool = True
    choices: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    most: int = TEXT_MAX

    @property
    def form(self) -> str:
        """Return what the field expects, in words."""
        return {
            "text": f"a text of 1 to {self.most} letters",
            "date": "a date as YYYY-MM-DD",
            "whole": "a whole number of zero or more",
            "choice": f"one of {', '.join(self.choices)}",
            "list": f"a list of at most {LIST_MAX} texts",
            "wholes": f"a list of at most {LIST_MAX} whole numbers",
            "digest": "a SHA-256 of 64 hexadecimal digits",
            "flag": "true or false",
            "table": f"a list of tables with {', '.join(self.columns)}",
        }[self.kind]

    def holds(self, value: Any) -> bool:
        """Return whether a value is of this kind and within its bounds."""
        check: Callable[[Any], Any] = {
            "text": lambda v: is_text(v, self.most),
            "date": is_date,
            "whole": is_whole,
            "choice": lambda v: v in self.choices,
            "list": lambda v: is_list(v) and all(is_text(each, self.most) for each in v),
            "wholes": lambda v: is_list(v) and all(is_whole(each) for each in v),
            "digest": lambda v: isinstance(v, str) and bool(DIGEST.fullmatch(v)),
            "flag": lambda v: isinstance(v, bool),
            "table": lambda v: is_list(v) and all(self._is_row(each) for each in v),
        }[self.kind]
        return bool(check(value))

    def _is_row(self, row: Any) -> bool:
        return (
            isinstance(row, dict)
            and tuple(sorted(row)) == tuple(sorted(self.columns))
            and all(isinstance(each, str) and len(each) <= self.most for each in row.values())
        )


def check_fields(where: str, fields: Sequence[ActField], body: Any) -> None:
    """Check that a body has the fields of its act and no other.

    Raises: ActRefusedError, which names the field.
    """
    if not isinstance(body, dict):
        raise ActRefusedError(where, expected="fields", found=type(body).__name__)
    known = {each.name for each in fields}
    if strange := sorted(set(body) - known):
        raise ActRefusedError(where, expected=f"the fields {', '.join(sorted(known))}", found=strange[0][:80])
    for each in fields:
        value = body.get(each.name)
        if value is None or value == "" or value == []:
            if each.is_required:
                raise ActRefusedError(f"{where}, {each.name}", expected=each.form, found="nothing")
        elif not each.holds(value):
            raise ActRefusedError(f"{where}, {each.name}", expected=each.form, found=repr(value)[:80])


def check_name(where: str, name: str) -> None:
    """Check the short name by which a subject is known, which stands in addresses.

    Raises: ActRefusedError.
    """
    if not NAME.fullmatch(name):
        expected = "a name of small letters, digits and hyphens, at most 63"
        raise ActRefusedError(where, expected=expected, found=repr(name)[:80])


def is_text(value: Any, most: int) -> bool:
    """Return whether it is a text that people can read."""
    return isinstance(value, str) and 0 < len(value) <= most and value.replace("\n", " ").isprintable()


def is_whole(value: Any) -> bool:
    """Return whether it is a whole number of zero or more; a flag is none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= WHOLE_MAX


def is_list(value: Any) -> bool:
    """Return whether it is a list within bounds."""
    return isinstance(value, list) and len(value) <= LIST_MAX


def is_date(value: Any) -> bool:
    """Return whether it is a day that is in the calendar."""
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
