"""Excerpts: the same bytes from both twins, of what was asked for all, of the rest how much there is."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.cli.journal.excerpt import decode_excerpt
from tarazy.domain.engine import Engine
from tarazy.market_data.acting import Desk
from tarazy.market_data.simulate import SimulatedFlow
from tarazy.spec.ledger import Kind
from tarazy.spec.snapshot import decode, encode_account, encode_market, encode_order
from tarazy.spec.snapshot_authority import encode_authority
from tarazy.spec.snapshot_bytes import SnapshotError
from tarazy.spec.state import Asset
from tests.conftest import ENGINES

ASKED = ([3, 1, 40, 64], [1])
WHOLE = 2**32 - 1  # prices a side


def played(engine: type[Engine]) -> Engine:
    """Return an engine with a market that was played: orders rest and wait, balances are held."""
    flow, venue, desk = SimulatedFlow(3, 4000), engine(), Desk.of_names()
    venue.apply(desk.genesis())
    flow.writer.start(desk, venue.next_seq)
    for batch in flow.batches():
        flow.observe(venue.apply(batch.commands))
    return venue


@pytest.fixture(scope="module")
def venue(engine: type[Engine]) -> Engine:
    """Return each twin in turn, with the same market."""
    return played(engine)


def test_twins_give_the_same_excerpt() -> None:
    venues = [played(engine) for engine in ENGINES.values()]
    for asked in (ASKED, ([], []), ([1], []), ([], [1, 2]), (list(range(1, 65)), [1])):
        for depth, order_ids in ((0, []), (3, []), (WHOLE, []), (1, range(1, 4_000)), (0, [2**64 - 1])):
            assert len({venue.excerpt(*asked, depth=depth, order_ids=order_ids) for venue in venues}) == 1


def test_excerpt_holds_what_was_asked_for_as_the_snapshot_has_it(venue: Engine) -> None:
    (part, orders), whole = decode_excerpt(venue.excerpt(*ASKED, depth=WHOLE)), decode(venue.snapshot())
    assert (part.next_seq, part.last_ts_ns) == (whole.next_seq, whole.last_ts_ns)
    assert encode_authority(part) == encode_authority(whole)
    assert [plain(asset) for asset in part.assets] == [plain(asset) for asset in whole.assets]
    for one, other in zip(part.ledger.assets, whole.ledger.assets, strict=True):
        assert one.totals == other.totals
        assert one.totals[Kind.held] > 0
    assert len(part.accounts) == len(whole.accounts)
    for number in ASKED[0]:
        assert encode_account(part.accounts[number - 1]) == encode_account(whole.accounts[number - 1])
        for asset_id in (1, 2):
            one, other = (state.ledger.balance(number, asset_id) for state in (part, whole))
            assert (one.available.minor, one.held.minor) == (other.available.minor, other.held.minor)
    market, other_market = part.markets[0], whole.markets[0]
    assert encode_market(market) == encode_market(other_market)
    book, other_book = market.book, other_market.book
    assert [encode_order(o) for o in book.resting.values()] == [encode_order(o) for o in other_book.resting.values()]
    assert orders == {1: (len(other_book.resting), len(other_book.untriggered))}
    assert len(book.resting) > 100


def test_a_depth_gives_the_best_prices_alone_and_orders_by_number_beside_them(venue: Engine) -> None:
    whole = decode(venue.snapshot()).markets[0].book
    worst, waiting = list(whole.resting)[-1], next(iter(whole.untriggered))
    state, orders = decode_excerpt(venue.excerpt([], [1], depth=2, order_ids=[waiting, worst, 10**12]))
    book = state.markets[0].book
    best = (whole.levels[side][key] for side in (1, 2) for key in list(reversed(whole.keys[side]))[:2])
    expected = {number for level in best for number in level}
    assert set(book.resting) == expected | {worst, waiting}
    assert encode_order(book.resting[waiting]) == encode_order(whole.untriggered[waiting])
    assert orders[1].resting == len(whole.resting) > len(expected)


def plain(asset: Asset) -> tuple[Any, ...]:
    """Return an asset's values."""
    return tuple(getattr(asset, name) for name in Asset.__slots__)


def test_accounts_and_markets_that_are_not_there_are_left_out(venue: Engine) -> None:
    assert venue.excerpt([0, 65, 4_000_000_000], [0, 2]) == venue.excerpt([], [])


def test_orders_of_markets_not_asked_for_are_left_out(venue: Engine) -> None:
    state, orders = decode_excerpt(venue.excerpt([1], [], depth=WHOLE))
    assert not state.markets[0].book.resting
    assert not orders


def test_empty_venue_has_an_excerpt(engine: type[Engine]) -> None:
    state = decode_excerpt(engine().excerpt([1], [1])).state
    assert (len(state.assets), len(state.accounts), len(state.markets)) == (0, 0, 0)


def test_snapshot_and_cut_excerpts_are_refused(venue: Engine) -> None:
    with pytest.raises(SnapshotError, match="expected an excerpt of edition"):
        decode_excerpt(venue.snapshot())
    whole = venue.excerpt(*ASKED)
    with pytest.raises(SnapshotError):
        decode_excerpt(whole[:-1])
    with pytest.raises(SnapshotError, match="found 1 more bytes"):
        decode_excerpt(whole + b"\0")
