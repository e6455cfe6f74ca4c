"""A refusal: the value a handler gives back when a command may not be done. It changes nothing."""

from __future__ import annotations

from tarazy.domain.arithmetic import saturate_u128
from tarazy.domain.records import ZERO32
from tarazy.domain.reject_codes import RejectCode


class Refusal(Exception):
    """Why a command was refused: the code, what its check expected and what it found (unsigned 128-bit)."""

    def __init__(self, code: RejectCode, expected: int = 0, found: int = 0) -> None:
        super().__init__(code, expected, found)
        self.code = code
        self.expected = saturate_u128(expected)
        self.found = saturate_u128(found)


def unknown(code: RejectCode, number: int) -> Refusal:
    """Return the refusal of a number that nothing has; a missing number says that one is needed."""
    return Refusal(code, 0 if number else 1, number)


def beyond(code: RejectCode, count: int, number: int) -> Refusal:
    """Return the refusal of a number that is not among 1 to `count`."""
    return Refusal(code, count if number else 1, number)


def require_hash(value: bytes, code: RejectCode) -> None:
    """Refuse an act whose document hash is all zeros."""
    if value == ZERO32:
        raise Refusal(code, 1, 0)
