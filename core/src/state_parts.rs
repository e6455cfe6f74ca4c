//! Parts of the state that only rare commands touch: withdrawals and receipts, officers and mandates, limits.

use std::collections::{BTreeMap, BTreeSet};

pub const REQUESTED: u8 = 1;
pub const APPROVED: u8 = 2;
pub const DISPATCHED: u8 = 3;

/// Assets on their way out of the client estate: held by the account or, for a return, by its receipt.
///
/// withdrawal_state: REQUESTED, APPROVED, DISPATCHED (and then `location` says from where).
#[derive(Clone, Copy)]
pub struct Withdrawal {
    pub withdrawal_id: u64,
    pub kind: u8,
    pub withdrawal_state: u8,
    pub location: u8,
    pub account_id: u32,
    pub asset_id: u32,
    pub receipt_id: u64,
    pub amount_minor: u128,
    pub destination_hash: [u8; 32],
}

/// What holds the amount of a withdrawal: (account, asset, 0), or (0, 0, receipt).
pub type HeldBy = (u32, u32, u64);

/// Return what holds the amount of a withdrawal.
pub fn held_by(withdrawal: &Withdrawal) -> HeldBy {
    if withdrawal.receipt_id != 0 {
        return (0, 0, withdrawal.receipt_id);
    }
    (withdrawal.account_id, withdrawal.asset_id, 0)
}

/// Assets in the client estate that wait unattributed; `returning_minor` of them is asked to be sent back.
#[derive(Clone, Copy)]
pub struct Receipt {
    pub receipt_id: u64,
    pub reason: u8,
    pub account_id: u32,
    pub asset_id: u32,
    pub amount_minor: u128,
    pub returning_minor: u128,
    pub evidence_hash: [u8; 32],
}

/// What a piece of evidence was recorded for; the kinds are evidence.rs's.
///
/// credited_minor: the part that went to account_id (undone: the part taken back from it). lost_minor: the part that
/// was a shortfall when the credit was undone.
#[derive(Clone, Copy, Default)]
pub struct Evidence {
    pub kind: u8,
    pub location: u8,
    pub is_undone: bool,
    pub account_id: u32,
    pub asset_id: u32,
    pub number: u64,
    pub amount_minor: u128,
    pub credited_minor: u128,
    pub lost_minor: u128,
    pub seq: u64,
    pub recorded_ns: u64,
}

/// A trade that can still be busted; market_id 0 when it was. Fees and rebate follow from amounts and rates. One cache
/// line.
#[derive(Clone, Copy, Default)]
pub struct Trade {
    pub seq: u64,
    pub trade_index: u32,
    pub market_id: u32,
    pub buyer_account_id: u32,
    pub seller_account_id: u32,
    pub buyer_rate_ppm: i32,
    pub seller_rate_ppm: i32,
    pub quantity_minor: u128,
    pub cost_minor: u128,
}

/// An asset's way out of trading: its stage, and when its steps are due.
#[derive(Clone, Copy)]
pub struct Delisting {
    pub asset_id: u32,
    pub stage: u8,
    pub cancel_only_ns: u64,
    pub close_ns: u64,
    pub withdraw_until_ns: u64,
    pub decision_hash: [u8; 32],
}

impl Delisting {
    /// Return when the next step is due, 0 after the last.
    pub fn due_ns(&self) -> u64 {
        [0, self.cancel_only_ns, self.close_ns, self.withdraw_until_ns, 0][self.stage as usize]
    }
}

/// Fees of an account or a market in place of the standard ones; a maker's rate below zero is a rebate.
#[derive(Clone, Copy)]
pub struct Fees {
    pub maker_rate_ppm: i32,
    pub taker_rate_ppm: i32,
    pub rulebook_hash: [u8; 32],
}

/// A registered officer.
#[derive(Clone, Copy)]
pub struct Officer {
    pub officer_roles: u16,
    pub officer_state: u8,
    pub valid_from_ns: u64,
    pub valid_until_ns: u64,
    pub public_key: [u8; 32],
}

/// A key with which a client signs its requests; scopes: trade 1, withdraw 2; valid_until_ns 0 = it has no end.
#[derive(Clone, Copy)]
pub struct ClientKey {
    pub account_id: u32,
    pub client_key_scopes: u8,
    pub signed_only: u8,
    pub valid_until_ns: u64,
    pub public_key: [u8; 32],
    pub is_revoked: bool,
}

/// What a machine officer may do, and what it used of it on the UTC day `used_day` (days since 1970).
#[derive(Clone, Copy)]
pub struct Mandate {
    pub mandate_id: u64,
    pub officer_id: u32,
    pub mandated_kind: u16,
    pub asset_id: u32,
    pub amount_max_minor: u128,
    pub day_max_minor: u128,
    pub valid_until_ns: u64,
    pub signers_needed: u8,
    pub used_day: u32,
    pub used_minor: u128,
}

/// The instruction that covers the next `remaining` commands.
///
/// `known_seq`: the last command that its signers knew, 0 = not stated; `is_whole`: no covered command was refused.
#[derive(Clone, Copy, Default)]
pub struct Instruction {
    pub seq: u64,
    pub officer_id: u32,
    pub approver_id: u32,
    pub remaining: u32,
    pub valid_until_ns: u64,
    pub known_seq: u64,
    pub is_whole: bool,
}

/// Officers, mandates and instructions. `numbers` are (valid_until_ns, instruction_number), sorted.
///
/// `signers` and `uses` belong to the command under way: who signed it, and which mandates it uses up with what amount.
#[derive(Default)]
pub struct Authority {
    pub genesis_open: bool,
    pub instruction: Instruction,
    pub signers: [u32; 2],
    pub uses: [Option<(u64, u128)>; 2],
    pub facility_key: [u8; 32],
    pub officers: Vec<Officer>,
    pub mandates: BTreeMap<u64, Mandate>,
    pub numbers: BTreeSet<(u64, u64)>,
    pub used_numbers: BTreeSet<u64>,
}

impl Authority {
    /// Return whether the next command finds nothing to change: no genesis, no instruction, nobody's act before it.
    #[inline(always)]
    pub fn is_idle(&self) -> bool {
        u32::from(self.genesis_open) | self.instruction.remaining | self.signers[0] == 0
    }
}

/// What was stated about an owner; residency 0 = never stated.
#[derive(Clone, Copy, Default)]
pub struct ClientStatus {
    pub residency: u8,
    pub cap_exempt: u8,
}

/// The most that a row of the limit table allows in a period, and the release that orders it.
#[derive(Clone, Copy)]
pub struct Limit {
    pub amount_max_minor: u128,
    pub exemptible: u8,
    pub rulebook_hash: [u8; 32],
}

/// What an asset is worth: value_minor of the reference currency for amount_minor of it; 0 for 0 = unknown.
#[derive(Clone, Copy, Default)]
pub struct Rate {
    pub value_minor: u128,
    pub amount_minor: u128,
}

/// An open purchase of a limited account: what it may still pay, and what it paid at its rate on day `paid_day`.
#[derive(Clone, Copy)]
pub struct Purchase {
    pub account_id: u32,
    pub asset_id: u32,
    pub open_minor: u128,
    pub paid_minor: u128,
    pub paid_day: u32,
    pub rate: Rate,
}

/// (limit kind, scope, subject, period, asset, class, residency) of a row of the limit table.
pub type LimitKey = (u8, u8, u64, u8, u32, u8, u8);

/// (period, number of the period, limit kind, scope of the subject, subject, asset).
pub type CounterKey = (u8, u32, u8, u8, u64, u32);
