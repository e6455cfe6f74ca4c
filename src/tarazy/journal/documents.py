"""Small JSON documents that are signed: parsed strictly, so that one text has one meaning and costs bounded work."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def parse_document(text: bytes) -> dict[str, Any]:
    """Return the object in a JSON text.

    Rejects: with ValueError a name given twice, `NaN`, `Infinity`, fractions, nesting without end, and no object.
    """
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_no_number, parse_int=_integer
        )
    except RecursionError as error:
        raise ValueError("the document is nested too deeply") from error
    if not isinstance(document, dict):
        raise ValueError("expected an object")
    return document


def canonical(document: dict[str, Any]) -> bytes:
    """Return the one text of a document that is signed: sorted names, no spaces, ASCII."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def shown(document: dict[str, Any]) -> bytes:
    """Return a document for a file that people read."""
    return (json.dumps(document, indent=2) + "\n").encode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a name given twice would let two readers see two values."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"expected an integer, found {word[:40]}")


def _integer(word: str) -> int:
    if len(word) > 20:
        raise ValueError(f"expected an integer of at most 20 digits, found {len(word)}")
    return int(word)
