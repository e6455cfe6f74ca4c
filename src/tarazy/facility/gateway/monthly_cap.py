"""What is left of the monthly caps on deposits and purchases, in the reference currency, from read models.

It is counted as the engine counts (docs/concepts/limits-over-time.md): a deposit at the rate of its day, a purchase at
the rate at which its order was accepted, the parts of one order on one day rounded up once. Where the two could differ
this one says less is left: what was recovered for a client counts like a deposit, and a limit that was taken away for a
while counts through. What open orders may still spend is not taken off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from tarazy.domain.records import AssetKind, EventKind, LimitKind, LimitPeriod, LimitScope
from tarazy.facility.feeds.limit_terms import LimitRow, LimitTerms
from tarazy.facility.gateway.native.history_reads import HistoryReads, Period
from tarazy.facility.gateway.native.lines import BUY, LedgerLine
from tarazy.facility.gateway.native.months import NS_PER_S, read_month, zone_of
from tarazy.facility.projections.order_terms import SEQ_MASK
from tarazy.facility.projections.venue import ASSET_KIND, BASE, CLIENT_CLASS, OWNER, QUOTE, VenueTerms
from tarazy.spec.rates import amount_within, is_known, value_minor

DEPOSITS, PURCHASES = int(LimitKind.deposits), int(LimitKind.purchases)
OF_ACCOUNT = int(LimitScope.account)
DIGITAL, FIAT = int(AssetKind.digital), int(AssetKind.fiat)
CREDITS = frozenset({EventKind.deposit_credited.name, EventKind.receipt_attributed.name})
LINES_MAX = 20_000


class CapUse(NamedTuple):
    """One cap. `left_minor` None: what was used is not known, for want of a rate or because there is too much of it."""

    kind: int
    most_minor: int
    used_minor: int | None
    is_lifted: bool

    @property
    def left_minor(self) -> int | None:
        """Return what is left, None where it is not known."""
        return None if self.used_minor is None else max(self.most_minor - self.used_minor, 0)


def touching(venue: VenueTerms, terms: LimitTerms, account_id: int) -> list[LimitRow]:
    """Return the monthly caps in the reference currency that touch an account, lifted ones too."""
    row = venue.accounts.rows[account_id]
    residency = terms.statuses.rows.get(row[OWNER], (0, 0, 0))[0]
    subjects = {int(LimitScope.everybody): 0, int(LimitScope.owner): row[OWNER], OF_ACCOUNT: account_id}
    return [
        each
        for each in terms.in_force()
        if each.kind in (DEPOSITS, PURCHASES)
        and (each.period, each.asset_id, each.subject) == (int(LimitPeriod.month), 0, subjects.get(each.scope))
        and each.client_class in (0, row[CLIENT_CLASS])
        and (each.residency == 0 or residency in (0, each.residency))
    ]


def caps_left(
    venue: VenueTerms, terms: LimitTerms, history: HistoryReads, account_id: int, now_ns: int
) -> list[CapUse]:
    """Return the strictest cap of each kind that touches an account, and what is used of it this month."""
    caps, period = touching(venue, terms, account_id), month_of(venue, now_ns)
    owner = venue.accounts.rows[account_id][OWNER]
    is_exempt = terms.statuses.rows.get(owner, (0, 0, 0))[1] == 1
    own = [number for number, row in sorted(venue.accounts.rows.items()) if row[OWNER] == owner]
    lines = {number: whole(history, number, period) for number in (own if caps else [])}
    found = []
    for each in caps:
        counted = [account_id] if each.scope == OF_ACCOUNT else own
        since = min(other.since_seq for other in caps if other.kind == each.kind)
        used = used_minor(venue, terms, [lines[number] for number in counted], each.kind, since)
        found.append(CapUse(each.kind, each.most_minor, used, each.is_exemptible and is_exempt))
    kinds = sorted({each.kind for each in found})
    return [min((each for each in found if each.kind == kind), key=strictness) for kind in kinds]


def strictness(use: CapUse) -> tuple[bool, int]:
    """Return by what the strictest of several caps comes first."""
    return use.is_lifted, -1 if use.left_minor is None else use.left_minor


def month_of(venue: VenueTerms, now_ns: int) -> Period:
    """Return the month that runs by the venue's clock."""
    return read_month(venue, datetime.fromtimestamp(now_ns // NS_PER_S, zone_of(venue)).strftime("%Y-%m")).period


def whole(history: HistoryReads, account_id: int, period: Period) -> list[LedgerLine] | None:
    """Return all lines of a period, None where these are too many."""
    found = history.in_period(account_id, period, LINES_MAX)
    return None if found.left_out else found.lines


def used_minor(
    venue: VenueTerms, terms: LimitTerms, of_accounts: Sequence[list[LedgerLine] | None], kind: int, since_seq: int
) -> int | None:
    """Return what the lines of accounts count under caps of a kind, None where it is not known."""
    total = 0
    for lines in of_accounts:
        if lines is None:
            return None
        amounts = deposits(lines, since_seq) if kind == DEPOSITS else purchases(venue, lines, since_seq)
        for asset_id, seq, amount in amounts:
            rate = terms.rate_at(asset_id, seq)
            if not is_known(rate):
                return None
            total += value_minor(rate, amount)
    return total


def deposits(lines: Iterable[LedgerLine], since_seq: int) -> list[tuple[int, int, int]]:
    """Return asset, command and amount of each credit."""
    return [
        (each.asset_id, each.cursor.seq, each.change_minor)
        for each in lines
        if each.event in CREDITS and each.change_minor > 0 and each.cursor.seq > since_seq
    ]


def purchases(venue: VenueTerms, lines: Iterable[LedgerLine], since_seq: int) -> list[tuple[int, int, int]]:
    """Return asset, command of the order and amount of what each order paid for digital assets on each day."""
    zone, sums = zone_of(venue), defaultdict[tuple[int, int, object], int](int)
    for each in lines:
        if each.trade is None or each.change_minor >= 0 or each.cursor.seq <= since_seq:
            continue
        if is_purchase(venue, each.trade.market_id, each.trade.side):
            day = datetime.fromtimestamp(each.ts_ns // NS_PER_S, zone).date()
            sums[each.asset_id, each.trade.order_id, day] -= each.change_minor
    return [(asset_id, order_id & SEQ_MASK, amount) for (asset_id, order_id, _), amount in sums.items()]


def is_purchase(venue: VenueTerms, market_id: int, side: int) -> bool:
    """Return whether an order of this side acquires a digital asset: by a buy, or for a fiat currency."""
    row = venue.markets.rows[market_id]
    base, quote = (venue.assets.rows[row[column]][ASSET_KIND] for column in (BASE, QUOTE))
    return base == DIGITAL if side == BUY else (base, quote) == (FIAT, DIGITAL)


def in_currencies(venue: VenueTerms, terms: LimitTerms, value: int, seq: int) -> list[tuple[int, int]]:
    """Return the fiat assets whose rate is known, each with the most of it that is worth no more than a value."""
    fiat = [number for number, row in sorted(venue.assets.rows.items()) if row[ASSET_KIND] == FIAT]
    rates = {number: terms.rate_at(number, seq) for number in fiat}
    return [(number, amount_within(rate, value)) for number, rate in rates.items() if is_known(rate)]
