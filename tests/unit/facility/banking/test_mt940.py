"""MT940: fields as the SWIFT standard has them, and what users of other readers found broken."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarazy.facility.banking.amounts import decimal_text, minor_from
from tarazy.facility.banking.errors import BankFieldError
from tarazy.facility.banking.mt940_fields import booking_from, entry_day, information_from

from .conftest import Read

ACCOUNT = "KZ86125KZT5004100100"


def message(
    *lines: str,
    opening: str = "60F:C261126KZT100,00",
    closing: str = "62F:C261127KZT130,50",
    number: str = "12/1",
    reference: str = "REF1",
    account: str = ACCOUNT,
) -> str:
    """Return a message; `lines` are fields without their first colon."""
    fields = [f"20:{reference}", f"25:{account}", f"28C:{number}", opening, *lines, closing]
    return "".join(f":{each}\r\n" for each in fields if each) + "-\r\n"


def test_message_is_read_exactly(read: Read) -> None:
    text = message("61:2611271127C40,5NTRFNONREF//B1", "86:клиент 1234567", "61:2611271127D10,NCHGFEE//B2")
    (found,) = read(text.encode())
    assert (found.head.account, found.head.sequence, found.head.page) == (ACCOUNT, 12, 1)
    assert [(each.amount_minor, each.servicer_reference) for each in found.entries] == [(4050, "B1"), (-1000, "B2")]
    assert found.entries[0].details[0].remittance == "клиент 1234567"
    assert [each.details[0].end_to_end_id for each in found.entries] == ["", "FEE"]
    assert found.end.is_balanced is True
    assert found.end.faults == ()


@pytest.mark.parametrize(
    ("mark", "minor"), [("C", 20488), ("D", -20488), ("RC", -20488), ("RD", 20488), ("RCR", -20488), ("DT", -20488)]
)
def test_reversed_credit_goes_out_and_reversed_debit_comes_back(mark: str, minor: int) -> None:
    """A published sample with RC ties only so; the letter behind the mark is the third of the currency."""
    assert booking_from([f"0709040904{mark}204,88NRTINONREF"], 2).amount_minor == minor


def test_reversed_credit_ties_with_the_closing_balance(read: Read) -> None:
    """100.00 + 204.88 - 204.88 + 30.50 = 130.50."""
    lines = ("61:2611271127C204,88NTRFA", "61:2611271127RC204,88NRTIA", "61:2611271127C30,50NTRFB")
    (found,) = read(message(*lines).encode())
    assert [each.is_reversal for each in found.entries] == [False, True, False]
    assert found.end.is_balanced is True


def test_missing_entry_date_is_the_value_date(read: Read) -> None:
    (found,) = read(message("61:261127C30,50NTRFNONREF").encode())
    assert (found.entries[0].booked_on, found.entries[0].value_on) == (date(2026, 11, 27), date(2026, 11, 27))


@pytest.mark.parametrize(
    ("value", "entry", "booked"),
    [
        ("261231", "0102", date(2027, 1, 2)),
        ("270102", "1231", date(2026, 12, 31)),
        ("270101", "0101", date(2027, 1, 1)),
        ("280229", "0229", date(2028, 2, 29)),
    ],
)
def test_entry_date_turns_with_the_year(value: str, entry: str, booked: date) -> None:
    assert booking_from([f"{value}{entry}C1,00NTRFX"], 2).entry_on == booked


def test_day_that_no_year_near_has_is_refused() -> None:
    with pytest.raises(BankFieldError, match="MMDD"):
        entry_day(date(2026, 11, 27), "0230")


def test_several_messages_of_several_accounts_stay_apart(read: Read) -> None:
    """A reader of others keeps one set of balances a file; another starts the second message at zero."""
    second = message(
        "61:2611281128D30,50NTRFX",
        opening="60F:C261127KZT130,50",
        closing="62F:C261128KZT100,00",
        number="13/1",
        reference="REF2",
    )
    other = message("61:2611271127C30,50NTRFY", account="KZ221251234567890123")
    found = read((message("61:2611271127C30,50NTRFX") + second + other).encode())
    assert [(each.head.account[-3:], each.end.opening.amount_minor) for each in found] == [  # type: ignore[union-attr]
        ("100", 10000),
        ("100", 13050),
        ("123", 10000),
    ]
    assert all(each.end.is_balanced and not each.end.faults for each in found)


def test_second_account_within_one_message_is_a_statement_of_its_own(read: Read) -> None:
    text = ":20:A\n:25:X1\n:28C:1\n:60F:C261126KZT1,00\n:62F:C261127KZT1,00\n"
    text += ":25:X2\n:28C:1\n:60F:C261126KZT2,00\n:62F:C261127KZT2,00\n"
    assert [each.head.account for each in read(text.encode())] == ["X1", "X2"]


def test_debit_balances_are_negative_once_and_a_later_closing_day_is_kept(read: Read) -> None:
    """Users of another reader lost a :62F: of the next day, and had its debit sign turned twice."""
    text = message("61:2611271127D19,50NTRFX", opening="60F:D261126KZT100,00", closing="62F:D261128KZT119,50")
    (found,) = read(text.encode())
    closing = found.end.closing
    assert closing is not None
    assert (closing.amount_minor, closing.day) == (-11950, date(2026, 11, 28))
    assert found.end.is_balanced is True


def test_pages_are_chained_by_their_interim_balances(read: Read) -> None:
    first = message("61:2611271127C20,00NTRFX", closing="62M:C261127KZT120,00", number="12/1")
    second = message("61:2611271127C10,50NTRFX", opening="60M:C261127KZT120,00", number="12/2")
    found = read((first + second).encode())
    assert [each.end.faults for each in found] == [(), ()]
    broken = second.replace("KZT120,00", "KZT119,00").replace("KZT130,50", "KZT129,50")
    assert [each.code for each in read((first + broken).encode())[1].end.faults] == ["chain"]


@pytest.mark.parametrize(("number", "code"), [("14/1", "sequence"), ("12/1", "duplicate")])
def test_gap_and_repeated_message_are_told(read: Read, number: str, code: str) -> None:
    first = message("61:2611271127C30,50NTRFX")
    second = message("61:2611271127C30,50NTRFX", number=number)
    found = read((first + second).encode())
    assert code in [each.code for each in found[1].end.faults]


def test_missing_closing_balance_is_told(read: Read) -> None:
    (found,) = read(message("61:2611271127C30,50NTRFX", closing="").encode())
    assert found.end.is_balanced is False
    assert [each.code for each in found.end.faults] == ["missing_balance"]


def test_two_equal_bookings_on_one_day_are_two(read: Read) -> None:
    (found,) = read(message("61:2611271127C15,25NTRFX", "61:2611271127C15,25NTRFX").encode())
    assert [each.position for each in found.entries] == [1, 2]
    assert found.end.is_balanced is True


def test_available_balances_and_text_behind_them_change_nothing(read: Read) -> None:
    text = message("61:2611271127C30,50NTRFX", "86:x").removesuffix("-\r\n")
    text += ":64:C261127KZT130,50\r\n:65:C261128KZT140,00\r\n:86:end of the statement\r\nsecond line\r\n-\r\n"
    (found,) = read(text.encode())
    assert [each.code for each in found.end.balances] == ["OPBD", "CLBD", "CLAV", "FWAV"]
    assert (found.entries[0].details[0].remittance, found.end.is_balanced) == ("x", True)


def test_blocks_of_swift_around_messages_are_passed_over(read: Read) -> None:
    start = "{1:F01BANKKZKXAXXX0000000000}{2:O9401200261127BANKKZKXAXXX00000000002611271200N}{3:{108:MUR}}{4:\r\n"
    first = message("61:2611271127C30,50NTRFX").removesuffix("-\r\n")
    second = (
        first.replace("12/1", "13/1")
        .replace("C261126KZT100,00", "C261127KZT130,50")
        .replace("130,50\r\n", "161,00\r\n")
    )
    second = second.replace(":60F:C261127KZT161,00", ":60F:C261127KZT130,50")
    text = start + first + "-}{5:{CHK:123456789ABC}}" + start + second + "-}\r\n"
    found = read(text.encode())
    assert [each.head.statement_id for each in found] == ["12/1", "13/1"]
    assert all(each.end.is_balanced and not each.end.faults for each in found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_encodings_and_line_ends_do_not_matter(read: Read, encoding: str, ending: str) -> None:
    text = message("61:2611271127C30,50NTRFX", "86:Müller").replace("\r\n", ending)
    (found,) = read(text.encode(encoding))
    assert found.entries[0].details[0].remittance == "Müller"


def test_bank_header_before_the_first_tag_is_passed_over(read: Read) -> None:
    (found,) = read(("ABNANL2A\r\n940\r\nABNANL2A\r\n" + message("61:2611271127C30,50NTRFX")).encode())
    assert found.end.is_balanced is True


def test_structured_information_is_taken_apart_over_its_lines() -> None:
    """Words may be cut anywhere by a line's end, also a sub-field's own mark."""
    told = information_from(
        [
            "166?00GUTSCHRIFT?100399?20EREF+E2E-77?21SVWZ+Clie",
            "nt 1234567?2",
            "2 thanks?30CASPKZKA?31KZ221251234567890123?32Akhmetova?33 Aigul",
        ]
    )
    assert (told.code, told.text, told.end_to_end_id) == ("166", "GUTSCHRIFT", "E2E-77")
    assert told.remittance == "Client 1234567 thanks"
    assert (told.name, told.account) == ("Akhmetova Aigul", "KZ221251234567890123")


def test_information_between_slashes_is_taken_apart() -> None:
    told = information_from(["/EREF/E2E-9/IBAN/KZ221251234567890123/NAME/Akhmetova/REMI/1234567", "89/"])
    assert (told.end_to_end_id, told.account, told.name) == ("E2E-9", "KZ221251234567890123", "Akhmetova")
    assert told.remittance == "123456789"


def test_supplement_and_reference_with_a_slash_are_kept() -> None:
    booking = booking_from(["2611271127C1,NTRFPay/12//BANK9", "more of it"], 2)
    assert (booking.reference, booking.servicer_reference, booking.supplement) == ("Pay/12", "BANK9", "more of it")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("61:2613271127C30,50NTRFX", "YYMMDD"),
        ("61:2611271127X30,50NTRFX", "C, D, RC or RD"),
        ("61:2611271127C30.50NTRFX", "one comma"),
        ("61:2611271127C30,505NTRFX", "at most 2 decimals"),
        ("61:nonsense", "YYMMDD"),
    ],
)
def test_booking_that_cannot_be_read_names_its_line(read: Read, line: str, says: str) -> None:
    (found,) = read(message(line, "61:2611271127C30,50NTRFX").encode())
    (fault,) = found.end.faults
    assert says in fault.text()
    assert (fault.line, fault.entry) == (5, 1)
    assert found.end.is_balanced is False
    assert [each.position for each in found.entries] == [2]


@given(st.integers(0, 10**17), st.sampled_from([0, 2, 3]), st.sampled_from([".", ","]))
def test_amounts_come_back_from_text(amount_minor: int, scale: int, point: str) -> None:
    assert minor_from(decimal_text(amount_minor, scale).replace(".", point), scale, point) == amount_minor


@given(st.lists(st.tuples(st.sampled_from(["C", "D", "RC", "RD"]), st.integers(0, 10**12)), max_size=8))
def test_any_bookings_tie_by_plain_addition(bookings: list[tuple[str, int]]) -> None:
    signs = {"C": 1, "D": -1, "RC": -1, "RD": 1}
    for mark, minor in bookings:
        text = f"2611271127{mark}{minor // 100},{minor % 100:02d}NTRFX"
        assert booking_from([text], 2).amount_minor == signs[mark] * minor
