"""Requests for a quote and the quotes for them, until two clients agree: a table of its own beside the clients' keys.

Who asks stays unnamed to those who quote, and the other way round, until they have traded. What a client sent carries
a number of its own: the same one again finds what is there. An acceptance is stored with its consent document before
the trade is ordered, so that after a crash the same acceptance is ordered again, and the engine takes a consent once.
What has ended is not kept for ever (`sweep`): a number is never given twice, and what traded is kept with the record.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from tarazy.platform.storage.sql import open_database, transaction

FILE_NAME = "quotes.sqlite"
OPEN_MAX = 50  # requests, and quotes, that an account may have open
OF_REQUEST_MAX = 20  # quotes of an account for one request, canceled ones too: all of them are in its consent
QUOTES_MAX = 500  # quotes of all for one request: a consent names them, and is kept as one document
KEPT_MAX = 1_000  # requests of an account that did not trade; the oldest that have ended go
SURPLUS_MAX = 100  # so many more may lie there, so that not each new one sweeps
KEPT_ENDED_MS = 86_400_000  # what did not trade, behind its end: so long a retry finds it
KEPT_TRADED_MS = 400 * 86_400_000  # what traded: so long its parties find the consent here
MIGRATIONS = (
    """
CREATE TABLE requests (
    number INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, client_id TEXT NOT NULL, market_id INTEGER NOT NULL,
    side INTEGER NOT NULL, lots TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
    state TEXT NOT NULL, digest TEXT NOT NULL, key_id TEXT NOT NULL, UNIQUE (account_id, client_id)
) STRICT;
CREATE TABLE quotes (
    number INTEGER PRIMARY KEY, request INTEGER NOT NULL REFERENCES requests (number), account_id INTEGER NOT NULL,
    client_id TEXT NOT NULL, ticks TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
    state TEXT NOT NULL, digest TEXT NOT NULL, key_id TEXT NOT NULL, UNIQUE (account_id, client_id)
) STRICT;
CREATE INDEX quotes_by_request ON quotes (request);
CREATE TABLE acceptances (
    quote INTEGER PRIMARY KEY REFERENCES quotes (number), consent_hash TEXT NOT NULL, document TEXT NOT NULL,
    seq INTEGER, refusal TEXT
) STRICT;
""",
    """
