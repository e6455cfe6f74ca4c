"""The book of quotes: a request is traded once, whatever two attempts at one acceptance report, in whichever order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.facility.block_desk.quotes import OF_REQUEST_MAX, QuoteBook, QuoteState, Sent

NOW_MS, UNTIL_MS = 1_000, 61_000


@pytest.fixture
def book(tmp_path: Path) -> Iterator[QuoteBook]:
    """Return a book with one request of account 1 and one quote of account 2, accepted."""
    found = QuoteBook(tmp_path)
    found.add_request(Sent(1, "ask", "", ""), 1, 1, 20, NOW_MS, UNTIL_MS)
    found.add_quote(Sent(2, "bid", "", ""), 1, 101, NOW_MS, UNTIL_MS)
    assert found.accept(1, 1, "aa", "{}")
    yield found
    found.close()


def states(book: QuoteBook) -> tuple[str, str]:
    """Return the states of request and quote."""
    request, quote = book.request(1), book.quote(1)
    assert request is not None
    assert quote is not None
    return request.state, quote.state


def test_refusal_of_a_second_attempt_opens_nothing_that_traded(book: QuoteBook) -> None:
    book.settle(1, 1, 10, None)
    book.settle(1, 1, None, "evidence_used")
    assert states(book) == (QuoteState.traded, QuoteState.traded)
    acceptance = book.acceptance(1)
    assert acceptance is not None
    assert (acceptance.seq, acceptance.refusal) == (10, None)


def test_trade_counts_also_where_an_attempt_before_it_was_refused(book: QuoteBook) -> None:
    book.settle(1, 1, None, "insufficient_balance")
    assert states(book) == (QuoteState.open, QuoteState.canceled)
    book.settle(1, 1, 11, None)
    assert states(book) == (QuoteState.traded, QuoteState.traded)


def test_one_acceptance_of_a_request_is_under_way_at_a_time(book: QuoteBook) -> None:
    with book.alone(1) as first, book.alone(1) as second, book.alone(2) as other:
        assert (first, second, other) == (True, False, True)
    with book.alone(1) as again:
        assert again


def test_account_gives_so_many_quotes_for_a_request_and_others_may_go_on(book: QuoteBook) -> None:
    for n in range(OF_REQUEST_MAX):
        number = book.add_quote(Sent(3, f"q{n}", "", ""), 1, 101, NOW_MS, UNTIL_MS).number
        assert book.cancel("quotes", number)
    with pytest.raises(ValueError, match="of an account for one request"):
        book.add_quote(Sent(3, "more", "", ""), 1, 101, NOW_MS, UNTIL_MS)
    assert book.add_quote(Sent(3, "q0", "", ""), 1, 101, NOW_MS, UNTIL_MS).client_id == "q0"  # a retry
    assert book.add_quote(Sent(4, "q0", "", ""), 1, 101, NOW_MS, UNTIL_MS).account_id == 4
