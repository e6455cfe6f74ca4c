"""Transfers: what came to an account, left it or was held in it otherwise than by an order or a trade.

One row for each account and asset that an event moves, in the order of the record. With the trades it is the whole life
of an account: what an account owns is the sum of both. A row never changes.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from tarazy.domain.records import EventKind
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.effects import EFFECTS, Leg, Side
from tarazy.facility.projections.table import Column, Table, Width, word

AMOUNTS = "available_in_minor available_out_minor held_in_minor held_out_minor".split()
NUMBERS = ("withdrawal_id", "receipt_id", "trade_seq", "order_id")  # what an event is about: the first that it has
PAPERS = ("evidence_hash", "decision_hash")
CLIENT_LEGS: dict[EventKind, tuple[Leg, ...]] = {
    kind: own for kind, legs in EFFECTS.items() if (own := tuple(leg for leg in legs if isinstance(leg.target, Side)))
}


class Transfers(Projection):
    """Every movement of a client's assets outside trading."""

    name = "transfers"
    summary = "what came to each account, left it or was held in it otherwise than by orders and trades"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the table; none of its rows is ever needed again."""
        keys = tuple(map(Column, "account_id seq place".split()))
        self._seq = self._place = 0
        columns = (
            *map(Column, "asset_id event_kind".split()),
            Column("ts_ns", Width.u64),
            *(Column(name, Width.u128) for name in AMOUNTS),
            Column("reference_number"),
            Column("paper_hash", Width.text),
        )
        self.transfers = Table("transfers", keys, columns, open_where="1 = 0")
        return (self.transfers,)

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event that moves a client's assets."""
        return {kind: partial(self.moved, kind) for kind in CLIENT_LEGS}

    def moved(self, kind: EventKind, event: Any) -> None:
        """Add a row for each account and asset that an event moves."""
        moved: dict[tuple[int, int], list[int]] = {}
        for leg in CLIENT_LEGS[kind]:
            if leg.when is not None and not leg.when(event):
                continue
            row = moved.setdefault((getattr(event, leg.account), getattr(event, leg.asset)), [0, 0, 0, 0])
            row[2 * int(leg.target) + (leg.sign < 0)] += getattr(event, leg.amount)
        number = next((getattr(event, name) for name in NUMBERS if getattr(event, name, 0)), 0)
        paper = next((getattr(event, name).hex() for name in PAPERS if hasattr(event, name)), "")
        for (account_id, asset_id), amounts in moved.items():
            if any(amounts):
                key = (account_id, event.seq, self.next_place(event.seq))
                terms = (asset_id, int(kind), self.ts_ns(event.seq), *amounts)
                self.transfers.put(key, (*terms, number, word(paper)))
                self.transfers.finish(key)

    def next_place(self, seq: int) -> int:
        """Return the next place among a command's transfers."""
        self._place = self._place + 1 if seq == self._seq else 0
        self._seq = seq
        return self._place
