"""Fields of MT940: balances, the line of a booking (:61:), and what is told of it (:86:).

Source: the SWIFT standard of category 9 for the fields; the sub-fields ?00 to ?63 of :86: are those of the German
specification of accounts by file, the words between slashes those of SWIFT and of Dutch banks.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from tarazy.facility.banking.amounts import minor_from, scale_of
from tarazy.facility.banking.errors import BankFieldError
from tarazy.facility.banking.statements import NOBODY, BankBalance, EntryDetail, EntryParty

BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d+(?:,\d*)?)$")
BALANCE_CODES = {"60F": "OPBD", "60M": "OPBD", "62F": "CLBD", "62M": "CLBD", "64": "CLAV", "65": "FWAV"}
BOOKING = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?(?P<amount>\d+(?:,\d*)?)(?P<rest>.*)$"
)
KIND = re.compile(r"(?P<kind>[A-Z][A-Z0-9]{3})(?P<reference>.*)$")
# A credit that is reversed goes out, a debit that is reversed comes back.
MARKS = {"C": 1, "D": -1, "RC": -1, "RD": 1, "EC": 1, "ED": -1}
SUBFIELDS = re.compile(r"(\d{3})([^\w\s])(?=\d\d)")
PLUS_WORDS = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC)\+")
NO_REFERENCE = ("NONREF", "KREF+")  # nothing, or what stands in :86:
CENTURY_TURN = 80  # years from 80 on are of the last century


class Booking(NamedTuple):
    """What a :61: says. `entry_on` is the value day where the field has no entry date."""

    value_on: date
    entry_on: date
    amount_minor: int
    is_reversal: bool
    is_expected: bool
    kind: str
    reference: str
    servicer_reference: str
    supplement: str


class Information(NamedTuple):
    """What a :86: says, as far as it has a structure that is known."""

    code: str
    text: str
    remittance: str
    name: str
    account: str
    end_to_end_id: str
    actual_name: str


def balance_from(tag: str, text: str, line: int) -> BankBalance:
    """Return a balance; a debit one is negative, once. Raises: BankFieldError."""
    found = BALANCE.match(text.strip())
    if found is None:
        raise BankFieldError(f":{tag}:", expected="C or D, YYMMDD, currency, amount", found=repr(text[:60]))
    mark, day, currency, amount = found.groups()
    minor = minor_from(amount, scale_of(currency), ",")
    signed = minor if mark == "C" else -minor
    return BankBalance(BALANCE_CODES[tag], signed, currency, day_from_six(day), tag.endswith("M"), line)


def day_from_six(text: str) -> date:
    """Return the day of YYMMDD. Raises: BankFieldError."""
    year = int(text[:2])
    try:
        return date(year + (1900 if year >= CENTURY_TURN else 2000), int(text[2:4]), int(text[4:]))
    except ValueError:
        raise BankFieldError("date", expected="a day as YYMMDD", found=repr(text)) from None


def entry_day(value_on: date, text: str) -> date:
    """Return the day of MMDD in the year that brings it nearest to the value day, also over a turn of the year.

    Raises: BankFieldError.
    """
    month, day = int(text[:2]), int(text[2:])
    found = []
    for year in (value_on.year - 1, value_on.year, value_on.year + 1):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    if not found:
        raise BankFieldError(":61:", expected="an entry date as MMDD", found=repr(text))
    return min(found, key=lambda each: abs((each - value_on).days))


def booking_from(lines: list[str], scale: int) -> Booking:
    """Return what a :61: says; its second line is the bank's supplement. Raises: BankFieldError."""
    found = BOOKING.match(lines[0].strip())
    if found is None:
        expected = "YYMMDD, MMDD or none, C, D, RC or RD, amount with a comma"
        raise BankFieldError(":61:", expected=expected, found=repr(lines[0][:80]))
    value_on = day_from_six(found["value"])
    entry_on = entry_day(value_on, found["entry"]) if found["entry"] else value_on
    minor = minor_from(found["amount"], scale, ",")
    typed = KIND.match(found["rest"])
    kind, references = (typed["kind"], typed["reference"]) if typed else ("", found["rest"])
    if found["rest"][:1] in (".", ",", "-"):
        raise BankFieldError(":61:", expected="an amount with one comma", found=repr(lines[0][:80]))
    own, _, servicer = references.partition("//")
    mark = found["mark"]
    supplement = " ".join(line.strip() for line in lines[1:])
    signed, reversal = MARKS[mark] * minor, mark[0] == "R"
    return Booking(
        value_on, entry_on, signed, reversal, mark[0] == "E", kind, own.strip(), servicer.strip(), supplement
    )


