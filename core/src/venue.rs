//! The venue: apply(commands) -> events. One function decides what happens; everything else is its parts.
//!
//! Every record is checked in the same order: its kind, its reserved bytes, its time, its enum fields, how far its time
//! jumps, who signs it. Then time moves on and what is due happens, then its handler runs. A refused command leaves one
//! event and no other trace: it moves time only where something was due. After each command the ledger's invariants are
//! checked; a broken one, or any other fault inside a command, stops the engine for good.

use std::borrow::Cow;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

use crate::excerpt::encode_excerpt;
use crate::invariants::{Broken, Invariants};
use crate::liabilities::liabilities_root;
use crate::records::*;
use crate::refusal::{refuse, Refusal};
use crate::snapshot::{decode, digest, encode};
use crate::snapshot_bytes::{Pieces, SnapshotError, PIECE};
use crate::snapshot_check::check_state;
use crate::state::State;
use crate::timers::run_timers;
use crate::{
    accounts, amend, assets, authority, block_trades, busts, cancel, cancel_timers, checkpoint, client_keys,
    contingencies, custody, delistings, deposits, fees, house, increments, instructions, limit_settings, mandates,
    markets, observed, officers, order_lists, orders,
};
use crate::{parameters, prefetch, rates, receipts, shortfall, succession, ticks, undo, withdrawals};

type Record = [u8; RECORD_SIZE];

/// Why a batch was not applied.
#[derive(Debug)]
pub enum Fault {
    /// The bytes are not whole records; nothing was applied.
    Length(usize),
    /// An invariant does not hold; the engine has stopped.
    Broken(Broken),
}

/// One venue.
pub struct Venue {
    pub state: State,
    broken: Option<Broken>,
}

impl Default for Venue {
    fn default() -> Self {
        Self::new()
    }
}

impl Venue {
    /// Return an empty venue; its next sequence number is 1.
    pub fn new() -> Self {
        Self { state: State::new(), broken: None }
    }

    /// Apply commands in order and append their events to `state.out`, which the caller empties.
    pub fn apply(&mut self, commands: &[u8]) -> Result<(), Fault> {
        let (records, rest) = commands.as_chunks::<RECORD_SIZE>();
        if !rest.is_empty() {
            return Err(Fault::Length(commands.len()));
        }
        self.guarded(|state| apply_all(state, records))
    }

    /// Run a part of the engine; what breaks in it stops the engine for good.
    fn guarded(&mut self, part: impl FnOnce(&mut State)) -> Result<(), Fault> {
        if let Some(broken) = &self.broken {
            return Err(Fault::Broken(broken.clone()));
        }
        let state = &mut self.state;
        match catch_unwind(AssertUnwindSafe(|| part(state))) {
            Ok(()) => Ok(()),
            Err(payload) => {
                let broken = match payload.downcast::<Broken>() {
                    Ok(broken) => *broken,
                    Err(other) => {
                        self.broken = Some(internal(self.state.seq));
                        resume_unwind(other)
                    }
                };
                self.broken = Some(broken.clone());
                Err(Fault::Broken(broken))
            }
        }
    }

    /// Return the state in its canonical encoding.
    pub fn snapshot(&self) -> Vec<u8> {
        encode(&self.state)
    }

    /// Return the SHA-256 of the snapshot.
    pub fn state_digest(&self) -> [u8; 32] {
        digest(&self.state)
    }

    /// Add the whole state up again; where it does not add up, the engine has stopped.
    pub fn audit(&mut self) -> Result<(), Fault> {
        let state = &self.state;
        catch_unwind(AssertUnwindSafe(|| checkpoint::audit(state))).map_err(|payload| {
            let broken = payload.downcast::<Broken>().map_or_else(|_| internal(state.seq), |broken| *broken);
            self.broken = Some(broken.clone());
            Fault::Broken(broken)
        })
    }

    /// Return the root of the liabilities tree.
    pub fn liabilities_root(&self) -> [u8; 32] {
        liabilities_root(&self.state)
    }

    /// Return the part of the state that concerns these accounts and, with such of their orders, these markets.
    pub fn excerpt(&self, account_ids: &[u32], market_ids: &[u32], depth: u32, order_ids: &[u64]) -> Vec<u8> {
        encode_excerpt(&self.state, account_ids, market_ids, depth, order_ids)
    }

    /// Return a venue with the state of a snapshot.
    pub fn restore(snapshot: &[u8]) -> Result<Self, SnapshotError> {
        Self::restore_pieces(&mut snapshot.chunks(PIECE).map(Cow::Borrowed))
    }

