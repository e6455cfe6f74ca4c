"""The price of a call auction.

Every tick from the best ask to the best bid is a candidate. The price is the one at which most lots trade, then one on
the grid (orders from before a change of tick size may cross beside it alone), then the one with the least imbalance.
Where several are left, the side with the surplus pushes: the highest of them when buyers are left over, the lowest when
sellers are, but no further from the reference price than `AUCTION_PRESSURE_PPM`; without a surplus, or with one on
either side, the nearest to the reference price. Without a reference price the surplus alone decides, and where there is
none the middle. What lies between two prices of the grid is the lower one.
Source: the published match rule of BNB Beacon Chain (four steps, ten examples), which agrees with Xetra's market model
on volume, surplus, surplus side and reference price; docs/concepts/auctions.md
Cost: one sort of the crossed levels and one walk over them; demand and supply change only at their prices.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.arithmetic import PPM, U64_MAX, div_floor
from tarazy.spec.book import BUY, SELL
from tarazy.spec.grid import grid_ceil, grid_floor
from tarazy.spec.state import Market

AUCTION_PRESSURE_PPM = 50_000


class Clearing(NamedTuple):
    """The outcome of the search for the price; `imbalance_side` is 0 when nothing is left over."""

    price_ticks: int
    volume_lots: int
    imbalance_lots: int
    imbalance_side: int


class Plateau(NamedTuple):
    """Neighbouring prices that are equally good, and on which sides they leave a surplus."""

    lowest: int
    highest: int
    has_buy_surplus: bool
    has_sell_surplus: bool


def crossed_levels(market: Market, side: int) -> list[tuple[int, int]]:
    """Return (price, lots) of the levels that cross the other side, best first; hidden lots count."""
    book = market.book
    worst = book.best_price(SELL if side == BUY else BUY)
    levels = []
    for key in reversed(book.keys[side]):
        price = abs(key)
        if price < worst if side == BUY else price > worst:
            break
        levels.append((price, sum(order.leaves_lots for order in book.levels[side][key].values())))
    return levels


def find_clearing(market: Market) -> Clearing:
    """Return the price at which a crossed book clears."""
    bids, asks = crossed_levels(market, BUY)[::-1], crossed_levels(market, SELL)
    highest = bids[-1][0]
    starts = sorted({price for price, _ in asks} | {price + 1 for price, _ in bids if price < highest})
    demand, supply, bid_at, ask_at = sum(lots for _, lots in bids), 0, 0, 0
    rank, plateau = (1, True, 0), Plateau(0, 0, False, False)
    for at, start in enumerate(starts):
        while bids[bid_at][0] < start:
            demand -= bids[bid_at][1]
            bid_at += 1
        while ask_at < len(asks) and asks[ask_at][0] <= start:
            supply += asks[ask_at][1]
            ask_at += 1
        end = starts[at + 1] - 1 if at + 1 < len(starts) else highest
        first, last = grid_ceil(market, start), grid_floor(market, end)
        off_grid = first > last
        if not off_grid:
            start, end = first, last
        found = (-min(demand, supply), off_grid, abs(demand - supply))
        if found < rank:
            rank = found
            plateau = Plateau(start, end, demand > supply, supply > demand)
        elif found == rank:
            buy = plateau.has_buy_surplus or demand > supply
            plateau = Plateau(plateau.lowest, end, buy, plateau.has_sell_surplus or supply > demand)
    volume, off_grid, imbalance = -rank[0], rank[1], rank[2]
    price = choose_price(plateau, market.reference_price_ticks)
    price = price if off_grid else max(grid_floor(market, price), plateau.lowest)
    return Clearing(price, volume, imbalance, surplus_side(bids, asks, price))


def choose_price(plateau: Plateau, reference: int) -> int:
    """Return the price among equally good ones."""
    lowest, highest, buy, sell = plateau
    if reference == 0:
        if buy == sell:
            return div_floor(lowest + highest, 2)
        return highest if buy else lowest
    pressure = div_floor(reference * AUCTION_PRESSURE_PPM, PPM) if buy != sell else 0
    target = min(reference + pressure, U64_MAX) if buy else reference - pressure
    return min(highest, max(lowest, target))


def surplus_side(bids: list[tuple[int, int]], asks: list[tuple[int, int]], price_ticks: int) -> int:
    """Return the side on which lots are left over at a price, 0 when there are none."""
    demand = sum(lots for price, lots in bids if price >= price_ticks)
    supply = sum(lots for price, lots in asks if price <= price_ticks)
    return BUY if demand > supply else SELL if supply > demand else 0
