//! Settings that take effect later: parameters, market rules, fees, tick sizes and limits with a notice period.
//!
//! A pending setting is the command itself, kept under its number; a timer applies it before the first command at or
//! after its time. Several settings of one row may be pending. One leaves before its time only when a later setting of
//! the same row names it; that one may take effect at once.

use crate::records::{
    RejectCode, RemoveLimit, SetFees, SetLimit, SetMarketRules, SetParameter, SetTickBand, SettingReplaced, RECORD_SIZE,
};
use crate::refusal::{refuse, Refusal};
use crate::state::{State, SETTING_DUE};

/// What a setting sets: its table, then the key there.
pub type Row = (u16, u64, u64, u64);

/// Return the row that a command sets. Setting and removing a limit are about the same row.
fn row_of(record: &[u8; RECORD_SIZE]) -> Row {
    match kind_of(record) {
        SetParameter::KIND => {
            let command = SetParameter::read(record);
            (SetParameter::KIND, command.parameter_table as u64, command.parameter_key, 0)
        }
        SetMarketRules::KIND => (SetMarketRules::KIND, SetMarketRules::read(record).market_id as u64, 0, 0),
        SetTickBand::KIND => {
            let command = SetTickBand::read(record);
            (SetTickBand::KIND, command.market_id as u64, command.from_price_ticks, 0)
        }
        SetFees::KIND => {
            let command = SetFees::read(record);
            (SetFees::KIND, command.account_id as u64, command.market_id as u64, 0)
        }
        SetLimit::KIND => {
            let command = SetLimit::read(record);
            (SetLimit::KIND, terms(record), command.limit_asset_id as u64, command.limit_subject)
        }
        _ => {
            let command = RemoveLimit::read(record);
            (SetLimit::KIND, terms(record), command.limit_asset_id as u64, command.limit_subject)
        }
    }
}

/// Return the market in whose lots or ticks a pending setting is stated, 0 where it is in none.
pub fn market_of(record: &[u8; RECORD_SIZE]) -> u64 {
    let row = row_of(record);
    if matches!(row.0, SetMarketRules::KIND | SetTickBand::KIND) {
        row.1
    } else {
        0
    }
}

/// Return the kind of a record.
pub fn kind_of(record: &[u8; RECORD_SIZE]) -> u16 {
    u16::from_le_bytes([record[0], record[1]])
}

/// Return kind, scope, period, class and residency of a limit as one number.
fn terms(record: &[u8; RECORD_SIZE]) -> u64 {
    u64::from_le_bytes([record[2], record[3], record[4], record[5], record[6], 0, 0, 0])
}

/// What the checks of a setting need of its command.
pub struct Setting {
    pub record: [u8; RECORD_SIZE],
    pub ts_ns: u64,
    pub effective_ns: u64,
    pub replaces_seq: u64,
}

macro_rules! setting {
    ($command:expr) => {{
        let mut bytes = Vec::with_capacity(crate::records::RECORD_SIZE);
        $command.write(&mut bytes);
        let mut record = [0u8; crate::records::RECORD_SIZE];
        record.copy_from_slice(&bytes);
        crate::settings::Setting {
            record,
            ts_ns: $command.ts_ns,
            effective_ns: $command.effective_ns,
            replaces_seq: $command.replaces_seq,
        }
    }};
}
pub(crate) use setting;

/// Refuse a time that is over, and the replacement of what is not pending in the same row.
pub fn check_setting(state: &State, setting: &Setting) -> Result<(), Refusal> {
    if setting.effective_ns != 0 && setting.effective_ns <= setting.ts_ns {
        return refuse(RejectCode::EffectiveTimePast, setting.ts_ns as u128 + 1, setting.effective_ns as u128);
    }
    if setting.replaces_seq != 0 {
        match state.pending.get(&setting.replaces_seq) {
            Some(pending) if row_of(pending) == row_of(&setting.record) => {}
            _ => return refuse(RejectCode::PendingSettingUnknown, 0, setting.replaces_seq as u128),
        }
    }
    Ok(())
}

/// Drop the pending setting that the command names, keep its own, and return whether it waits for its time.
pub fn keep_setting(state: &mut State, setting: &Setting) -> bool {
    if setting.replaces_seq != 0 {
        drop_setting(state, setting.replaces_seq);
        SettingReplaced { seq: state.seq, scheduled_seq: setting.replaces_seq }.write(&mut state.out);
    }
    if setting.effective_ns == 0 {
        return false;
    }
    add_setting(state, state.seq, setting.record);
    true
}

/// Keep a pending setting under the number of its command, with its timer.
pub fn add_setting(state: &mut State, seq: u64, record: [u8; RECORD_SIZE]) {
    state.pending.insert(seq, record);
    state.add_timer(effective_ns(&record), SETTING_DUE, seq, 0);
}

/// Forget a pending setting and its timer, and return its command.
pub fn drop_setting(state: &mut State, seq: u64) -> [u8; RECORD_SIZE] {
    let record = state.pending.remove(&seq).expect("a timer outlived its setting");
    state.drop_timer(effective_ns(&record), SETTING_DUE, seq, 0);
    record
}

/// Return when a setting takes effect.
pub fn effective_ns(record: &[u8; RECORD_SIZE]) -> u64 {
    match kind_of(record) {
        SetParameter::KIND => SetParameter::read(record).effective_ns,
        SetMarketRules::KIND => SetMarketRules::read(record).effective_ns,
        SetFees::KIND => SetFees::read(record).effective_ns,
        SetTickBand::KIND => SetTickBand::read(record).effective_ns,
        SetLimit::KIND => SetLimit::read(record).effective_ns,
        _ => RemoveLimit::read(record).effective_ns,
    }
}
