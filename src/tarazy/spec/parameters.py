"""Parameter tables: integers that a rulebook release sets, with the hash of that release."""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX, PPM
from tarazy.domain.records import ParameterSet, ParameterTable, SetParameter
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.refusal import Refusal, require_four_eyes, require_hash
from tarazy.spec.state import TIER_COUNT, State

OPEN_ORDERS_LIMIT = (1 << 32) - 1
HORIZON_DAYS_LIMIT = 36_500


def table_bounds(state: State, table: int) -> tuple[int, int, int]:
    """Return (smallest key, largest key, largest value) of a table."""
    if table == ParameterTable.fee_discount_ppm:
        return 0, TIER_COUNT - 1, PPM
    if table == ParameterTable.open_orders_max:
        return 0, 0, OPEN_ORDERS_LIMIT
    if table == ParameterTable.evidence_horizon_days:
        return 0, 0, HORIZON_DAYS_LIMIT
    return 1, len(state.assets), AMOUNT_MAX


def set_parameter(state: State, command: SetParameter) -> None:
    """Set one row of a parameter table."""
    # GATE
    require_four_eyes(command.officer_id, command.approver_id)
    key_min, key_max, value_max = table_bounds(state, command.parameter_table)
    if not key_min <= command.parameter_key <= key_max:
        raise Refusal(RejectCode.parameter_key_unknown, key_max, command.parameter_key)
    if command.parameter_value > value_max:
        raise Refusal(RejectCode.parameter_out_of_range, value_max, command.parameter_value)
    require_hash(command.rulebook_hash, RejectCode.rulebook_hash_missing)
    # POST
    key = (command.parameter_table, command.parameter_key)
    state.parameters[key] = (command.parameter_value, command.rulebook_hash)
    if command.parameter_table == ParameterTable.fee_discount_ppm:
        state.discounts_ppm[command.parameter_key] = command.parameter_value
        for market in state.markets:
            market.derive_rates(state.discounts_ppm)
    # EMIT
    state.out.append(
        ParameterSet(
            parameter_table=command.parameter_table,
            seq=state.seq,
            parameter_key=command.parameter_key,
            parameter_value=command.parameter_value,
            rulebook_hash=command.rulebook_hash,
        ).pack()
    )
