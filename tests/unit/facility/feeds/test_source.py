"""Feeds that lag are dropped by the sequencer, read the record and go on: nothing is missing and nothing is twice."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from tarazy.domain.records import AdvanceTime, PlaceOrder, TimeInForce
from tarazy.facility.feeds.source import FrameSource
from tarazy.facility.feeds.views import MarketViews
from tarazy.facility.publication import publish
from tarazy.facility.sequencer.listeners import QUEUE_FRAMES_MAX
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.frame import Frame
from tarazy.spec.venue import Venue

from ....floor import BUY
from ....trading_stage import make_facility, refusals
from .playing import engine_levels

FRAMES = QUEUE_FRAMES_MAX + 300


def test_feeds_that_lagged_read_the_record_and_go_on_with_the_sequencer(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    make_facility(directory, 1)
    may_go_on, views = threading.Event(), MarketViews()
    applied: list[int] = []

    def on_frame(frame: Frame, events: bytes) -> None:
        may_go_on.wait()
        if views.apply(frame, events):
            applied.append(frame.header.frame_number)

    with Sequencer.open(directory, Venue) as sequencer:
        publication = publish(sequencer, directory)
        source = FrameSource(sequencer, directory, views, on_frame)
        may_go_on.set()
        source.join()
        may_go_on.clear()  # from here on the feeds stand still
        terms = {"order_type": 1, "side": BUY, "time_in_force": int(TimeInForce.gtc), "market_id": 1, "account_id": 1}
        for number in range(FRAMES):
            order = PlaceOrder(**terms, price_ticks=100 + number % 50, quantity_lots=1, self_trade_prevention=1)
            assert not refusals(sequencer.execute(order.pack()))
        may_go_on.set()
        deadline = time.monotonic() + 10
        while not source.was_dropped() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert source.rejoin_if_dropped()
        assert not source.was_dropped()
        sequencer.execute(AdvanceTime().pack())
        while views.book.update_id < sequencer.released_seq and time.monotonic() < deadline + 10:
            time.sleep(0.01)
        assert views.depth(1, 1_000).bids == engine_levels(sequencer.engine.state, 1, BUY)  # type: ignore[attr-defined]
        source.stop()
    publication.close()
    assert applied == list(range(1, applied[-1] + 1))
