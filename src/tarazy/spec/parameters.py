"""Parameter tables: integers that a rulebook release sets, with the hash of that release."""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX, PPM
from tarazy.domain.records import ParameterScheduled, ParameterSet, ParameterTable, SetParameter
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.client_ids import set_horizon
from tarazy.spec.limit_settings import derive_limits
from tarazy.spec.limits import PURCHASES
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.settings import check_setting, keep_setting
from tarazy.spec.state import TIER_COUNT, State

OPEN_ORDERS_LIMIT = (1 << 32) - 1
MARKETS_LIMIT = (1 << 32) - 1  # a row may be set before its market is there
TIME_ZONE_MAX = 2 * 1440
MS_NS = 1_000_000
DURATION_LIMIT_MS = 1 << 40
HORIZON_DAYS_LIMIT = 36_500
CLIENT_ID_HORIZON_LIMIT_MS = 86_400_000


def table_bounds(state: State, table: int) -> tuple[int, int, int]:
    """Return (smallest key, largest key, largest value) of a table."""
    if table == ParameterTable.fee_discount_ppm:
        return 0, TIER_COUNT - 1, PPM
    if table == ParameterTable.open_orders_max:
        return 0, 0, OPEN_ORDERS_LIMIT
    if table in (ParameterTable.clock_jump_max_ms, ParameterTable.instruction_validity_max_ms):
        return 0, 0, DURATION_LIMIT_MS
    if table == ParameterTable.time_zone_offset_minutes:
        return 0, 0, TIME_ZONE_MAX
    if table == ParameterTable.evidence_horizon_days:
        return 0, 0, HORIZON_DAYS_LIMIT
    if table == ParameterTable.client_id_horizon_ms:
        return 0, 0, CLIENT_ID_HORIZON_LIMIT_MS
    if table == ParameterTable.block_value_min_minor:
        return 1, MARKETS_LIMIT, AMOUNT_MAX
    if table == ParameterTable.block_delay_ms:
        return 1, MARKETS_LIMIT, DURATION_LIMIT_MS
    return 1, len(state.assets), AMOUNT_MAX


def check_parameter(state: State, command: SetParameter) -> None:
    """Refuse a row that is not there, a value out of range, and a change that no rulebook orders."""
    key_min, key_max, value_max = table_bounds(state, command.parameter_table)
    if not key_min <= command.parameter_key <= key_max:
        nearest = key_min if command.parameter_key < key_min else key_max
        raise Refusal(RejectCode.parameter_key_unknown, nearest, command.parameter_key)
    if command.parameter_value > value_max:
        raise Refusal(RejectCode.parameter_out_of_range, value_max, command.parameter_value)
    require_hash(command.rulebook_hash, RejectCode.rulebook_hash_missing)


def set_parameter(state: State, command: SetParameter) -> None:
    """Set one row of a parameter table, at once or later."""
    # GATE
    check_parameter(state, command)
    check_setting(state, command)
    # POST EMIT
    if keep_setting(state, command):
        state.out.append(
            ParameterScheduled(
                parameter_table=command.parameter_table,
                seq=state.seq,
                parameter_key=command.parameter_key,
                effective_ns=command.effective_ns,
                parameter_value=command.parameter_value,
                rulebook_hash=command.rulebook_hash,
            ).pack()
        )
    else:
        apply_parameter(state, command, 0)


def apply_parameter(state: State, command: SetParameter, scheduled_seq: int) -> None:
    """Let a row of a parameter table take effect."""
    # POST
    table, key = command.parameter_table, command.parameter_key
    keep_parameter(state, table, key, command.parameter_value, command.rulebook_hash)
    if table == ParameterTable.fee_discount_ppm:
        for market in state.markets:
            state.derive_rates(market)
    # EMIT
    state.out.append(
        ParameterSet(
            parameter_table=command.parameter_table,
            seq=state.seq,
            parameter_key=command.parameter_key,
            scheduled_seq=scheduled_seq,
            parameter_value=command.parameter_value,
            rulebook_hash=command.rulebook_hash,
        ).pack()
    )
    if command.parameter_table == ParameterTable.time_zone_offset_minutes:
        derive_limits(state, range(1, len(state.accounts) + 1), (PURCHASES,))


def keep_parameter(state: State, table: int, key: int, value: int, rulebook_hash: bytes) -> None:
    """Keep a row, and what is read from it on every command."""
    state.parameters[table, key] = (value, rulebook_hash)
    if table == ParameterTable.fee_discount_ppm:
        state.discounts_ppm[key] = value
    elif table == ParameterTable.clock_jump_max_ms:
        state.clock_jump_max_ns = value * MS_NS
    elif table == ParameterTable.client_id_horizon_ms:
        set_horizon(state, value * MS_NS)
