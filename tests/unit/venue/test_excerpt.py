"""Excerpts: the same bytes from both twins, of what was asked for all, of the rest how much there is."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.cli.journal.excerpt import decode_excerpt
from tarazy.domain.engine import Engine
from tarazy.market_data.acting import Desk
from tarazy.market_data.simulate import SimulatedFlow
from tarazy.spec.ledger import Kind
from tarazy.spec.snapshot import decode, encode_account, encode_market, encode_orders
from tarazy.spec.snapshot_authority import encode_authority
from tarazy.spec.snapshot_bytes import SnapshotError
from tarazy.spec.state import Asset
from tests.conftest import ENGINES

ASKED = ([3, 1, 40, 64], [1])


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
        assert len({venue.excerpt(*asked) for venue in venues}) == 1


def test_excerpt_holds_what_was_asked_for_as_the_snapshot_has_it(venue: Engine) -> None:
    part, whole = decode_excerpt(venue.excerpt(*ASKED)), decode(venue.snapshot())
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
    assert encode_orders(market) == encode_orders(other_market)
    assert len(market.book.resting) > 100


def plain(asset: Asset) -> tuple[Any, ...]:
    """Return an asset's values."""
    return tuple(getattr(asset, name) for name in Asset.__slots__)


def test_accounts_and_markets_that_are_not_there_are_left_out(venue: Engine) -> None:
    assert venue.excerpt([0, 65, 4_000_000_000], [0, 2]) == venue.excerpt([], [])


def test_orders_of_markets_not_asked_for_are_left_out(venue: Engine) -> None:
    assert not decode_excerpt(venue.excerpt([1], [])).markets[0].book.resting


def test_empty_venue_has_an_excerpt(engine: type[Engine]) -> None:
    state = decode_excerpt(engine().excerpt([1], [1]))
    assert (len(state.assets), len(state.accounts), len(state.markets)) == (0, 0, 0)


def test_snapshot_and_cut_excerpts_are_refused(venue: Engine) -> None:
    with pytest.raises(SnapshotError, match="expected an excerpt of edition"):
        decode_excerpt(venue.snapshot())
    whole = venue.excerpt(*ASKED)
    with pytest.raises(SnapshotError):
        decode_excerpt(whole[:-1])
    with pytest.raises(SnapshotError, match="found 1 more bytes"):
        decode_excerpt(whole + b"\0")
