"""Limits over time with the rates by which they count, as a record states them; what is counted under them is not here.

The rules of counting are those of the engine (docs/concepts/limits-over-time.md).
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from tarazy.domain.records import EventKind, LimitSet
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.table import Column, Table, Width
from tarazy.spec.state_parts import Rate

KEY = "limit_kind limit_scope limit_period limit_class limit_residency limit_asset_id limit_subject".split()
IN_FORCE, EXEMPTIBLE, SINCE, MOST = range(4)


class LimitRow(NamedTuple):
    """One limit in force. `since_seq`: the command that stated it first; `most_minor` of its asset, or, where that is
    0, of the reference currency."""

    kind: int
    scope: int
    period: int
    client_class: int
    residency: int
    asset_id: int
    subject: int
    is_exemptible: bool
    since_seq: int
    most_minor: int


class LimitTerms(Projection):
    """The limits in force, what is known of clients, and every rate with the command that stated it."""

    name: ClassVar[str] = "limit_terms"
    summary: ClassVar[str] = "limits over time and the rates by which they count"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the empty tables."""
        wide = Width.u64
        self.limits = Table(
            "limits",
            tuple(Column(each, wide) for each in KEY),
            (
                Column("in_force"),
                Column("exemptible"),
                Column("since_seq", wide),
                Column("amount_max_minor", Width.u128),
            ),
        )
        self.statuses = Table(
            "statuses", (Column("owner_id", wide),), (Column("residency"), Column("cap_exempt"), Column("client_class"))
        )
        self.rates = Table(
            "rates",
            (Column("asset_id"), Column("since_seq", wide)),
            (Column("rate_value_minor", Width.u128), Column("rate_amount_minor", Width.u128)),
        )
        return (self.limits, self.statuses, self.rates)

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.limit_set: self.limit_set,
            EventKind.limit_removed: self.limit_removed,
            EventKind.client_status_set: self.client_status_set,
            EventKind.rate_set: self.rate_set,
        }

    def limit_set(self, event: LimitSet) -> None:
        """Set a limit; one that was there before goes on from what it has counted."""
        key = tuple(getattr(event, each) for each in KEY)
        since = self.limits.rows[key][SINCE] if key in self.limits.rows else event.seq
        self.limits.put(key, (1, event.exemptible, since, event.amount_max_minor))

    def limit_removed(
        self,
        limit_kind: int,
        limit_scope: int,
        limit_period: int,
        limit_class: int,
        limit_residency: int,
        limit_asset_id: int,
        limit_subject: int,
    ) -> None:
        """End a limit; since when it counted stays."""
        key = (limit_kind, limit_scope, limit_period, limit_class, limit_residency, limit_asset_id, limit_subject)
        if key in self.limits.rows:
            self.limits.put(key, (0, *self.limits.rows[key][EXEMPTIBLE:]))

    def client_status_set(self, client_class: int, residency: int, cap_exempt: int, owner_id: int) -> None:
        """Note what is known of a client."""
        self.statuses.put(owner_id, (residency, cap_exempt, client_class))

    def rate_set(self, seq: int, asset_id: int, rate_value_minor: int, rate_amount_minor: int) -> None:
        """Note a rate; older ones stay, since what was counted keeps its value."""
        self.rates.put((asset_id, seq), (rate_value_minor, rate_amount_minor))

    # ------------------------------------------------------------ reading

    def in_force(self) -> list[LimitRow]:
        """Return the limits in force."""
        return [
            LimitRow._make((*key, bool(row[EXEMPTIBLE]), row[SINCE], row[MOST]))
            for key, row in sorted(self.limits.rows.items())
            if row[IN_FORCE]
        ]

    def rate_at(self, asset_id: int, seq: int) -> Rate:
        """Return an asset's rate when a command was applied; Rate(0, 0) where none was stated."""
        stated = [(key[1], row) for key, row in list(self.rates.rows.items()) if key[0] == asset_id and key[1] < seq]
        return Rate(*max(stated)[1]) if stated else Rate(0, 0)
