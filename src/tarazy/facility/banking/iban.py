"""IBANs, checked by the registry that schwifty carries: length and form of each country, check digits."""

from __future__ import annotations

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from tarazy.facility.banking.errors import BankFieldError

LENGTH_MAX = 42  # 34 and the spaces of the printed form


def checked_iban(text: str) -> str:
    """Return an IBAN in its electronic form. Raises: BankFieldError for a text that is none."""
    if len(text) > LENGTH_MAX:
        raise BankFieldError("IBAN", expected="at most 34 characters", found=f"{len(text)}")
    try:
        return str(IBAN(text))
    except SchwiftyException as error:
        raise BankFieldError("IBAN", expected="a sound one", found=f"{text!r}: {error}") from None


def bank_of(text: str) -> str:
    """Return which bank a sound IBAN is of: its country and the bank's code in it."""
    found = IBAN(text)
    return f"{found.country_code}{found.bank_code or ''}"


def is_iban(text: str) -> bool:
    """Say whether a text is a sound IBAN."""
    try:
        checked_iban(text)
    except BankFieldError:
        return False
    return True
