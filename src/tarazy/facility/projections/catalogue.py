"""All projections, by name."""

from __future__ import annotations

from tarazy.facility.projections.balances import Balances
from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.blocks import Blocks
from tarazy.facility.projections.book import Book
from tarazy.facility.projections.candles import Candles
from tarazy.facility.projections.open_orders import OpenOrders
from tarazy.facility.projections.order_terms import OrderTerms
from tarazy.facility.projections.orders import Orders
from tarazy.facility.projections.tape import Tape
from tarazy.facility.projections.trades import Trades
from tarazy.facility.projections.transfers import Transfers
from tarazy.facility.projections.venue import VenueTerms
from tarazy.facility.projections.withdrawals import Withdrawals

PROJECTIONS: dict[str, type[Projection]] = {
    each.name: each
    for each in (
        Balances,
        OpenOrders,
        Orders,
        OrderTerms,
        Trades,
        Transfers,
        Withdrawals,
        Tape,
        Blocks,
        Book,
        Candles,
        VenueTerms,
    )
}


def all_projections() -> list[Projection]:
    """Return one new projection of each kind."""
    return [kind() for kind in PROJECTIONS.values()]
