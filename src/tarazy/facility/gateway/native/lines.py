"""The lines of an account's life: each change of what it owns of an asset, from trades and from everything else.

A trade is two lines, one for each asset, its fee within the line of the asset that was received. The sum of all lines
of an asset is what the account owns of it, available and held together; what orders hold changes nothing of that.
A line is named by its command and its place among the account's lines of that; the two together are its cursor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tarazy.domain.records import EventKind
from tarazy.domain.records import Side as OrderSide
from tarazy.facility.projections.venue import BASE, QUOTE, VenueTerms
from tarazy.oversight.requests.errors import INVALID_PARAMETER, DialectError

BUY, SELL = int(OrderSide.buy), int(OrderSide.sell)
TRANSFERS_FROM = 1 << 40  # the places of trades come before those of transfers
CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,19})")
TRADE = EventKind.trade_executed.name


class LineCursor(NamedTuple):
    """Which line of an account: its command, and its place among the account's lines of that command."""

    seq: int
    place: int = (1 << 62) - 1

    def __str__(self) -> str:
        return f"{self.seq}-{self.place}"


START = LineCursor(0)


def read_cursor(text: str | None) -> LineCursor:
    """Return the cursor that a text is, the start where there is none.

    Raises: DialectError.
    """
    if text is None:
        return START
    found = CURSOR.fullmatch(text)
    if found is None:
        message = "Data sent for parameter 'after' is not valid: take the cursor of an earlier answer as it is."
        raise DialectError(INVALID_PARAMETER, message)
    return LineCursor(int(found[1]), int(found[2]))


class LineTrade(NamedTuple):
    """What a line of a trade says beside its change. Units: ticks, lots; `fee_minor` of the line's own asset."""

    market_id: int
    order_id: int
    trade_number: int
    side: int
    is_maker: bool
    price_ticks: int
    quantity_lots: int
    fee_minor: int


class LedgerLine(NamedTuple):
    """One change. `change_minor` is of available and held together, `held_minor` of what is held alone; both signed."""

    cursor: LineCursor
    ts_ns: int
    event: str
    asset_id: int
    change_minor: int
    held_minor: int = 0
    reference: int = 0
    paper_hash: str = ""
    trade: LineTrade | None = None


def trade_lines(venue: VenueTerms, row: dict[str, int], account_id: int) -> Iterator[LedgerLine]:
    """Return the two lines of a trade as one of its parties sees it; `row` is one of the projection of trades."""
    is_maker = row["maker_account_id"] == account_id
    role = "maker" if is_maker else "taker"
    taker_side = row["side"] or BUY  # an auction's maker is the seller
    side = BUY + SELL - taker_side if is_maker else taker_side
    market_id, seq = row["market_id"], row["seq"]
    lot_size, tick_value = worth_at(venue, market_id, seq)
    lots, fee = row["quantity_lots"], row[f"{role}_fee_minor"]
    quantity, cost = lots * lot_size, row["price_ticks"] * lots * tick_value
    market = venue.markets.rows[market_id]
    received, given = (quantity, cost) if side == BUY else (cost, quantity)
    assets = (market[BASE], market[QUOTE]) if side == BUY else (market[QUOTE], market[BASE])
    terms = (market_id, row[f"{role}_order_id"], row["trade_number"], side, is_maker, row["price_ticks"], lots)
    for at, (asset_id, change, paid) in enumerate(((assets[0], received - fee, fee), (assets[1], -given, 0))):
        cursor = LineCursor(seq, 2 * row["number"] + at)
        yield LedgerLine(cursor, row["ts_ns"], TRADE, asset_id, change, trade=LineTrade(*terms, paid))


def worth_at(venue: VenueTerms, market_id: int, seq: int) -> tuple[int, int]:
    """Return the lot size and the tick value of a market at a command."""
    units = [(key[1], row) for key, row in list(venue.units.rows.items()) if key[0] == market_id]
    lot_size, tick_value = max((since, row) for since, row in units if since <= seq)[1]
    return lot_size, tick_value


def transfer_line(row: dict[str, int | str]) -> LedgerLine:
    """Return the line of a transfer; `row` is one of the projection of transfers."""
    number = {name: int(value) for name, value in row.items() if name != "paper_hash"}
    held = number["held_in_minor"] - number["held_out_minor"]
    available = number["available_in_minor"] - number["available_out_minor"]
    cursor = LineCursor(number["seq"], TRANSFERS_FROM + number["place"])
    event = EventKind(number["event_kind"]).name
    terms = (available + held, held, number["reference_number"], str(row["paper_hash"]))
    return LedgerLine(cursor, number["ts_ns"], event, number["asset_id"], *terms)