    /// Return a venue with the state of a snapshot that comes piece by piece.
    pub fn restore_pieces(pieces: &mut Pieces) -> Result<Self, SnapshotError> {
        let decoded = catch_unwind(AssertUnwindSafe(|| {
            let (mut state, read) = decode(pieces)?;
            check_state(&mut state)?;
            state.check();
            state.trades.prepare();
            state.invariants = Invariants::default();
            match digest(&state) == read {
                true => Ok(state),
                false => Err(SnapshotError::from("the snapshot is not in its canonical order")),
            }
        }));
        let state = decoded.unwrap_or_else(|payload| {
            Err(match payload.downcast::<Broken>() {
                Ok(broken) => format!("the snapshot does not add up: {}, {}", broken.invariant, broken.detail),
                Err(_) => "the snapshot names what is not there".into(),
            })
        })?;
        Ok(Self { state, broken: None })
    }
}

/// Apply records in order, looking ahead where that pays.
fn apply_all(state: &mut State, records: &[Record]) {
    if !prefetch::pays(state) {
        for (at, record) in records.iter().enumerate() {
            if let Some(later) = records.get(at + prefetch::ONCE) {
                prefetch::look_once(state, later);
            }
            apply_one(state, record);
        }
        return;
    }
    let mut ahead = prefetch::Ahead::default();
    for (at, record) in records.iter().enumerate() {
        ahead.look(state, records, at, state.next_seq);
        apply_one(state, record);
    }
}

fn internal(seq: u64) -> Broken {
    Broken { invariant: "INTERNAL", seq, detail: "the engine panicked before".into() }
}

/// Give the next sequence number to the command and apply it.
#[inline(never)]
pub fn apply_one(state: &mut State, record: &Record) {
    state.seq = state.next_seq;
    state.invariants.seq = state.seq;
    state.next_seq += 1;
    state.trade_index = 0;
    let kind = u16::from_le_bytes([record[0], record[1]]);
    authority::cover(state, kind);
    if let Err(refusal) = run(state, record, kind) {
        authority::note_refusal(state);
        emit_rejected(state, record, kind, refusal);
    }
    state.check();
}

#[inline(always)]
fn run(state: &mut State, record: &Record, kind: u16) -> Result<(), Refusal> {
    check_record(state, record, kind)?;
    let (before_ns, now_ns) = (state.last_ts_ns, ts_ns(record));
    authority::check_jump(state, kind, record, now_ns)?;
    if !matches!(kind, PlaceOrder::KIND | CancelOrder::KIND | AmendOrder::KIND) {
        authority::check(state, kind, record, now_ns)?;
    }
    state.last_ts_ns = now_ns;
    let due = state.has_timers() && state.next_due(now_ns).is_some();
    if due {
        run_timers(state);
    }
    let outcome = dispatch(state, record, kind);
    if !state.leg_events.is_empty() {
        contingencies::settle_legs(state);
    }
    match outcome {
        Ok(()) => authority::count_uses(state),
        Err(_) if !due => state.last_ts_ns = before_ns,
        Err(_) => {}
    }
    outcome
}

#[inline(always)]
fn ts_ns(record: &Record) -> u64 {
    u64::from_le_bytes([record[8], record[9], record[10], record[11], record[12], record[13], record[14], record[15]])
}

/// Refuse a record that is not well-formed or whose time went back.
#[inline(always)]
fn check_record(state: &State, record: &Record, kind: u16) -> Result<(), Refusal> {
    match kind {
        PlaceOrder::KIND => check_layout(state, record, PlaceOrder::RESERVED, PlaceOrder::ENUMS),
        CancelOrder::KIND => check_layout(state, record, CancelOrder::RESERVED, CancelOrder::ENUMS),
        _ => match layout(kind) {
            Some((reserved, enums)) => check_layout(state, record, reserved, enums),
            None => refuse(RejectCode::UnknownCommand, COMMAND_MAX as u128, kind as u128),
        },
    }
}

#[inline(always)]
fn check_layout(
    state: &State,
    record: &Record,
    reserved: &[(usize, usize)],
    enums: &[(usize, u8, u8)],
) -> Result<(), Refusal> {
    for &(start, end) in reserved {
        if record[start..end].iter().fold(0, |all, &byte| all | byte) != 0 {
            let first = record[start..end].iter().position(|&byte| byte != 0).unwrap_or(0);
            return refuse(RejectCode::ReservedNotZero, 0, (start + first) as u128);
        }
    }
    if ts_ns(record) < state.last_ts_ns {
        return refuse(RejectCode::TimeWentBack, state.last_ts_ns as u128, ts_ns(record) as u128);
    }
    for &(at, smallest, largest) in enums {
        if record[at] < smallest || record[at] > largest {
            return refuse(RejectCode::FieldNotInList, largest as u128, record[at] as u128);
        }
    }
    Ok(())
}

