//! Parameter tables: integers that a rulebook release sets, with the hash of that release.

use crate::arithmetic::{AMOUNT_MAX, PPM};
use crate::client_ids::set_horizon;
use crate::limit_settings::derive_limits;
use crate::records::{LimitKind, ParameterScheduled, ParameterSet, ParameterTable, RejectCode, SetParameter};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::settings::{check_setting, keep_setting, setting};
use crate::state::{State, TIER_COUNT};

const OPEN_ORDERS_LIMIT: u128 = (1 << 32) - 1;
const MARKETS_LIMIT: u64 = (1 << 32) - 1; // a row may be set before its market is there
const TIME_ZONE_MAX: u128 = 2 * 1440;
pub const MS_NS: u64 = 1_000_000;
const DURATION_LIMIT_MS: u128 = 1 << 40;
const HORIZON_DAYS_LIMIT: u128 = 36_500;
const CLIENT_ID_HORIZON_LIMIT_MS: u128 = 86_400_000;

/// Return (smallest key, largest key, largest value) of a table.
pub fn table_bounds(state: &State, table: u8) -> (u64, u64, u128) {
    match table {
        ParameterTable::FEE_DISCOUNT_PPM => (0, TIER_COUNT as u64 - 1, PPM as u128),
        ParameterTable::OPEN_ORDERS_MAX => (0, 0, OPEN_ORDERS_LIMIT),
        ParameterTable::CLOCK_JUMP_MAX_MS | ParameterTable::INSTRUCTION_VALIDITY_MAX_MS => (0, 0, DURATION_LIMIT_MS),
        ParameterTable::TIME_ZONE_OFFSET_MINUTES => (0, 0, TIME_ZONE_MAX),
        ParameterTable::EVIDENCE_HORIZON_DAYS => (0, 0, HORIZON_DAYS_LIMIT),
        ParameterTable::CLIENT_ID_HORIZON_MS => (0, 0, CLIENT_ID_HORIZON_LIMIT_MS),
        ParameterTable::BLOCK_VALUE_MIN_MINOR => (1, MARKETS_LIMIT, AMOUNT_MAX),
        ParameterTable::BLOCK_DELAY_MS => (1, MARKETS_LIMIT, DURATION_LIMIT_MS),
        _ => (1, state.assets.len() as u64, AMOUNT_MAX),
    }
}

/// Refuse a row that is not there, a value out of range, and a change that no rulebook orders.
pub fn check_parameter(state: &State, command: &SetParameter) -> Result<(), Refusal> {
    let (key_min, key_max, value_max) = table_bounds(state, command.parameter_table);
    if command.parameter_key < key_min || command.parameter_key > key_max {
        let nearest = if command.parameter_key < key_min { key_min } else { key_max };
        return refuse(RejectCode::ParameterKeyUnknown, nearest as u128, command.parameter_key as u128);
    }
    if command.parameter_value > value_max {
        return refuse(RejectCode::ParameterOutOfRange, value_max, command.parameter_value);
    }
    require_hash(&command.rulebook_hash, RejectCode::RulebookHashMissing)
}

/// Set one row of a parameter table, at once or later.
pub fn set_parameter(state: &mut State, command: SetParameter) -> Result<(), Refusal> {
    // GATE
    check_parameter(state, &command)?;
    let setting = setting!(command);
    check_setting(state, &setting)?;
    // POST EMIT
    if keep_setting(state, &setting) {
        let event = ParameterScheduled {
            parameter_table: command.parameter_table,
            seq: state.seq,
            parameter_key: command.parameter_key,
            effective_ns: command.effective_ns,
            parameter_value: command.parameter_value,
            rulebook_hash: command.rulebook_hash,
        };
        event.write(&mut state.out);
    } else {
        apply_parameter(state, command, 0);
    }
    Ok(())
}

/// Let a row of a parameter table take effect.
pub fn apply_parameter(state: &mut State, command: SetParameter, scheduled_seq: u64) {
    // POST
    let key = (command.parameter_table, command.parameter_key);
    keep_parameter(state, key, command.parameter_value, command.rulebook_hash);
    if command.parameter_table == ParameterTable::FEE_DISCOUNT_PPM {
        for market_id in 1..=state.markets.len() as u32 {
            state.derive_rates(market_id);
        }
    }
    // EMIT
    let event = ParameterSet {
        parameter_table: command.parameter_table,
        seq: state.seq,
        parameter_key: command.parameter_key,
        scheduled_seq,
        parameter_value: command.parameter_value,
        rulebook_hash: command.rulebook_hash,
    };
    event.write(&mut state.out);
    if command.parameter_table == ParameterTable::TIME_ZONE_OFFSET_MINUTES {
        derive_limits(state, (1..=state.accounts.len() as u32).collect(), &[LimitKind::PURCHASES]);
    }
}

/// Keep a row, and what is read from it on every command.
pub fn keep_parameter(state: &mut State, key: (u8, u64), value: u128, rulebook_hash: [u8; 32]) {
    state.parameters.insert(key, (value, rulebook_hash));
    match key.0 {
        ParameterTable::FEE_DISCOUNT_PPM => state.discounts_ppm[key.1 as usize] = value as u32,
        ParameterTable::OPEN_ORDERS_MAX => state.open_orders_max = value as u64,
        ParameterTable::CLOCK_JUMP_MAX_MS => state.clock_jump_max_ns = (value as u64).saturating_mul(MS_NS),
        ParameterTable::CLIENT_ID_HORIZON_MS => set_horizon(state, (value as u64).saturating_mul(MS_NS)),
        _ => {}
    }
}
