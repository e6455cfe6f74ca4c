"""Facts of clients' confirmations: who placed an order before the notice of conflicts, or of risks, was confirmed.

The confirmations lie beside the record and nobody signs them, so their grade is `declared`. They know whole seconds:
one of the same second as the order counts as before it. They are held against the record's orders, whatever the gateway
asked for at the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from tarazy.facility.admission.acknowledgements import Acknowledged

NS_PER_S = 10**9
HEADS = {
    "accounts_trading_without_conflict_notice": "conflicts",
    "accounts_trading_without_risk_warning": "risks",
}


def confirmation_facts(confirmed: Iterable[Acknowledged], account_orders_ns: Mapping[int, int]) -> dict[str, int]:
    """Return how many accounts ordered before each notice was confirmed, by the words of the rulebook."""
    first: dict[tuple[int, str], int] = {}
    for row in confirmed:
        key = (row.account_id, row.head)
        first[key] = min(row.at_s, first.get(key, row.at_s))

    def is_late(account_id: int, head: str, ordered_ns: int) -> bool:
        at_s = first.get((account_id, head))
        return at_s is None or at_s > ordered_ns // NS_PER_S

    return {
        fact: sum(is_late(account, head, ordered_ns) for account, ordered_ns in account_orders_ns.items())
        for fact, head in HEADS.items()
    }


def until(confirmed: Iterable[Acknowledged], asof: date) -> list[Acknowledged]:
    """Return the confirmations up to the end of a day, UTC."""
    return [row for row in confirmed if datetime.fromtimestamp(row.at_s, UTC).date() <= asof]
