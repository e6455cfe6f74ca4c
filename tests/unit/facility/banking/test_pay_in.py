"""What a client is told to pay to: accounts of the client estate as officers signed them, and what matches."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.parameters import load_parameters
from tarazy.facility.accounts.signed_lines import SignedLines
from tarazy.facility.banking.book import PARAMETERS, BankAccount, add_account, add_payer
from tarazy.facility.banking.errors import BankingError
from tarazy.facility.banking.items import items
from tarazy.facility.banking.pay_in import PayIn, PayInAccount, pay_in

from .desk import AIGUL, FINA, OLGA, BankDesk, day, paid
from .messages import ACCOUNT

LINES = SignedLines(lambda: {each.officer_id: each.signer.public_key for each in (FINA, OLGA)}, dict)
DAY = date(2026, 11, 28)


def told(desk: BankDesk, account_id: int) -> PayIn | None:
    """Return what the client of an account is told."""
    return pay_in(desk.folder / "venue", account_id, LINES, load_parameters(PARAMETERS), DAY)


def test_money_with_the_reference_that_was_told_is_the_client_s(desk: BankDesk) -> None:
    found = told(desk, AIGUL.account_id)
    assert found == PayIn(AIGUL.reference, (PayInAccount(ACCOUNT, "KZT", 1),), "15", "371", 30)
    desk.take(day(paid("30.50", f"for {found.reference}"), closing="30.50"))
    assert [each.client for each in items(desk.book)] == [AIGUL.client]


def test_account_without_a_payer_has_no_reference_and_no_book_tells_nothing(desk: BankDesk, tmp_path: Path) -> None:
    found = told(desk, 99)
    assert found is not None
    assert found.reference == ""
    parameters = load_parameters(PARAMETERS)
    assert pay_in(tmp_path / "nowhere", AIGUL.account_id, LINES, parameters, DAY) is None


def test_newest_reference_counts(desk: BankDesk) -> None:
    add_payer(desk.book, OLGA, AIGUL._replace(reference="1234568"))
    found = told(desk, AIGUL.account_id)
    assert found is not None
    assert found.reference == "1234568"


def test_changed_table_changes_nothing_that_is_told(desk: BankDesk) -> None:
    """Somebody with the file and no officer's key puts his own account and reference in."""
    before = told(desk, AIGUL.account_id)
    desk.book.connection.execute("UPDATE bank_accounts SET account = 'KZ1' WHERE account = ?", (ACCOUNT,))
    desk.book.connection.execute("UPDATE payers SET reference = '7777777' WHERE client = ?", (AIGUL.client,))
    assert told(desk, AIGUL.account_id) == before


def test_book_with_a_line_that_no_officer_of_the_record_signed_tells_nothing(desk: BankDesk) -> None:
    thief = FINA._replace(signer=KeySigner.from_seed(b"thief".ljust(32)))
    add_account(desk.book, thief, BankAccount("KZ86125KZT5004100100", "USD", "client", 2, "drop2", "", "", ""))
    with pytest.raises(BankingError, match="the key of officer 3"):
        told(desk, AIGUL.account_id)


def test_line_whose_text_was_changed_is_not_told(desk: BankDesk) -> None:
    desk.book.connection.execute("UPDATE acts SET body = replace(body, ?, 'KZ1')", (ACCOUNT,))
    with pytest.raises(BankingError, match="Its text was changed"):
        told(desk, AIGUL.account_id)
