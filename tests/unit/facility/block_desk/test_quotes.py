"""The book of quotes: a request is traded once, whatever two attempts at one acceptance report, in whichever order.

What has ended goes after the times that docs/concepts/block-trades.md states, and no number is given twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tarazy.facility.block_desk import quotes as module
from tarazy.facility.block_desk.quotes import FILE_NAME, OF_REQUEST_MAX, QuoteBook, QuoteState, Sent

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


DAY_MS = 86_400_000


def ask(book: QuoteBook, name: str, account_id: int = 1, now_ms: int = NOW_MS) -> int:
    """Ask for a quote for a minute; return the request's number."""
    return book.add_request(Sent(account_id, name, "", ""), 1, 1, 20, now_ms, now_ms + 60_000).number


def test_what_did_not_trade_goes_a_day_after_its_end_and_what_traded_after_400_days(book: QuoteBook) -> None:
    book.settle(1, 1, 10, None)
    ended, withdrawn = ask(book, "ended"), ask(book, "withdrawn")
    book.cancel("requests", withdrawn)
    quote = book.add_quote(Sent(2, "late", "", ""), ended, 101, NOW_MS, UNTIL_MS).number
    newest = ask(book, "newest", now_ms=NOW_MS + 30 * DAY_MS)
    book.add_quote(Sent(2, "newest", "", ""), newest, 101, NOW_MS + 30 * DAY_MS, UNTIL_MS + 30 * DAY_MS)
    assert book.sweep(UNTIL_MS + DAY_MS) == 0
    assert book.sweep(UNTIL_MS + DAY_MS + 1) == 2
    assert (book.request(ended), book.request(withdrawn), book.quote(quote)) == (None, None, None)
    assert book.acceptance(1) is not None
    assert book.sweep(UNTIL_MS + 400 * DAY_MS + 1) == 1
    assert (book.request(1), book.acceptance(1)) == (None, None)


def test_number_of_what_went_is_not_given_again(book: QuoteBook) -> None:
    first = ask(book, "first")
    assert book.sweep(NOW_MS + 500 * DAY_MS) == 0  # the newest request, and that of the newest quote, stay
    second = ask(book, "second", now_ms=NOW_MS + 500 * DAY_MS)
    assert second == first + 1
    assert book.add_quote(Sent(2, "next", "", ""), second, 101, NOW_MS, UNTIL_MS + 500 * DAY_MS).number == 2
    assert book.sweep(NOW_MS + 500 * DAY_MS) == 2
    assert ask(book, "third", now_ms=NOW_MS + 500 * DAY_MS) == second + 1


def test_account_that_asks_and_withdraws_without_end_leaves_so_many_rows(
    book: QuoteBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_MAX", 20)
    monkeypatch.setattr(module, "SURPLUS_MAX", 5)
    book.settle(1, 1, 10, None)
    other = ask(book, "other", account_id=3)
    open_one = ask(book, "open")
    for n in range(60):
        assert book.cancel("requests", ask(book, f"n{n}"))
    kept = [each for each in book.requests(1, NOW_MS, 1_000) if each.account_id == 1]
    assert len(kept) <= 25 + 2
    assert {1, open_one} <= {each.number for each in kept}  # what traded and what is open stay
    assert book.request(other) is not None


def test_table_of_an_earlier_version_is_taken_over(tmp_path: Path) -> None:
    """Rows without the units of their market are there, and bind nobody: the gateway compares the units."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as old:
        old.executescript(f"{module.MIGRATIONS[0]} PRAGMA user_version = 1;")
        old.execute("INSERT INTO requests VALUES (7, 1, 'old', 1, 1, '20', 0, 9, 'open', 'aa', 'k')")
        old.commit()
    with closing(QuoteBook(tmp_path)) as found:
        request = found.request(7)
    assert request is not None
    assert (request.lots, request.key_number, request.signed, request.units) == (20, 0, b"", "")
