"""The part of the snapshot that holds limits and pending settings; see snapshot.

Sections in order: pending settings (number and command), rates, statuses of owners, limits, counters, open purchases.
Each is a count and its rows, sorted by key. What limits touch an account, and the sums of open purchases, are derived.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import RECORD_SIZE, CommandKind
from tarazy.spec.limit_settings import KINDS, touching_kinds
from tarazy.spec.purchases import replace_purchase
from tarazy.spec.settings import add_setting
from tarazy.spec.snapshot_bytes import SnapshotError
from tarazy.spec.state import State
from tarazy.spec.state_parts import ClientStatus, Limit, Purchase, Rate

if TYPE_CHECKING:
    from tarazy.spec.snapshot_bytes import Reader

COUNT = struct.Struct("<Q")
PENDING = struct.Struct(f"<Q{RECORD_SIZE}s")
RATE = struct.Struct("<I16s16s32s")
STATUS = struct.Struct("<QBB")
LIMIT = struct.Struct("<BBQBIBB16sB32s")
COUNTER = struct.Struct("<BIBBQI16s")
SETTINGS = frozenset(
    (
        CommandKind.set_parameter,
        CommandKind.set_market_rules,
        CommandKind.set_limit,
        CommandKind.remove_limit,
        CommandKind.set_fees,
        CommandKind.set_tick_band,
    )
)
PURCHASE = struct.Struct("<QIII16s16s16s16s")


def _wide(value: int) -> bytes:
    """Return a 128-bit number as bytes."""
    return value.to_bytes(16, "little")


def encode_limits(state: State) -> list[bytes]:
    """Return the sections as bytes."""
    limits = sorted((group, row, limit) for group, rows in state.limits.items() for row, limit in rows.items())
    return [
        *_section([PENDING.pack(seq, record) for seq, record in sorted(state.pending.items())]),
        *_section(
            [
                RATE.pack(asset_id, _wide(rate.value_minor), _wide(rate.amount_minor), evidence)
                for asset_id, (rate, evidence) in sorted(state.rates.items())
            ]
        ),
        *_section([STATUS.pack(owner_id, *status) for owner_id, status in sorted(state.statuses.items())]),
        *_section([LIMIT.pack(*group, *row, _wide(limit[0]), *limit[1:]) for group, row, limit in limits]),
        *_section([COUNTER.pack(*key, _wide(state.counters[key])) for key in state.counter_keys]),
        *_section([_encode_purchase(order_id, purchase) for order_id, purchase in sorted(state.purchases.items())]),
    ]


def _section(rows: list[bytes]) -> list[bytes]:
    """Return a count and its rows."""
    return [COUNT.pack(len(rows)), *rows]


def _encode_purchase(order_id: int, purchase: Purchase) -> bytes:
    """Return one open purchase as bytes."""
    amounts = (purchase.open_minor, purchase.paid_minor, purchase.rate.value_minor, purchase.rate.amount_minor)
    terms = (order_id, purchase.account_id, purchase.asset_id, purchase.paid_day)
    return PURCHASE.pack(*terms, *map(_wide, amounts))


def decode_limits(reader: Reader, state: State) -> None:
    """Read the sections, and mark the accounts that limits touch."""
    for _ in reader.count():
        seq, command = reader.take(PENDING)
        record = _as_bytes(command)
        if int.from_bytes(record[:2], "little") not in SETTINGS:
            raise SnapshotError(f"setting {seq}, which is none")
        add_setting(state, seq, record)
    for _ in reader.count():
        asset_id, value, amount, evidence = reader.take(RATE)
        state.rates[asset_id] = (Rate(_number(value), _number(amount)), _as_bytes(evidence))
    for _ in reader.count():
        owner_id, residency, cap_exempt = reader.take(STATUS)
        state.statuses[owner_id] = ClientStatus(residency, cap_exempt)
    for _ in reader.count():
        *key, amount_max, exemptible, rulebook_hash = reader.take(LIMIT)
        kind, scope, subject, limit_period, asset_id, limit_class, residency = key
        rows = state.limits.setdefault((kind, scope, subject), {})
        limit = Limit(_number(amount_max), exemptible, _as_bytes(rulebook_hash))
        rows[limit_period, asset_id, limit_class, residency] = limit
    for _ in reader.count():
        *key, used = reader.take(COUNTER)
        state.counters[key[0], key[1], key[2], key[3], key[4], key[5]] = _number(used)
    state.counter_keys = sorted(state.counters)
    for _ in reader.count():
        decode_purchase(reader, state)
    if state.limits:
        for account in state.accounts:
            account.limited = touching_kinds(state, account, KINDS)


def decode_purchase(reader: Reader, state: State) -> None:
    """Read one open purchase."""
    order_id, account_id, asset_id, paid_day, open_minor, paid_minor, value, amount = reader.take(PURCHASE)
    if not 1 <= account_id <= len(state.accounts):
        raise SnapshotError(f"purchase {order_id} of account {account_id}")
    if max(_number(open_minor), _number(paid_minor)) > AMOUNT_MAX:
        raise SnapshotError(f"purchase {order_id} of more than there is")
    rate = Rate(_number(value), _number(amount))
    purchase = Purchase(account_id, asset_id, _number(open_minor), _number(paid_minor), paid_day, rate)
    replace_purchase(state, order_id, purchase._replace(open_minor=0), purchase)


def _as_bytes(value: Any) -> bytes:
    """Return a field of bytes."""
    return bytes(value)


def _number(value: Any) -> int:
    """Return a 128-bit number from its bytes."""
    return int.from_bytes(value, "little")