#[inline(always)]
fn dispatch(state: &mut State, record: &Record, kind: u16) -> Result<(), Refusal> {
    match kind {
        PlaceOrder::KIND => orders::place_order(state, PlaceOrder::read(record)),
        CancelOrder::KIND => cancel::cancel_order(state, CancelOrder::read(record)),
        AmendOrder::KIND => amend::amend_order(state, AmendOrder::read(record)),
        _ => dispatch_rare(state, record, kind),
    }
}

#[inline(never)]
fn dispatch_rare(state: &mut State, record: &Record, kind: u16) -> Result<(), Refusal> {
    match kind {
        CancelAll::KIND => cancel::cancel_all(state, CancelAll::read(record)),
        RegisterAsset::KIND => assets::register_asset(state, RegisterAsset::read(record)),
        AdmitAsset::KIND => assets::admit_asset(state, AdmitAsset::read(record)),
        SuspendAsset::KIND => assets::suspend_asset(state, SuspendAsset::read(record)),
        RemoveAsset::KIND => assets::remove_asset(state, RemoveAsset::read(record)),
        OpenMarket::KIND => markets::open_market(state, OpenMarket::read(record)),
        SetMarketRules::KIND => markets::set_market_rules(state, SetMarketRules::read(record)),
        SetMarketState::KIND => markets::set_market_state(state, SetMarketState::read(record)),
        SetTradingRules::KIND => markets::set_trading_rules(state, SetTradingRules::read(record)),
        SetParameter::KIND => parameters::set_parameter(state, SetParameter::read(record)),
        TakeCheckpoint::KIND => checkpoint::take_checkpoint(state, TakeCheckpoint::read(record)),
        RegisterOfficer::KIND => officers::register_officer(state, RegisterOfficer::read(record)),
        SetOfficerState::KIND => officers::set_officer_state(state, SetOfficerState::read(record)),
        RotateOfficerKey::KIND => officers::rotate_officer_key(state, RotateOfficerKey::read(record)),
        GrantMandate::KIND => mandates::grant_mandate(state, GrantMandate::read(record)),
        RevokeMandate::KIND => mandates::revoke_mandate(state, RevokeMandate::read(record)),
        RotateFacilityKey::KIND => officers::rotate_facility_key(state, RotateFacilityKey::read(record)),
        PresentInstruction::KIND => instructions::present_instruction(state, PresentInstruction::read(record)),
        OpenAccount::KIND => accounts::open_account(state, OpenAccount::read(record)),
        SetAccountState::KIND => accounts::set_account_state(state, SetAccountState::read(record)),
        SetAccountTier::KIND => accounts::set_account_tier(state, SetAccountTier::read(record)),
        RegisterClientKey::KIND => client_keys::register_client_key(state, RegisterClientKey::read(record)),
        RevokeClientKey::KIND => client_keys::revoke_client_key(state, RevokeClientKey::read(record)),
        CreditDeposit::KIND => deposits::credit_deposit(state, CreditDeposit::read(record)),
        RequestWithdrawal::KIND => withdrawals::request_withdrawal(state, RequestWithdrawal::read(record)),
        SettleWithdrawal::KIND => withdrawals::settle_withdrawal(state, SettleWithdrawal::read(record)),
        RejectWithdrawal::KIND => withdrawals::reject_withdrawal(state, RejectWithdrawal::read(record)),
        MoveCustody::KIND => custody::move_custody(state, MoveCustody::read(record)),
        SweepFees::KIND => house::sweep_fees(state, SweepFees::read(record)),
        FundHouse::KIND => house::fund_house(state, FundHouse::read(record)),
        DrawHouse::KIND => house::draw_house(state, DrawHouse::read(record)),
        ApproveWithdrawal::KIND => withdrawals::approve_withdrawal(state, ApproveWithdrawal::read(record)),
        DispatchWithdrawal::KIND => withdrawals::dispatch_withdrawal(state, DispatchWithdrawal::read(record)),
        UndoWithdrawal::KIND => withdrawals::undo_withdrawal(state, UndoWithdrawal::read(record)),
        ReceiveUnattributed::KIND => deposits::receive_unattributed(state, ReceiveUnattributed::read(record)),
        AttributeReceipt::KIND => receipts::attribute_receipt(state, AttributeReceipt::read(record)),
        RequestReturn::KIND => receipts::request_return(state, RequestReturn::read(record)),
        UndoDeposit::KIND => undo::undo_deposit(state, UndoDeposit::read(record)),
        RecordLoss::KIND => shortfall::record_loss(state, RecordLoss::read(record)),
        RecordRecovery::KIND => shortfall::record_recovery(state, RecordRecovery::read(record)),
        RecordNetworkFee::KIND => shortfall::record_network_fee(state, RecordNetworkFee::read(record)),
        LendFloat::KIND => shortfall::lend_float(state, LendFloat::read(record)),
        TopUpShortfall::KIND => shortfall::top_up_shortfall(state, TopUpShortfall::read(record)),
        TopUpFromFees::KIND => shortfall::top_up_from_fees(state, TopUpFromFees::read(record)),
        CompensateClient::KIND => house::compensate_client(state, CompensateClient::read(record)),
        RefundFee::KIND => house::refund_fee(state, RefundFee::read(record)),
        SeizeAssets::KIND => succession::seize_assets(state, SeizeAssets::read(record)),
        TransferOwnership::KIND => succession::transfer_ownership(state, TransferOwnership::read(record)),
        CreditAirdrop::KIND => deposits::credit_airdrop(state, CreditAirdrop::read(record)),
        MigrateAsset::KIND => succession::migrate_asset(state, MigrateAsset::read(record)),
        CreditInterest::KIND => deposits::credit_interest(state, CreditInterest::read(record)),
        DeclareUnclaimed::KIND => succession::declare_unclaimed(state, DeclareUnclaimed::read(record)),
        ReportBalance::KIND => observed::report_balance(state, ReportBalance::read(record)),
        BustTrade::KIND => busts::bust_trade(state, BustTrade::read(record)),
        ExecuteBlockTrade::KIND => block_trades::execute_block_trade(state, ExecuteBlockTrade::read(record)),
        SetCancelTimer::KIND => cancel_timers::set_cancel_timer(state, SetCancelTimer::read(record)),
        PlaceTrailingStop::KIND => order_lists::place_trailing_stop(state, PlaceTrailingStop::read(record)),
        PlaceOco::KIND => order_lists::place_oco(state, PlaceOco::read(record)),
        PlaceOto::KIND => order_lists::place_oto(state, PlaceOto::read(record)),
        PlaceOtoco::KIND => order_lists::place_otoco(state, PlaceOtoco::read(record)),
        CancelOrderList::KIND => order_lists::cancel_order_list(state, CancelOrderList::read(record)),
        SetLimit::KIND => limit_settings::set_limit(state, SetLimit::read(record)),
        RemoveLimit::KIND => limit_settings::remove_limit(state, RemoveLimit::read(record)),
        SetRate::KIND => rates::set_rate(state, SetRate::read(record)),
        SetClientStatus::KIND => limit_settings::set_client_status(state, SetClientStatus::read(record)),
        SetFees::KIND => fees::set_fees(state, SetFees::read(record)),
        SetTickBand::KIND => ticks::set_tick_band(state, SetTickBand::read(record)),
        ScheduleDelisting::KIND => delistings::schedule_delisting(state, ScheduleDelisting::read(record)),
        CancelDelisting::KIND => delistings::cancel_delisting(state, CancelDelisting::read(record)),
        ChangeIncrements::KIND => increments::change_increments(state, ChangeIncrements::read(record)),
        // AdvanceTime: what was due has happened before any handler.
        _ => Ok(()),
    }
}

/// Say that the command was refused; account, market and client's order number where its kind has them.
#[cold]
fn emit_rejected(state: &mut State, record: &Record, kind: u16, refusal: Refusal) {
    let (account_at, market_at, client_at) = subject_offsets(kind);
    let u32_at = |at: usize| match at {
        0 => 0,
        _ => u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]),
    };
    let client_order_id = match client_at {
        0 => 0,
        at => u32_at(at) as u64 | (u32_at(at + 4) as u64) << 32,
    };
    let event = CommandRejected {
        reject_code: refusal.code as u16,
        command_kind: kind,
        seq: state.seq,
        account_id: u32_at(account_at),
        market_id: u32_at(market_at),
        client_order_id,
        expected: refusal.expected,
        found: refusal.found,
    };
    event.write(&mut state.out);
}
