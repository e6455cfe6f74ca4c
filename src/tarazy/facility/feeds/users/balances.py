"""Balances with what each frame changed: positions after it, and what came or left other than by a trade."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tarazy.facility.feeds.streams.names import USER
from tarazy.facility.feeds.users.messages import Plain, account_position, balance_update
from tarazy.facility.projections.balances import Balances
from tarazy.facility.projections.batch import Batch
from tarazy.facility.projections.effects import Leg, Side
from tarazy.facility.projections.table import Table
from tarazy.facility.projections.venue import ASSET_CODE, ASSET_SCALE, VenueTerms


class UserBalances(Balances):
    """All balances; `fresh` is what the last frame changed, said to accounts that listen."""

    kind = USER

    def __init__(self, venue: VenueTerms, listening: Collection[int]) -> None:
        self._venue, self._listening = venue, listening
        super().__init__()

    def make_tables(self) -> tuple[Table, ...]:
        """Return accounts, pools, holds and the markets' terms."""
        self.fresh: list[tuple[int, Plain]] = []
        self._changed: dict[int, set[int]] = {}
        return super().make_tables()

    def apply_batch(self, batch: Batch) -> None:
        """Apply one frame; what it changes is fresh until the next one."""
        self.fresh, self._changed = [], {}
        super().apply_batch(batch)
        if self._changed:
            ts_ns = batch.times_ns[-1]
            for account_id, assets in self._changed.items():
                rows = [(*self._asset(each), *self.balance(account_id, each)) for each in sorted(assets)]
                self.fresh.append((account_id, account_position(rows, ts_ns)))

    def _asset(self, asset_id: int) -> tuple[str, int]:
        """Return code and places of an asset."""
        row = self._venue.assets.rows[asset_id]
        return row[ASSET_CODE], row[ASSET_SCALE]

    def keep_no_changes(self) -> None:
        """Do not note what changes, but for the balances of accounts that listen."""
        super().keep_no_changes()
        self.accounts.tell_changes(self._note)

    def _note(self, key: tuple[int, int]) -> None:
        """Note that a balance changes."""
        if key[0] in self._listening:
            self._changed.setdefault(key[0], set()).add(key[1])

    def moved(self, legs: tuple[Leg, ...], event: Any) -> None:
        """Book an event that moves amounts, and note what it brings to each account or takes from it."""
        super().moved(legs, event)
        deltas: dict[tuple[int, int], int] = {}
        for leg in legs:
            if isinstance(leg.target, Side) and (leg.when is None or leg.when(event)):
                key = (getattr(event, leg.account), getattr(event, leg.asset))
                deltas[key] = deltas.get(key, 0) + leg.sign * getattr(event, leg.amount)
        for (account_id, asset_id), delta in deltas.items():
            if delta and account_id in self._listening:
                plain = balance_update(*self._asset(asset_id), delta, self.ts_ns(event.seq))
                self.fresh.append((account_id, plain))
