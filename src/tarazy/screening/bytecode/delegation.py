"""From which slots a contract takes what it delegates to, as its code says."""

from __future__ import annotations

from functools import lru_cache

from tarazy.screening.bytecode.facts import analyse
from tarazy.screening.bytecode.locations import field_of
from tarazy.screening.bytecode.term import Term


@lru_cache(256)
def target_slots(code: bytes) -> tuple[int, ...]:
    """Return the slots from which the code takes what it delegates to, as the static reading sees it."""
    try:
        calls = analyse(code).calls
    except Exception:  # a reader of hostile code may fail in its own ways; the known places are still looked at
        return ()
    found: dict[int, None] = {}
    for _, _, call in calls:
        if call.kind == "DELEGATECALL" and type(call.target) is Term:
            field = field_of(call.target)
            if field is not None and field.root is not None and field.depth == 0 and field.low == 0:
                found[field.root] = None
    return tuple(found)
