"""Books that are shown equal the engine's at every step, and so does a client's that is built from diffs."""

from __future__ import annotations

import random

import pytest

from tarazy.facility.feeds.book import BUY, SELL
from tarazy.facility.feeds.streams.messages import depth_update, snapshot_plain
from tarazy.facility.feeds.views import MarketViews
from tarazy.spec.state import State

from .local_book import LocalBook
from .playing import engine_levels, frames, new_views

COUNT = 2_500


@pytest.mark.parametrize("seed", range(8))
def test_every_book_is_the_engine_s_behind_every_frame(seed: int) -> None:
    views = new_views()
    for frame, events, state in frames(seed, COUNT):
        views.apply(frame, events)
        assert views.book.update_id == state.next_seq - 1
        for market in state.markets:
            depth = views.depth(market.market_id, 10_000)
            assert depth.update_id == frame.header.next_seq - 1
            assert depth.bids == engine_levels(state, market.market_id, BUY)
            assert depth.asks == engine_levels(state, market.market_id, SELL)


def shown(views: MarketViews, state: State, market_id: int) -> tuple[dict[str, str], dict[str, str]]:
    """Return the engine's book in the dialect's texts."""
    symbol = views.symbol(market_id)
    assert symbol is not None
    bids, asks = (
        {symbol.price(price): symbol.quantity(lots) for price, lots in engine_levels(state, market_id, side)}
        for side in (BUY, SELL)
    )
    return bids, asks


def test_clients_that_follow_the_recipe_hold_the_engine_s_books() -> None:
    counts = [follow(seed) for seed in range(12)]
    assert sum(compared for compared, _ in counts) > 500
    assert sum(rebuilt for _, rebuilt in counts) > 100


def follow(seed: int) -> tuple[int, int]:
    """Let clients come and go at random; each takes its snapshot some diffs after it has begun to listen, or before.

    Return how often a client's book was compared with the engine's, and how many clients took a snapshot.
    """
    chance, views = random.Random(seed), new_views()
    tracker = views.book.track()
    clients: dict[int, list[LocalBook]] = {}
    compared = rebuilt = 0
    for frame, events, state in frames(seed, COUNT):
        views.apply(frame, events)
        for market in state.markets:
            symbol = views.symbol(market.market_id)
            if symbol is None:
                continue
            listening = clients.setdefault(market.market_id, [])
            if chance.random() < 0.5:  # a tick of the stream: what changed since the last one
                diff = views.book.take_diff(tracker, market.market_id)
                if diff is not None:
                    event = depth_update(symbol, diff, 0)
                    for client in listening:
                        client.on_event(event)
                    for client in listening:
                        if client.update_id == views.book.update_id:
                            assert (client.bids, client.asks) == shown(views, state, market.market_id)
                            compared += 1
            if chance.random() < 0.1:
                listening.append(LocalBook())
            for client in listening:
                if client.update_id is None and chance.random() < 0.4:
                    depth = views.depth(market.market_id, 10_000)
                    rebuilt += client.on_snapshot(snapshot_plain(symbol, depth))
            del listening[:-4]
    return compared, rebuilt


def test_diffs_of_a_market_follow_each_other_without_a_gap() -> None:
    views, reached = new_views(), {}
    tracker = views.book.track()
    for frame, events, state in frames(3, COUNT):
        views.apply(frame, events)
        for market in state.markets:
            diff = views.book.take_diff(tracker, market.market_id)
            if diff is not None:
                assert diff.first_id == reached.get(market.market_id, 0) + 1
                assert diff.last_id == frame.header.next_seq - 1
                reached[market.market_id] = diff.last_id
    assert len(reached) > 1
