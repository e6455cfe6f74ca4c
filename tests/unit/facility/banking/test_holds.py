"""Statements that are held whole: a broken chain, a missing number, sums that do not tie; released by two, or refused.

Oracles: sums by hand; ISO 20022 camt.053: a statement opens with what the one before closed with, and the electronic
sequence number goes up by one. A forged statement credits nobody until a second officer has given a reason.
"""

from __future__ import annotations

import pytest

from tarazy.domain.records import CustodyLocation
from tarazy.facility.accounts.trail import Actor, verify_trail
from tarazy.facility.banking.errors import BankActRefusedError
from tarazy.facility.banking.holds import holds, refuse_hold, release_hold
from tarazy.facility.banking.items import allocate, commands, items
from tarazy.facility.banking.kept import kept_statements
from tarazy.facility.banking.payouts import payouts
from tarazy.facility.banking.sending import note_booked
from tarazy.facility.reconciliation.bank_legs import bank_balances, bank_legs
from tarazy.facility.reconciliation.inputs import ReconciledSide
from tarazy.facility.reconciliation.legs import LedgerEvidence, add_legs
from tarazy.facility.reconciliation.matching import ItemState, MatchingTerms, match_entries
from tarazy.spec.state import State

from .desk import AIGUL, FINA, GANI, OLGA, BankDesk, day, paid
from .messages import ACCOUNT, balance, camt, statement
from .test_payouts import debit, sent

CLIENT_PAYS = "1234567"


def numbered(sequence: int, *entries: str, opening: str, closing: str, on: str) -> bytes:
    """Return a statement with an electronic sequence number."""
    edges = (balance("OPBD", opening, day=on), balance("CLBD", closing, day=on))
    text = camt(statement(*entries, balances=edges, number=f"S{sequence}", account=ACCOUNT)).decode()
    number = f"<Id>S{sequence}</Id>"
    return text.replace(number, f"{number}<ElctrncSeqNb>{sequence}</ElctrncSeqNb>").encode()


def forged(closing: str = "1000500.00") -> bytes:
    """Return a statement that brings a client a million, and does not open where the one before closed."""
    return day(paid("1000000.00", CLIENT_PAYS, reference="F1"), opening="500.00", closing=closing, number="S2")


def first(desk: BankDesk) -> None:
    """Take the first statement: a client pays 100.00."""
    desk.take(day(paid("100.00", CLIENT_PAYS), closing="100.00", on="2026-11-26"))
    assert [each["amount_minor"] for each in commands(desk.book)] == [10_000]


def credited(desk: BankDesk) -> list[object]:
    """Return the amounts that would be credited now."""
    return [each["amount_minor"] for each in commands(desk.book)]


def test_statement_that_does_not_open_where_the_one_before_closed_credits_nothing(desk: BankDesk) -> None:
    first(desk)
    assert desk.take(forged()).held == 1
    (hold,) = holds(desk.book)
    assert (hold.state, hold.reason) == ("held", "S1 closed with 100.00, S2 opens with 500.00")
    assert credited(desk) == [10_000]
    desk.reopen()
    assert credited(desk) == [10_000]
    assert [each.hold for each in kept_statements(desk.book)] == ["", "chain"]


def test_missing_number_holds_what_is_behind_it_until_the_missing_statement_comes(desk: BankDesk) -> None:
    """Numbers 1 and 3 with the same balance between them: number 2 is missing, and may hold a debit and a credit."""
    one = paid("10.00", CLIENT_PAYS, reference="B1")
    three = paid("5.00", CLIENT_PAYS, reference="B3")
    assert desk.take(numbered(1, one, opening="0", closing="10.00", on="2026-11-25")).held == 0
    assert desk.take(numbered(3, three, opening="10.00", closing="15.00", on="2026-11-27")).held == 1
    assert holds(desk.book)[0].reason == "expected number 2 after 1, found 3"
    assert credited(desk) == [1000]
    assert desk.take(numbered(2, opening="10.00", closing="10.00", on="2026-11-26")).held == 0
    assert [each.state for each in holds(desk.book)] == ["followed"]
    assert credited(desk) == [1000, 500]


def test_statement_whose_entries_are_not_the_difference_of_its_balances_is_held_with_its_file(desk: BankDesk) -> None:
    first(desk)
    bad = day(paid("9.00", CLIENT_PAYS, reference="B9"), opening="100.00", closing="1000.00", number="S2")
    good = day(paid("1.00", CLIENT_PAYS, reference="B7"), opening="1000.00", closing="1001.00", number="S3").decode()
    more = good[good.index("<Stmt>") : good.index("</Document>")]
    assert desk.take(bad.replace(b"</BkToCstmrStmt>", more.encode())).held == 2
    assert "100.00 + 9.00 = 109.00" in holds(desk.book)[0].reason
    assert credited(desk) == [10_000]
    desk.take(day(opening="1001.00", closing="1001.00", number="S4", on="2026-11-28"))
    assert credited(desk) == [10_000], "what follows a held statement proves nothing of it"


