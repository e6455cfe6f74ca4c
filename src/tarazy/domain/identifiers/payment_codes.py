"""Codes of a payment in Kazakhstan: KNP, the purpose, and KOd and KBe, who sends and who receives.

KNP has three digits. KOd (sender) and KBe (beneficiary) have two: residency, 1 resident or 2 not, and the sector of the
economy, 1 to 9. Source: the rules on codes of payments, resolution 203 of the National Bank of 31 August 2016. Which
KNP are in force is a list of the National Bank that changes; it is a parameter of the room that pays, not of this file.
"""

from __future__ import annotations

RESIDENT, NON_RESIDENT = "1", "2"
SECTORS = "123456789"
HOUSEHOLD = "9"
KNP_LENGTH = 3


def is_purpose_code(text: str) -> bool:
    """Say whether a text has the form of a KNP."""
    return len(text) == KNP_LENGTH and text.isascii() and text.isdigit()


def is_sector_code(text: str) -> bool:
    """Say whether a text has the form of a KOd or a KBe."""
    return len(text) == 2 and text[0] in (RESIDENT, NON_RESIDENT) and text[1] in SECTORS


def sector_code(*, is_resident: bool, sector: str) -> str:
    """Return the KOd or KBe of a sender or beneficiary.

    Raises: ValueError for a sector that is none.
    """
    code = (RESIDENT if is_resident else NON_RESIDENT) + sector
    if not is_sector_code(code):
        raise ValueError(f"expected a sector from 1 to 9, found {sector!r}")
    return code
