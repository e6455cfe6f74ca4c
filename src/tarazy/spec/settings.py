"""Settings that take effect later: parameters, market rules, fees, tick sizes and limits with a notice period.

A pending setting is the command itself, kept under its number; a timer applies it before the first command at or after
its time. Several settings of one row may be pending. One leaves before its time only when a later setting of the same
row names it; that one may take effect at once.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import COMMANDS, CommandKind, SettingReplaced
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import SETTING_DUE, State

SET_PARAMETER = int(CommandKind.set_parameter)
SET_MARKET_RULES = int(CommandKind.set_market_rules)
SET_LIMIT = int(CommandKind.set_limit)
SET_FEES = int(CommandKind.set_fees)
SET_TICK_BAND = int(CommandKind.set_tick_band)
# What a setting sets: its table, then the key there.
Row = tuple[int, ...]


def row_of(record: bytes) -> Row:
    """Return the row that a command sets. Setting and removing a limit are about the same row."""
    kind = int.from_bytes(record[0:2], "little")
    command: Any = COMMANDS[kind].unpack(record)
    if kind == SET_PARAMETER:
        return SET_PARAMETER, command.parameter_table, command.parameter_key, 0
    if kind == SET_MARKET_RULES:
        return SET_MARKET_RULES, command.market_id, 0, 0
    if kind == SET_FEES:
        return SET_FEES, command.account_id, command.market_id, 0
    if kind == SET_TICK_BAND:
        return SET_TICK_BAND, command.market_id, command.from_price_ticks, 0
    terms = int.from_bytes(record[2:7], "little")
    return SET_LIMIT, terms, command.limit_asset_id, command.limit_subject


def market_of(record: bytes) -> int:
    """Return the market in whose lots or ticks a pending setting is stated, 0 where it is in none."""
    row = row_of(record)
    return row[1] if row[0] in (SET_MARKET_RULES, SET_TICK_BAND) else 0


def check_setting(state: State, command: Any) -> None:
    """Refuse a time that is over, and the replacement of what is not pending in the same row."""
    if command.effective_ns and command.effective_ns <= command.ts_ns:
        raise Refusal(RejectCode.effective_time_past, command.ts_ns + 1, command.effective_ns)
    if command.replaces_seq:
        pending = state.pending.get(command.replaces_seq)
        if pending is None or row_of(pending) != row_of(command.pack()):
            raise Refusal(RejectCode.pending_setting_unknown, 0, command.replaces_seq)


def keep_setting(state: State, command: Any) -> bool:
    """Drop the pending setting that the command names, keep its own, and return whether it waits for its time."""
    if command.replaces_seq:
        drop_setting(state, command.replaces_seq)
        state.out.append(SettingReplaced(seq=state.seq, scheduled_seq=command.replaces_seq).pack())
    if command.effective_ns == 0:
        return False
    add_setting(state, state.seq, command.pack())
    return True


def add_setting(state: State, seq: int, record: bytes) -> None:
    """Keep a pending setting under the number of its command, with its timer."""
    state.pending[seq] = record
    state.add_timer(effective_ns(record), SETTING_DUE, seq, 0)


def drop_setting(state: State, seq: int) -> bytes:
    """Forget a pending setting and its timer, and return its command."""
    record = state.pending.pop(seq)
    state.drop_timer(effective_ns(record), SETTING_DUE, seq, 0)
    return record


def effective_ns(record: bytes) -> int:
    """Return when a setting takes effect."""
    command: Any = COMMANDS[int.from_bytes(record[0:2], "little")].unpack(record)
    time_ns: int = command.effective_ns
    return time_ns
