"""JSON as drafts and lists of commands use it: UTF-8, whole numbers, every field once, and errors without riddles."""

from __future__ import annotations

import json

from tarazy.facility.officers.errors import DraftError, shown

NUMBER_DIGITS_MAX = 40


def load_json(text: bytes) -> object:
    """Return what JSON in UTF-8 says, where no field stands twice and every number is whole.

    Raises: DraftError; ValueError with the place for what is no JSON.
    """
    try:
        return json.loads(
            text.decode(),
            object_pairs_hook=_no_pair_twice,
            parse_int=_whole,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except UnicodeDecodeError as error:
        raise ValueError(f"a byte {text[error.start]:#04x} at {error.start} that is no UTF-8") from None
    except RecursionError:
        raise ValueError("lists in lists without end") from None


def _no_pair_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a field that is given twice: readers differ on which one counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DraftError("draft", expected="every field once", found=f"{twice!r} twice")
    return found


def _whole(text: str) -> int:
    """Refuse a number that is longer than any of the record."""
    if len(text) > NUMBER_DIGITS_MAX:
        raise DraftError("draft", expected=f"numbers of at most {NUMBER_DIGITS_MAX} digits", found=f"{len(text)}")
    return int(text)


def _no_float(text: str) -> object:
    """Refuse fractions: every number of the record is whole."""
    raise DraftError("draft", expected="whole numbers", found=shown(text))
