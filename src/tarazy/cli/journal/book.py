"""`tarazy book DIR --market M --at SEQ`: the book of a market as it was just after a command."""

from __future__ import annotations

import argparse
from typing import Any, NamedTuple

from rich.table import Table

from tarazy.cli.arguments import add_journal, add_json, positive
from tarazy.cli.errors import CliError
from tarazy.cli.journal.excerpt import decode_excerpt
from tarazy.cli.journal.seek import engine_after, last_seq
from tarazy.cli.output import Output
from tarazy.cli.words import Words, enum_word
from tarazy.domain.records import Side
from tarazy.spec.state import Market

DEPTH_MAX = 2**32 - 1


class BookLevel(NamedTuple):
    """One price of one side: what it shows, what it holds with hidden lots, how many orders queue."""

    price_ticks: int
    visible_lots: int
    leaves_lots: int
    orders: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("--market", type=positive, default=1, metavar="M", help="market number (default 1)")
    parser.add_argument("--at", type=positive, metavar="SEQ", help="sequence number (default: the last)")
    parser.add_argument("--depth", type=positive, default=10, metavar="N", help="price levels a side (default 10)")
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show one book."""
    last = last_seq(arguments.directory)
    seq = arguments.at or last
    if seq > last:
        raise CliError(f"{arguments.directory}: expected a sequence number from 1 to {last}, found {seq}")
    engine = engine_after(arguments.directory, seq)
    state, orders = decode_excerpt(engine.excerpt([], [arguments.market], depth=min(arguments.depth, DEPTH_MAX)))
    if not state.markets:
        raise CliError(f"{arguments.directory}: expected a journal with a market, found none at command {seq}")
    if not 1 <= arguments.market <= len(state.markets):
        raise CliError(f"expected a market from 1 to {len(state.markets)} at command {seq}, found {arguments.market}")
    market = state.markets[arguments.market - 1]
    bids, asks = (levels(market, side, arguments.depth) for side in (Side.buy, Side.sell))
    words = Words(state)
    name = words.market(market.market_id)
    output.show(table(words, market, seq, bids, asks))
    output.say(
        f"last trade {price(words, market, market.last_price_ticks)}, "
        f"reference {price(words, market, market.reference_price_ticks)}, "
        f"{orders[arguments.market].resting:,} resting and {orders[arguments.market].untriggered:,} untriggered stops"
    )
    output.result(as_json(name, market, seq, bids, asks))
    return 0


def levels(market: Market, side: int, depth: int) -> list[BookLevel]:
    """Return the best levels of a side, best first."""
    found = []
    for key in list(reversed(market.book.keys[side]))[:depth]:
        queue = list(market.book.levels[side][key].values())
        visible = sum(order.visible_lots for order in queue)
        found.append(BookLevel(abs(key), visible, sum(order.leaves_lots for order in queue), len(queue)))
    return found


def price(words: Words, market: Market, ticks: int) -> str:
    """Return a price in words, or that there is none."""
    return words.price(market.market_id, ticks) if ticks else "none"


def table(words: Words, market: Market, seq: int, bids: list[BookLevel], asks: list[BookLevel]) -> Table:
    """Return the book as a table, best prices on top."""
    state = enum_word("MarketState", market.market_state)
    title = f"{words.market(market.market_id)} after command {seq:,} ({state})"
    made = Table(title=title, title_justify="left")
    for heading in ("orders", "quantity", "bid", "ask", "quantity", "orders"):
        made.add_column(heading, justify="right")
    for row in range(max(len(bids), len(asks))):
        left = cells(words, market, bids[row]) if row < len(bids) else ["", "", ""]
        right = cells(words, market, asks[row]) if row < len(asks) else ["", "", ""]
        made.add_row(*left, *reversed(right))
    return made


def cells(words: Words, market: Market, level: BookLevel) -> list[str]:
    """Return the cells of one side of a row."""
    quantity = words.quantity(market.market_id, level.visible_lots)
    return [f"{level.orders:,}", quantity, words.price(market.market_id, level.price_ticks)]


def as_json(name: str, market: Market, seq: int, bids: list[BookLevel], asks: list[BookLevel]) -> dict[str, Any]:
    """Return the book for programs: integers, ticks and lots."""
    return {
        "seq": seq,
        "market": market.market_id,
        "name": name,
        "state": enum_word("MarketState", market.market_state),
        "last_price_ticks": market.last_price_ticks,
        "reference_price_ticks": market.reference_price_ticks,
        "bids": [level._asdict() for level in bids],
        "asks": [level._asdict() for level in asks],
    }
