"""A client's book by the dialect's published recipe, which knows nothing but a snapshot and diffs.

Source: binance/binance-spot-api-docs, web-socket-streams.md, "How to manage a local order book correctly".
"""

from __future__ import annotations

from typing import Any

Side = dict[str, str]


class OutOfStepError(Exception):
    """The recipe says: discard the book and begin again."""


class LocalBook:
    """Prices and quantities as texts, as they came."""

    def __init__(self) -> None:
        self.buffered: list[dict[str, Any]] = []
        self.update_id: int | None = None
        self.bids: Side = {}
        self.asks: Side = {}

    def on_event(self, event: dict[str, Any]) -> None:
        """Steps 2 and 7: buffer until there is a snapshot, then apply."""
        if self.update_id is None:
            self.buffered.append(event)
        else:
            self.apply(event)

    def on_snapshot(self, snapshot: dict[str, Any]) -> bool:
        """Steps 3 to 6; return False where a newer snapshot is needed."""
        last_id = snapshot["lastUpdateId"]
        if self.buffered and last_id < self.buffered[0]["U"]:
            return False
        self.buffered = [event for event in self.buffered if event["u"] > last_id]
        if self.buffered and not self.buffered[0]["U"] <= last_id + 1 <= self.buffered[0]["u"]:
            raise OutOfStepError
        self.bids, self.asks = dict(snapshot["bids"]), dict(snapshot["asks"])
        self.update_id = last_id
        for event in self.buffered:
            self.apply(event)
        self.buffered = []
        return True

    def apply(self, event: dict[str, Any]) -> None:
        """Apply an event to the book."""
        assert self.update_id is not None
        if event["u"] < self.update_id:
            return
        if event["U"] > self.update_id + 1:
            raise OutOfStepError
        for side, changes in ((self.bids, event["b"]), (self.asks, event["a"])):
            for price, quantity in changes:
                if float(quantity) == 0:
                    side.pop(price, None)
                else:
                    side[price] = quantity
        self.update_id = event["u"]
