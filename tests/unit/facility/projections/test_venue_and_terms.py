"""The venue's read model equals the engine's state; terms of orders are those of their commands and references."""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import OrderAccepted, OrderTriggered
from tarazy.facility.projections.open_orders import OpenOrders
from tarazy.facility.projections.order_terms import OrderTerms
from tarazy.facility.projections.sql import SqlStore
from tarazy.facility.projections.table import text_of, word
from tarazy.facility.projections.venue import VenueTerms
from tarazy.journal.frame import Frame, Position, seal
from tarazy.journal.sections import RequestReference, encode_entries
from tarazy.spec.snapshot import decode

from ....floor import decode_events
from .histories import EDITION, GENESIS, History, history, make_draft
from .test_projections import grown

COUNT = 2_500


@pytest.fixture(scope="module", params=range(8), ids=lambda seed: f"seed{seed}")
def played(engine: type[Engine], request: pytest.FixtureRequest) -> History:
    """Return a history of each shape of world."""
    return history(engine, request.param, COUNT)


def test_the_venue_is_the_engine_s(played: History) -> None:
    state, venue = decode(played.snapshot), grown(VenueTerms, played)
    assert isinstance(venue, VenueTerms)
    assert venue.markets.rows == {
        m.market_id: (
            m.base_asset_id,
            m.quote_asset_id,
            m.market_state,
            m.reference_price_ticks,
            m.lot_size_minor,
            m.tick_value_minor,
        )
        for m in state.markets
    }
    assert venue.bands.rows == {(m.market_id, start): (step,) for m in state.markets for start, step in m.tick_bands}
    assert {
        number: (a.owner_id, a.client_class, a.account_role, a.account_state, a.fee_tier)
        for number, a in enumerate(state.accounts, 1)
    } == {number: row[:5] for number, row in venue.accounts.rows.items()}
    assert {
        number: (a.asset_kind, a.scale, a.asset_status, a.asset_code.rstrip(b"\0").decode())
        for number, a in enumerate(state.assets, 1)
    } == venue.assets.rows
    for market in state.markets:
        rules = venue.rules.rows.get(market.market_id)
        found = (market.maker_fee_ppm, market.taker_fee_ppm, market.collar_ppm, market.quantity_max_lots)
        assert rules is None or (*rules[:3], rules[4]) == found
    rates = {key: (f[0] - f[1], f[2]) for key, f in venue.fees.rows.items()}
    assert rates == {key: (f.maker_rate_ppm, f.taker_rate_ppm) for key, f in state.fees.items()}


def test_every_order_has_its_terms_and_the_waiting_ones_wait(played: History) -> None:
    terms, open_orders = grown(OrderTerms, played), grown(OpenOrders, played)
    assert isinstance(terms, OrderTerms)
    assert isinstance(open_orders, OpenOrders)
    accepted = [e for _, events in played.frames for e in decode_events(events) if isinstance(e, OrderAccepted)]
    assert set(terms.terms.rows) == {e.order_id for e in accepted}
    for event in accepted:
        row = terms.terms.rows[event.order_id]
        assert row[:4] == [event.account_id, event.market_id, event.seq, event.self_trade_prevention]
        assert row[4] == event.display_lots
    waiting = {number for number, row in terms.terms.rows.items() if row[7]}
    assert waiting == {number for number, row in open_orders.orders.rows.items() if row[5]}
    triggered = [e for _, events in played.frames for e in decode_events(events) if isinstance(e, OrderTriggered)]
    assert all(terms.terms.rows[e.order_id][9] for e in triggered)


def test_names_are_those_of_the_references_in_memory_and_stored(engine: type[Engine], tmp_path) -> None:
    """A frame of an order with the name `a+b /:~-`, and one without; then both are read from a store."""
    frames = [*history(engine, 0, 600).frames]
    accepted = [(frame, e) for frame, events in frames for e in decode_events(events) if isinstance(e, OrderAccepted)]
    chosen, event = [(frame, e) for frame, e in accepted if not e.order_id >> 48][-1]  # no leg of an order list
    text = "Ж a+b/:~-"
    index = event.order_id - chosen.header.first_seq
    reference = encode_entries([RequestReference(index, 1, bytes(32), text.replace(" ", "\t"))])
    renamed = []
    position = Position(1, GENESIS, 1)
    for frame, events in frames:
        draft = make_draft(frame.commands, events)
        if frame is chosen:
            draft = draft._replace(references=reference)
        header, buffers = seal(draft, position, EDITION, 1)
        made = Frame(header, frame.commands, b"", draft.references, buffers[-1])
        renamed.append((made, events))
        position = position.after(header, made.frame_hash)
    terms = OrderTerms()
    with SqlStore(tmp_path / "store.sqlite3") as store:
        store.reset(terms)
        for frame, events in renamed:
            terms.apply(frame, events)
        digest = terms.digest()
        row = terms.terms.rows[event.order_id]
        assert text_of(row[11]) == text.replace(" ", "\t")
        store.store([terms])
        assert store.digest(terms) == digest
    with SqlStore(tmp_path / "store.sqlite3") as store:
        again = OrderTerms()
        store.attach(again)
        assert store.digest(again) == digest


@pytest.mark.parametrize("text", ["", "-", "--", "NULL", 'a"b\\c{}', "Ж a\n", "%2D", "x" * 128])
def test_any_text_comes_back_from_its_word_without_white_space(text: str) -> None:
    made = word(text)
    assert text_of(made) == text
    assert made
    assert not any(character.isspace() or character in '"\\{}' for character in made)
