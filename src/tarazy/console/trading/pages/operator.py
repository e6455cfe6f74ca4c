"""The operator's pages: accounts, markets, and how the facility's parts are."""

from __future__ import annotations

from typing import Any

from tarazy.console.layout.page_layout import Page, PageRequest
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.refusal_words import trimmed
from tarazy.console.trading.visit import Visit
from tarazy.domain.records import AccountRole, AccountState, ClientClass, MarketState
from tarazy.facility.accounts.front_desk import KINDS
from tarazy.facility.projections.venue import (
    ACCOUNT_STATE,
    CLIENT_CLASS,
    COLLAR,
    CORRIDOR,
    MAKER_FEE,
    OWNER,
    REFERENCE,
    ROLE,
    STATE,
    TAKER_FEE,
    TIER,
)

ROWS_MAX = 200


def accounts(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the accounts, a page of them, with who logs in to each."""
    rows = desk.gateway.models.venue.accounts.rows
    after = asked.query.get("after", "0")
    first = int(after) if after.isascii() and after.isdecimal() and len(after) < 10 else 0
    numbers = [number for number in sorted(rows) if number > first][:ROWS_MAX]
    people: dict[int, list[str]] = {}
    for user in desk.logins.users.all():
        for number in user.accounts:
            people.setdefault(number, []).append(user.name)
    found = [account_row(number, rows[number], people.get(number, [])) for number in numbers]
    more = numbers[-1] if len(numbers) == ROWS_MAX and numbers[-1] < max(rows) else 0
    return Page("accounts.html", visit.words("Accounts"), {"count": len(rows), "rows": found, "more": more})


def account_row(number: int, row: Any, people: list[str]) -> dict[str, Any]:
    """Return an account."""
    return {
        "account": number,
        "owner": str(row[OWNER]),
        "class": ClientClass(row[CLIENT_CLASS]).name.replace("_", " ") if row[CLIENT_CLASS] else "",
        "role": AccountRole(row[ROLE]).name,
        "state": AccountState(row[ACCOUNT_STATE]).name,
        "tier": row[TIER],
        "people": people,
    }


def markets(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the markets with their rules and how they stand."""
    views, found = desk.feeds.views, []
    for symbol in desk.symbols():
        with views.lock:
            row, rules = views.venue.markets.rows[symbol.market_id], views.venue.rules.rows.get(symbol.market_id)
        bid, ask = views.best(symbol.market_id)
        last = views.last_trade(symbol.market_id)
        prices = {"reference": row[REFERENCE], "bid": bid[0] if bid else 0, "ask": ask[0] if ask else 0}
        prices["last"] = last.price_ticks if last else 0
        shown = {name: trimmed(symbol.price(ticks)) if ticks else "" for name, ticks in prices.items()}
        terms = {"maker_ppm": 0, "taker_ppm": 0, "collar_ppm": 0, "corridor_ppm": 0}
        if rules is not None:
            terms = dict(zip(terms, (rules[each] for each in (MAKER_FEE, TAKER_FEE, COLLAR, CORRIDOR)), strict=True))
        found.append({"market": symbol.name, "state": MarketState(row[STATE]).name, **shown, **terms})
    return Page("markets.html", visit.words("Markets"), {"rows": found})


def health(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return how the writer, the read models, the feeds and the streams are."""
    gateway, feeds = desk.gateway, desk.feeds
    released = gateway.sequencer.released_seq
    models, book = gateway.models, feeds.views.book.update_id
    parts = [
        {"part": "writer", "is_well": True, "reached": released, "behind": 0, "why": ""},
        {
            "part": "read models",
            "is_well": models.failure is None,
            "reached": models.reached_seq,
            "behind": max(released - models.reached_seq, 0),
            "why": str(models.failure or ""),
        },
        {
            "part": "feeds",
            "is_well": not feeds.is_stopping,
            "reached": book,
            "behind": max(released - book, 0),
            "why": "",
        },
    ]
    listeners = [
        {"part": each.name, "is_well": not each.is_stale, "waiting": each.waiting, "why": each.reason}
        for each in gateway.sequencer.listeners()
    ]
    waiting = {kind: len(desk.front.all(kind, is_open=True)) for kind in KINDS}
    data = {
        "parts": parts,
        "listeners": listeners,
        "connections": len(feeds.connections),
        "invariants": dict(sorted(gateway.sequencer.invariant_counts().items())),
        "handed_in": waiting,
    }
    return Page("health.html", visit.words("Health"), data)
