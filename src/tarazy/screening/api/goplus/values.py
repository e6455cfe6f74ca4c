"""How single values are written: three-valued by absence, fractions and amounts as decimal text, never as floats."""

from __future__ import annotations

from typing import Any

from tarazy.screening.identity.known_tokens import known_tokens
from tarazy.screening.model import Answer, Report, answer_of

FLAGS = {Answer.YES: "1", Answer.NO: "0"}
NUMBERS = {Answer.YES: 1, Answer.NO: 0, Answer.UNKNOWN: -1}
PPM = 1_000_000
# Addresses that nobody holds a key of, as far as is known: what belongs to them is burnt.
BLACK_HOLES = frozenset(
    {
        "0x0000000000000000000000000000000000000000",
        "0x0000000000000000000000000000000000000001",
        "0x000000000000000000000000000000000000dead",
        "0xdead000000000000000042069420694206942069",
        "0xffffffffffffffffffffffffffffffffffffffff",
    }
)


def flag(report: Report, capability: str) -> str | None:
    """Return "1" or "0", None for unknown: its key is left out."""
    return FLAGS.get(answer_of(report, capability))


def number_flag(report: Report, capability: str) -> int:
    """Return 1, 0, or -1 for unknown."""
    return NUMBERS[answer_of(report, capability)]


def boolean_flag(value: bool | None) -> str | None:
    """Return "1" or "0", None for unknown."""
    return None if value is None else str(int(value))


def fraction(ppm: int | None) -> str | None:
    """Return parts per million as a fraction of one: 50,000 is "0.05". Rounds nothing."""
    if ppm is None:
        return None
    whole, rest = divmod(ppm, PPM)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def amount(minor: int | None, decimals: int | None) -> str | None:
    """Return minor units as a decimal number of whole tokens, exactly; None where either is unknown."""
    if minor is None or decimals is None:
        return None
    whole, rest = divmod(minor, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}".rstrip("0").rstrip(".") if decimals else str(whole)


def share(part: int | None, total: int | None) -> str | None:
    """Return part / total as a fraction with six decimals, rounded down; None where it is unknown."""
    if part is None or not total:
        return None
    return fraction(part * PPM // total)


def known(pairs: dict[str, Any]) -> dict[str, Any]:
    """Return the pairs whose value is known."""
    return {key: value for key, value in pairs.items() if value is not None}


def is_listed(report: Report) -> bool:
    """Say whether the address is that of a known token; any other may be reputable too."""
    if report.chain_id is None or report.address is None:
        return False
    return known_tokens().at(report.chain_id, report.address) is not None