def information_from(lines: list[str]) -> Information:
    """Return what a :86: says; text without a known structure is all remittance."""
    whole = "".join(lines)
    marked = SUBFIELDS.match(whole)
    if marked:
        return from_subfields(marked.group(1), subfields(whole[3:], marked.group(2)))
    words = slash_words(whole)
    if words:
        remittance = words.get("REMI", "").removeprefix("USTD//") or words.get("SVWZ", "")
        name, account = words.get("NAME", ""), words.get("IBAN", "")
        return Information("", "", remittance or whole, name, account, words.get("EREF", ""), "")
    return Information("", "", " ".join(line.strip() for line in lines), "", "", "", "")


def subfields(text: str, mark: str) -> dict[str, str]:
    """Return the text behind each two-digit code; a code that comes again goes on with the first one's."""
    found: dict[str, str] = {}
    for part in text.split(mark)[1:]:
        if part[:2].isdigit() and len(part) >= 2:
            last = part[:2]
            found[last] = found.get(last, "") + part[2:]
        elif found:
            found[last] += mark + part  # the mark stood in the text
    return found


def from_subfields(code: str, found: dict[str, str]) -> Information:
    """Return what two-digit codes say: 20 to 29 and 60 to 63 remittance, 31 account, 32 and 33 name."""
    numbers = [*range(20, 30), *range(60, 64)]
    remittance = "".join(found.get(str(number), "") for number in numbers)
    words = plus_words(remittance)
    name = found.get("32", "") + found.get("33", "")
    account = found.get("31", "") or words.get("IBAN", "")
    text = words.get("SVWZ", "") or remittance
    actual = words.get("ABWA", "") or words.get("ABWE", "")
    return Information(code, found.get("00", ""), text, name, account, words.get("EREF", ""), actual)


def plus_words(text: str) -> dict[str, str]:
    """Return the text behind each word such as EREF+."""
    parts = PLUS_WORDS.split(text)
    return {word: value.strip() for word, value in zip(parts[1::2], parts[2::2], strict=True)}


def slash_words(text: str) -> dict[str, str]:
    """Return the text behind each word such as /EREF/, where the field begins with one."""
    if not re.match(r"/[A-Z]{3,4}/", text):
        return {}
    parts = re.split(r"/([A-Z]{3,4})/", text)
    return {word: value.strip("/ ") for word, value in zip(parts[1::2], parts[2::2], strict=True)}


def detail_from(booking: Booking, told: Information, currency: str) -> EntryDetail:
    """Return the one transaction that a booking and its information make."""
    other = EntryParty(told.name, told.account) if told.name or told.account else NOBODY
    actual = EntryParty(told.actual_name) if told.actual_name else NOBODY
    incoming = (booking.amount_minor >= 0) != booking.is_reversal
    parties = (other, NOBODY, actual, NOBODY) if incoming else (NOBODY, other, NOBODY, actual)
    end_to_end = told.end_to_end_id or ("" if booking.reference in NO_REFERENCE else booking.reference)
    references = (end_to_end, "", "", "", booking.servicer_reference)
    return EntryDetail(booking.amount_minor, currency, *references, *parties, "", told.remittance, "", ())