ALTER TABLE requests ADD COLUMN key_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN signed BLOB NOT NULL DEFAULT x'';
ALTER TABLE requests ADD COLUMN units TEXT NOT NULL DEFAULT '';
ALTER TABLE quotes ADD COLUMN key_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quotes ADD COLUMN signed BLOB NOT NULL DEFAULT x'';
CREATE INDEX requests_by_end ON requests (expires_ms);
""",
)
# What goes: requests that ended without a trade, and those that traded long ago. The newest number stays, so that it
# is not given again.
ENDED = "number < (SELECT max(number) FROM requests) AND "
NOT_TRADED = ENDED + "state IN ('open', 'canceled') AND expires_ms < ?"
LONG_TRADED = ENDED + "state IN ('accepting', 'traded') AND expires_ms < ?"
SURPLUS = (
    ENDED + "account_id = ? AND (state = 'canceled' OR (state = 'open' AND expires_ms <= ?)) AND number <= "
    "(SELECT number FROM requests WHERE account_id = ? ORDER BY number DESC LIMIT 1 OFFSET ?)"
)


class QuoteState(StrEnum):
    """How far a request or a quote is. An open one past its time is expired, whatever stands in the table."""

    open = "open"
    accepting = "accepting"
    traded = "traded"
    canceled = "canceled"
    expired = "expired"


class Sent(NamedTuple):
    """Who sent something: account, the client's own number for it, the digest of the signed bytes, and the key.

    Where a key on record signed it, its number there and the signed request, which is kept with a trade; else 0.
    """

    account_id: int
    client_id: str
    digest: str
    key_id: str
    key_number: int = 0
    signed: bytes = b""


class QuoteRequest(NamedTuple):
    """A request for a quote. `units`: what a lot and a tick were worth then. Units: lots; UTC milliseconds."""

    number: int
    account_id: int
    client_id: str
    market_id: int
    side: int
    lots: int
    created_ms: int
    expires_ms: int
    state: str
    digest: str
    key_id: str
    key_number: int = 0
    signed: bytes = b""
    units: str = ""

    def state_at(self, now_ms: int) -> str:
        """Return its state at a time."""
        return QuoteState.expired if self.state == QuoteState.open and now_ms >= self.expires_ms else self.state


class BlockQuote(NamedTuple):
    """A price for a request. Units: ticks; UTC milliseconds."""

    number: int
    request: int
    account_id: int
    client_id: str
    ticks: int
    created_ms: int
    expires_ms: int
    state: str
    digest: str
    key_id: str
    key_number: int = 0
    signed: bytes = b""

    def state_at(self, now_ms: int) -> str:
        """Return its state at a time."""
        return QuoteState.expired if self.state == QuoteState.open and now_ms >= self.expires_ms else self.state


class Acceptance(NamedTuple):
    """An acceptance: the consent document, its hash, and the command that traded, None where none has."""

    quote: int
    consent_hash: str
    document: str
    seq: int | None
    refusal: str | None


class QuoteBook:
    """Requests and quotes of one facility. May be used from several threads."""

    def __init__(self, folder: Path) -> None:
        self._connection = open_database(folder / FILE_NAME, MIGRATIONS)
        self._lock = threading.Lock()
        self._under_way: set[int] = set()

    def close(self) -> None:
        """Close the table."""
        self._connection.close()

    # ------------------------------------------------------------ adding
    def add_request(
        self, sent: Sent, market_id: int, side: int, lots: int, now_ms: int, until_ms: int, units: str = ""
    ) -> QuoteRequest:
        """Store a request, or return the one that the client's number names already.

        Raises: ValueError where too many are open, or the number names another one.
        """
        terms = (market_id, side, str(lots))
        with self._lock, transaction(self._connection):
            known = self._one("requests", "account_id = ? AND client_id = ?", sent.account_id, sent.client_id)
            if known is None:
                self._check_room("requests", sent.account_id, now_ms)
                self._make_room(sent.account_id, now_ms)
                row = (sent.account_id, sent.client_id, *terms, now_ms, until_ms, "open", *sent[2:], units)
                self._connection.execute(f"INSERT INTO requests VALUES (NULL{', ?' * len(row)})", row)
                known = self._one("requests", "account_id = ? AND client_id = ?", sent.account_id, sent.client_id)
        found = request_of(known)
        if (found.market_id, found.side, str(found.lots)) != terms:
            raise ValueError("clientId: expected one for each request, found one that names another request")
        return found

    def add_quote(self, sent: Sent, request: int, ticks: int, now_ms: int, until_ms: int) -> BlockQuote:
        """Store a quote, or return the one that the client's number names already. Raises: as `add_request`."""
        with self._lock, transaction(self._connection):
            known = self._one("quotes", "account_id = ? AND client_id = ?", sent.account_id, sent.client_id)
            if known is None:
                self._check_room("quotes", sent.account_id, now_ms)
                self._check_turns(request, sent.account_id)
                terms = (request, sent.account_id, sent.client_id, str(ticks), now_ms, until_ms)
                row = (*terms, "open", *sent[2:])
                self._connection.execute(f"INSERT INTO quotes VALUES (NULL{', ?' * len(row)})", row)
                known = self._one("quotes", "account_id = ? AND client_id = ?", sent.account_id, sent.client_id)
        found = quote_of(known)
        if (found.request, found.ticks) != (request, ticks):
            raise ValueError("clientId: expected one for each quote, found one that names another quote")
        return found

    # ------------------------------------------------------------ finding
    def request(self, number: int) -> QuoteRequest | None:
        """Return a request by its number."""
        with self._lock:
            row = self._one("requests", "number = ?", number)
        return request_of(row) if row else None

    def quote(self, number: int) -> BlockQuote | None:
        """Return a quote by its number."""
        with self._lock:
            row = self._one("quotes", "number = ?", number)
        return quote_of(row) if row else None

    def requests(self, account_id: int, now_ms: int, limit: int = 100) -> list[QuoteRequest]:
        """Return what an account may see, newest first: its own requests, and those that are open."""
        where = "account_id = ? OR (state = 'open' AND expires_ms > ?) ORDER BY number DESC LIMIT ?"
        with self._lock:
            rows = self._connection.execute(f"SELECT * FROM requests WHERE {where}", (account_id, now_ms, limit))
            return [request_of(row) for row in rows]

    def quotes(self, request: int) -> list[BlockQuote]:
        """Return the quotes for a request, oldest first."""
        with self._lock:
            rows = self._connection.execute("SELECT * FROM quotes WHERE request = ? ORDER BY number", (request,))
            return [quote_of(row) for row in rows]

    def acceptance(self, quote: int) -> Acceptance | None:
        """Return the acceptance of a quote."""
        with self._lock:
            row = self._one("acceptances", "quote = ?", quote)
        return Acceptance(*row) if row else None  # type: ignore[arg-type]

    # ------------------------------------------------------------ changing
    @contextmanager
    def alone(self, request: int) -> Iterator[bool]:
        """Say whether nobody else accepts a quote for a request meanwhile. On the event loop's thread."""
        is_alone = request not in self._under_way
        self._under_way.add(request)
        try:
            yield is_alone
        finally:
            if is_alone:
                self._under_way.discard(request)

    def cancel(self, table: str, number: int) -> bool:
        """Cancel an open request or quote; say whether it was open."""
        query = f"UPDATE {table} SET state = 'canceled' WHERE number = ? AND state = 'open'"
        with self._lock:
            return self._connection.execute(query, (number,)).rowcount == 1

    def accept(self, request: int, quote: int, consent_hash: str, document: str) -> bool:
        """Store an acceptance before it is ordered; say whether request and quote were open."""
        with self._lock, transaction(self._connection):
            for table, number in (("requests", request), ("quotes", quote)):
                query = f"UPDATE {table} SET state = 'accepting' WHERE number = ? AND state = 'open'"
                if self._connection.execute(query, (number,)).rowcount != 1:
                    if table == "quotes":
                        self._connection.execute("UPDATE requests SET state = 'open' WHERE number = ?", (request,))
                    return False
            row = (quote, consent_hash, document)
            self._connection.execute("INSERT OR REPLACE INTO acceptances VALUES (?, ?, ?, NULL, NULL)", row)
        return True

    def settle(self, request: int, quote: int, seq: int | None, refusal: str | None) -> None:
        """Note that an acceptance traded, or that the venue refused it: then the request is open again."""
        after = ("traded", "traded") if seq is not None else ("open", "canceled")
        with self._lock, transaction(self._connection):
            row = (seq, refusal, quote)
            query = "UPDATE acceptances SET seq = ?, refusal = ? WHERE quote = ? AND seq IS NULL"
            if self._connection.execute(query, row).rowcount == 0:
                return  # it traded: nothing is open again
            for table, number, state in (("requests", request, after[0]), ("quotes", quote, after[1])):
                self._connection.execute(f"UPDATE {table} SET state = ? WHERE number = ?", (state, number))

    def sweep(self, now_ms: int) -> int:
        """Remove what ended long enough ago; return how many requests that were."""
        with self._lock, transaction(self._connection):
            gone = self._remove(NOT_TRADED, now_ms - KEPT_ENDED_MS)
            return gone + self._remove(LONG_TRADED, now_ms - KEPT_TRADED_MS)

    # ------------------------------------------------------------ inside
    def _remove(self, where: str, *values: object) -> int:
        """Remove requests with their quotes and acceptances; a quote whose number is the newest stays, as it is."""
        execute, gone = self._connection.execute, f"SELECT number FROM requests WHERE {where}"
        quotes = f"SELECT number FROM quotes WHERE request IN ({gone})"
        newest = execute("SELECT request FROM quotes WHERE number = (SELECT max(number) FROM quotes)").fetchone()
        kept = newest[0] if newest is not None else 0
        execute(f"DELETE FROM acceptances WHERE quote IN ({quotes} AND request <> ?)", (*values, kept))
        execute(f"DELETE FROM quotes WHERE request IN ({gone}) AND request <> ?", (*values, kept))
        return execute(f"DELETE FROM requests WHERE number IN ({gone}) AND number <> ?", (*values, kept)).rowcount

    def _make_room(self, account_id: int, now_ms: int) -> None:
        """Remove the oldest of an account's requests that have ended, beyond those that are kept of it."""
        query = "SELECT count(*) FROM requests WHERE account_id = ?"
        if self._connection.execute(query, (account_id,)).fetchone()[0] >= KEPT_MAX + SURPLUS_MAX:
            self._remove(SURPLUS, account_id, now_ms, account_id, KEPT_MAX)

    def _one(self, table: str, where: str, *values: object) -> tuple[object, ...] | None:
        found: tuple[object, ...] | None = self._connection.execute(
            f"SELECT * FROM {table} WHERE {where}", values
        ).fetchone()
        return found

    def _check_room(self, table: str, account_id: int, now_ms: int) -> None:
        query = f"SELECT count(*) FROM {table} WHERE account_id = ? AND state = 'open' AND expires_ms > ?"
        count = self._connection.execute(query, (account_id, now_ms)).fetchone()[0]
        if count >= OPEN_MAX:
            raise ValueError(f"open {table}: expected at most {OPEN_MAX} of an account, found {count}")

    def _check_turns(self, request: int, account_id: int) -> None:
        query = "SELECT count(*) FROM quotes WHERE request = ?"
        count = self._connection.execute(query, (request,)).fetchone()[0]
        if count >= QUOTES_MAX:
            raise ValueError(f"quotes: expected at most {QUOTES_MAX} for one request, found {count}")
        count = self._connection.execute(f"{query} AND account_id = ?", (request, account_id)).fetchone()[0]
        if count >= OF_REQUEST_MAX:
            expected = f"at most {OF_REQUEST_MAX} of an account for one request"
            raise ValueError(f"quotes: expected {expected}, found {count}")


def request_of(row: object) -> QuoteRequest:
    """Return a request from its row."""
    found = QuoteRequest(*row)  # type: ignore[misc]
    return found._replace(lots=int(found.lots))


def quote_of(row: object) -> BlockQuote:
    """Return a quote from its row."""
    found = BlockQuote(*row)  # type: ignore[misc]
    return found._replace(ticks=int(found.ticks))