def test_second_officer_releases_with_a_reason_and_the_first_cannot(desk: BankDesk) -> None:
    first(desk)
    desk.take(forged())
    with pytest.raises(BankActRefusedError, match="a reason"):
        release_hold(desk.book, FINA, 1, " ")
    with pytest.raises(BankActRefusedError, match="role"):
        release_hold(desk.book, OLGA, 1, "the bank says so")
    assert release_hold(desk.book, FINA, 1, "the bank's letter of 28 November").state == "asked"
    assert credited(desk) == [10_000]
    for same in (FINA, Actor(9, FINA.roles, FINA.signer), Actor(FINA.officer_id, GANI.roles, GANI.signer)):
        with pytest.raises(BankActRefusedError, match="another officer"):
            release_hold(desk.book, same, 1, "again")
    found = release_hold(desk.book, GANI, 1, "called the bank, it moved the balance by hand")
    assert (found.state, found.asked_by, found.decided_by) == ("released", 3, 4)
    assert credited(desk) == [10_000, 100_000_000]
    with pytest.raises(BankActRefusedError, match="one that is open"):
        release_hold(desk.book, FINA, 1, "again")
    keys = {actor.officer_id: actor.signer.public_key for actor in (FINA, GANI, OLGA)}
    assert verify_trail(desk.book.connection, keys)


def test_refused_statement_leaves_its_place_to_the_right_one(desk: BankDesk) -> None:
    first(desk)
    desk.take(forged())
    right = day(paid("7.00", CLIENT_PAYS, reference="B2"), opening="100.00", closing="107.00", number="S2")
    with pytest.raises(BankActRefusedError, match="another content"):
        desk.take(right)
    refuse_hold(desk.book, FINA, 1, "the bank did not write it")
    assert desk.take(right).held == 0
    assert credited(desk) == [10_000, 700]
    assert [(each.state, each.decided_by) for each in holds(desk.book)] == [("refused", 3)]


def test_statement_that_breaks_the_chain_behind_it_is_held_and_not_those_that_were_there(desk: BankDesk) -> None:
    desk.take(day(paid("5.00", CLIENT_PAYS, reference="B3"), opening="30.00", closing="35.00", on="2026-11-27"))
    late = day(paid("10.00", CLIENT_PAYS), opening="0", closing="10.00", number="S0", on="2026-11-25")
    assert desk.take(late).held == 1
    assert credited(desk) == [500]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_statements_that_belong_together_are_believed_in_whatever_order_they_come(
    desk: BankDesk, order: tuple[int, ...]
) -> None:
    files = {
        number: numbered(
            number,
            paid("10.00", CLIENT_PAYS, reference=f"B{number}"),
            opening=f"{10 * (number - 1)}.00",
            closing=f"{10 * number}.00",
            on=f"2026-11-2{number + 3}",
        )
        for number in (1, 2, 3)
    }
    for number in order:
        desk.take(files[number])
    assert [each.hold for each in kept_statements(desk.book)] == ["", "", ""]
    assert credited(desk) == [1000, 1000, 1000]


def test_new_year_and_pages_of_one_number_are_no_gaps(desk: BankDesk) -> None:
    desk.take(numbered(250, opening="0", closing="0", on="2026-12-31"))
    assert desk.take(numbered(1, opening="0", closing="0", on="2027-01-04")).held == 0


def test_officer_gives_nobody_an_item_of_a_held_statement(desk: BankDesk) -> None:
    first(desk)
    desk.take(day(paid("9.00", "x", name="?", iban="", reference="B2"), opening="1.00", closing="10.00", number="S2"))
    with pytest.raises(BankActRefusedError, match="a statement that is believed"):
        allocate(desk.book, OLGA, items(desk.book)[-1].item, AIGUL.client, "letter")


def test_payout_is_not_booked_by_a_held_statement(desk: BankDesk) -> None:
    first(desk)
    sent(desk, 7)
    desk.take(day(debit("W7-1", "1500.00"), opening="5000.00", closing="3500.00", number="S2"))
    assert note_booked(desk.book) == (0, [])
    for officer in (FINA, GANI):
        release_hold(desk.book, officer, 1, "the bank's letter")
    assert note_booked(desk.book) == (1, [])
    assert payouts(desk.book)[0].state == "booked"


def test_reconciliation_has_a_held_statement_as_breaks_and_not_as_the_banks_word(desk: BankDesk) -> None:
    first(desk)
    desk.take(forged())
    book, outside = ReconciledSide({}, []), ReconciledSide({}, [])
    awaited = add_legs(book, outside, bank_legs(desk.book, LedgerEvidence(State())), ())
    found = match_entries(book.entries, outside.entries, MatchingTerms(0, expected=awaited))
    assert [(each.outside_minor, each.state) for each in found] == [
        (10_000, ItemState.timing),
        (100_000_000, ItemState.break_),
    ]
    (bank,) = bank_balances(desk.book).items()
    assert (bank[0].location, bank[1].amount_minor) == (int(CustodyLocation.bank), 10_000)
