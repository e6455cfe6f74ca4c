//! Double-entry ledger with a closed table of transfer types between two estates.
//!
//! Layout: per asset, nine kinds of ledger account. The first three are debit-normal (a debit adds): what the facility
//! has, and what it should have and does not. All others are claims (a credit adds). Client estate: ClientCustody and
//! Shortfall against Available, Held, Unattributed, FeesEarned and NetworkFloat. House estate: HouseCustody against
//! HouseEquity. `totals[kind]` follows every single account, so that the invariants cost no scan.
//!
//! A posting names its TransferType, and the type fixes the kinds on both sides: a transfer that is not listed, such as
//! one from a client's balance to the house, cannot be written. Types that end in `_ASSETS` and `_CLAIM` go together.
//! Amounts never go below zero: there is no parameter, role or command that allows it.

use std::mem::offset_of;

use crate::hint::{hint, hint_first};
use crate::invariants::Invariants;
use crate::map::Map;
use crate::records::CustodyLocation;

/// Kinds of ledger account; those up to HouseCustody are debit-normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ClientCustody = 0,
    Shortfall = 1,
    HouseCustody = 2,
    Available = 3,
    Held = 4,
    Unattributed = 5,
    FeesEarned = 6,
    NetworkFloat = 7,
    HouseEquity = 8,
}
pub const KIND_COUNT: usize = 9;

impl Kind {
    #[inline(always)]
    fn is_debit_normal(self) -> bool {
        matches!(self, Self::ClientCustody | Self::Shortfall | Self::HouseCustody)
    }
}

/// Kinds of the debited and the credited account, and whether client assets leave the pool by it.
#[derive(Clone, Copy, Debug)]
pub struct TransferType {
    pub debit: Kind,
    pub credit: Kind,
    pub exits: bool,
}

const fn inner(debit: Kind, credit: Kind) -> TransferType {
    TransferType { debit, credit, exits: false }
}

const fn exit(debit: Kind, credit: Kind) -> TransferType {
    TransferType { debit, credit, exits: true }
}

// The whole table; docs/concepts/ledger-and-segregation.md says what each is for.
pub const DEPOSIT: TransferType = inner(Kind::ClientCustody, Kind::Available);
pub const RECEIVE: TransferType = inner(Kind::ClientCustody, Kind::Unattributed);
pub const ATTRIBUTE: TransferType = inner(Kind::Unattributed, Kind::Available);
pub const RETURN: TransferType = exit(Kind::Unattributed, Kind::ClientCustody);
pub const RETURN_UNDONE: TransferType = inner(Kind::ClientCustody, Kind::Unattributed);
pub const UNDO_RECEIPT: TransferType = exit(Kind::Unattributed, Kind::ClientCustody);
pub const HOLD: TransferType = inner(Kind::Available, Kind::Held);
pub const RELEASE: TransferType = inner(Kind::Held, Kind::Available);
pub const TRADE: TransferType = inner(Kind::Held, Kind::Available);
pub const FEE: TransferType = inner(Kind::Available, Kind::FeesEarned);
pub const REBATE: TransferType = inner(Kind::FeesEarned, Kind::Available);
pub const FEE_BACK: TransferType = inner(Kind::FeesEarned, Kind::Available);
pub const WITHDRAW: TransferType = exit(Kind::Held, Kind::ClientCustody);
pub const WITHDRAW_UNDONE: TransferType = inner(Kind::ClientCustody, Kind::Held);
pub const UNDO_DEPOSIT: TransferType = exit(Kind::Available, Kind::ClientCustody);
pub const LOSS: TransferType = exit(Kind::Shortfall, Kind::ClientCustody);
pub const RECOVER: TransferType = inner(Kind::ClientCustody, Kind::Shortfall);
pub const NETWORK_FEE: TransferType = exit(Kind::NetworkFloat, Kind::ClientCustody);
pub const NETWORK_FEE_FROM_FEES: TransferType = exit(Kind::FeesEarned, Kind::ClientCustody);
pub const FLOAT_ASSETS: TransferType = inner(Kind::ClientCustody, Kind::HouseCustody);
pub const FLOAT_CLAIM: TransferType = inner(Kind::HouseEquity, Kind::NetworkFloat);
pub const TOP_UP_ASSETS: TransferType = inner(Kind::ClientCustody, Kind::HouseCustody);
pub const TOP_UP_CLAIM: TransferType = inner(Kind::HouseEquity, Kind::Shortfall);
pub const TOP_UP_FROM_FEES: TransferType = inner(Kind::FeesEarned, Kind::Shortfall);
pub const TOP_UP_FROM_FLOAT: TransferType = inner(Kind::NetworkFloat, Kind::Shortfall);
pub const COMPENSATE_ASSETS: TransferType = inner(Kind::ClientCustody, Kind::HouseCustody);
pub const COMPENSATE_CLAIM: TransferType = inner(Kind::HouseEquity, Kind::Available);
pub const BUST: TransferType = inner(Kind::Available, Kind::Available);
pub const SWEEP_ASSETS: TransferType = exit(Kind::HouseCustody, Kind::ClientCustody);
pub const SWEEP_CLAIM: TransferType = inner(Kind::FeesEarned, Kind::HouseEquity);
pub const MOVE_CLIENT: TransferType = inner(Kind::ClientCustody, Kind::ClientCustody);
pub const MOVE_HOUSE: TransferType = inner(Kind::HouseCustody, Kind::HouseCustody);
pub const FUND_HOUSE: TransferType = inner(Kind::HouseCustody, Kind::HouseEquity);
pub const DRAW_HOUSE: TransferType = inner(Kind::HouseEquity, Kind::HouseCustody);
pub const SEIZE: TransferType = inner(Kind::Available, Kind::Unattributed);
pub const SEIZE_OUT: TransferType = exit(Kind::Unattributed, Kind::ClientCustody);
pub const TRANSFER_OWNER: TransferType = inner(Kind::Available, Kind::Available);
pub const AIRDROP: TransferType = inner(Kind::ClientCustody, Kind::Available);
pub const MIGRATE_OUT: TransferType = exit(Kind::Available, Kind::ClientCustody);
pub const MIGRATE_IN: TransferType = inner(Kind::ClientCustody, Kind::Available);
pub const INTEREST: TransferType = inner(Kind::ClientCustody, Kind::Available);
pub const UNCLAIMED: TransferType = inner(Kind::Available, Kind::Unattributed);

pub const LOCATION_COUNT: usize = CustodyLocation::MAX as usize;

/// One ledger account: a balance by its index, or one of the asset's own.
#[derive(Clone, Copy, Debug)]
pub enum LedgerAccount {
    Available(u32),
    Held(u32),
    Custody(Kind, u8),
    Shortfall,
    Unattributed,
    FeesEarned,
    NetworkFloat,
    HouseEquity,
}

impl LedgerAccount {
    #[inline(always)]
    fn kind(self) -> Kind {
        match self {
            Self::Available(_) => Kind::Available,
            Self::Held(_) => Kind::Held,
            Self::Custody(kind, _) => kind,
            Self::Shortfall => Kind::Shortfall,
            Self::Unattributed => Kind::Unattributed,
            Self::FeesEarned => Kind::FeesEarned,
            Self::NetworkFloat => Kind::NetworkFloat,
            Self::HouseEquity => Kind::HouseEquity,
        }
    }
}

/// What one account owns of one asset: available and held.
#[derive(Clone, Copy, Default)]
pub struct Balance {
    pub available: u128,
    pub held: u128,
}

/// The ledger accounts of one asset that belong to no client, and the totals by kind. What orders and trades change
/// comes first.
#[derive(Clone, Default)]
#[repr(C, align(64))]
pub struct AssetLedger {
    /// Sum of available, held and fees earned at the last full check; it stays true while nothing else changes.
    balanced: u128,
    pub totals: [u128; KIND_COUNT],
    pub fees_earned: u128,
    is_balanced: bool,
    touched: bool,
    pub shortfall: u128,
    pub unattributed: u128,
    pub network_float: u128,
    pub house_equity: u128,
    pub custody: [[u128; LOCATION_COUNT]; 2],
}

/// Bytes at the beginning of an asset's ledger that orders and trades change.
const ASSET_HOT_BYTES: usize = offset_of!(AssetLedger, shortfall);

/// All ledger accounts. A balance's key is account_id << 32 | asset_id; `keys` runs beside `balances`. `far` finds
/// those that are not among the first of their account (state::Account). `permitted` holds the exits, asset and amount,
/// that the command under way has declared.
#[derive(Default)]
pub struct Ledger {
    pub assets: Vec<AssetLedger>,
    pub balances: Vec<Balance>,
    pub keys: Vec<u64>,
    far: Map<u64, u32>,
    touched: Vec<u32>,
    exits: Vec<(u32, u128)>,
    permitted: Vec<(u32, u128)>,
}

/// Return the key of a balance.
#[inline(always)]
pub fn balance_key(account_id: u32, asset_id: u32) -> u64 {
    (account_id as u64) << 32 | asset_id as u64
}

impl Ledger {
    /// Return the asset's own ledger accounts.
    #[inline(always)]
    pub fn asset(&self, asset_id: u32) -> &AssetLedger {
        &self.assets[asset_id as usize - 1]
    }

    /// Have every asset checked, as if a command had touched it.
    pub fn touch_all(&mut self) {
        self.assets.iter_mut().for_each(|asset| asset.touched = true);
        self.touched = (1..=self.assets.len() as u32).collect();
    }

    /// Return the index of a balance that its account does not find itself, opened empty where there was none.
    pub fn far_balance(&mut self, key: u64) -> u32 {
        match self.far.get(key) {
            Some(index) => index,
            None => {
                let index = self.open_balance(key);
                self.far.insert(key, index);
                index
            }
        }
    }

    /// Hint that amounts of an asset will be posted soon.
    #[inline(always)]
    pub fn hint_asset(&self, asset_id: u32) {
        hint_first(self.assets.get(asset_id.wrapping_sub(1) as usize), ASSET_HOT_BYTES);
    }

    /// Hint that a balance which its account does not find itself will be looked up soon.
    #[inline(always)]
    pub fn hint_far(&self, key: u64) {
        self.far.hint(key);
    }

    /// Hint at a balance which its account does not find itself and that was hinted at before.
    #[inline(always)]
    pub fn hint_found(&self, key: u64) {
        if let Some(index) = self.far.get(key) {
            hint(self.balances.get(index as usize));
        }
    }

    /// Open an empty balance and return its index; the caller keeps it with the account.
    #[cold]
    pub fn open_balance(&mut self, key: u64) -> u32 {
        let index = self.balances.len() as u32;
        self.balances.push(Balance::default());
        self.keys.push(key);
        index
    }

    /// Return a balance that its account does not find itself, empty where there is none.
    pub fn find_far(&self, key: u64) -> Balance {
        self.far.get(key).map_or(Balance::default(), |index| self.balances[index as usize])
    }

    /// Return the available amount of a balance.
    #[inline(always)]
    pub fn available(&self, balance: u32) -> u128 {
        self.balances[balance as usize].available
    }

    /// Return the ledger of an asset in which amounts are about to be posted.
    #[inline(always)]
    pub fn postings(&mut self, asset_id: u32) -> Postings<'_> {
        let asset = &mut self.assets[asset_id as usize - 1];
        if !asset.touched {
            asset.touched = true;
            self.touched.push(asset_id);
        }
        Postings { asset_id, asset, balances: &mut self.balances, exits: &mut self.exits }
    }

    /// Post one amount; see Postings::post.
    #[inline(always)]
    pub fn post(
        &mut self,
        invariants: &mut Invariants,
        transfer_type: TransferType,
        asset_id: u32,
        minor: u128,
        debit: LedgerAccount,
        credit: LedgerAccount,
    ) {
        self.postings(asset_id).post(invariants, transfer_type, minor, debit, credit);
    }

    /// Declare that the command under way takes this amount out of the client pool.
    pub fn permit_exit(&mut self, asset_id: u32, minor: u128) {
        self.permitted.push((asset_id, minor));
    }

    /// Check CONSERVE, SEGREGATE and EXIT over what the command touched, and begin the next command.
    #[inline(always)]
    pub fn check(&mut self, invariants: &mut Invariants) {
        invariants.conserve += self.touched.len() as u64;
        invariants.segregate += self.touched.len() as u64;
        for &asset_id in &self.touched {
            let asset = &mut self.assets[asset_id as usize - 1];
            asset.touched = false;
            // Orders and trades move amounts between these three only: then their sum must be as it was.
            let [_, _, _, available, held, _, fees, _, _] = asset.totals;
            if !asset.is_balanced || available + held + fees != asset.balanced {
                check_asset(asset, invariants, asset_id);
            }
        }
        self.touched.clear();
        invariants.exit += 1;
        if !self.exits.is_empty() || !self.permitted.is_empty() {
            if self.exits != self.permitted {
                let detail = format!("left the client pool: {:?}, permitted: {:?}", self.exits, self.permitted);
                invariants.broken("EXIT", detail);
            }
            self.exits.clear();
            self.permitted.clear();
        }
    }
}

/// The ledger of one asset while amounts are posted in it.
pub struct Postings<'a> {
    asset_id: u32,
    asset: &'a mut AssetLedger,
    balances: &'a mut [Balance],
    exits: &'a mut Vec<(u32, u128)>,
}

impl Postings<'_> {
    /// Post one amount to the debit of one account and the credit of another. Breaks SEGREGATE when the accounts are not
    /// of the type's kinds, COVER when a balance would go below zero, EXIT when client assets would leave by a type that
    /// is not marked for it.
    #[inline(always)]
    pub fn post(
        &mut self,
        invariants: &mut Invariants,
        transfer_type: TransferType,
        minor: u128,
        debit: LedgerAccount,
        credit: LedgerAccount,
    ) {
        if debit.kind() != transfer_type.debit || credit.kind() != transfer_type.credit {
            let detail = format!("posting {:?}/{:?} is not {:?}", debit.kind(), credit.kind(), transfer_type);
            invariants.broken("SEGREGATE", detail);
        }
        let (asset, balances) = (&mut *self.asset, &mut *self.balances);
        if transfer_type.debit.is_debit_normal() {
            add(asset, balances, debit, minor);
        } else {
            take(invariants, asset, balances, debit, minor);
        }
        if transfer_type.credit.is_debit_normal() {
            take(invariants, asset, balances, credit, minor);
            if transfer_type.credit == Kind::ClientCustody && transfer_type.debit != Kind::ClientCustody {
                if !transfer_type.exits {
                    invariants.broken("EXIT", format!("client assets leave by {transfer_type:?}"));
                }
                self.exits.push((self.asset_id, minor));
            }
        } else {
            add(asset, balances, credit, minor);
        }
    }
}

/// Check CONSERVE and SEGREGATE over all of an asset's totals.
#[cold]
#[inline(never)]
fn check_asset(asset: &mut AssetLedger, invariants: &Invariants, asset_id: u32) {
    let [custody, shortfall, house, available, held, unattributed, fees, float, equity] = asset.totals;
    let (pool, owed) = (custody + shortfall, available + held + unattributed + fees + float);
    if pool + house != owed + equity {
        invariants.broken("CONSERVE", format!("asset {asset_id}: debits and credits differ"));
    }
    if pool != owed {
        let detail = format!("asset {asset_id}: client pool {custody}, shortfall {shortfall}, owed {owed}");
        invariants.broken("SEGREGATE", detail);
    }
    asset.balanced = available + held + fees;
    asset.is_balanced = true;
}

/// Note that something else changes than what orders and trades change, so that the next check is a full one.
#[inline(always)]
fn note_change(asset: &mut AssetLedger, kind: Kind) {
    if !matches!(kind, Kind::Available | Kind::Held | Kind::FeesEarned) {
        asset.is_balanced = false;
    }
}

#[inline(always)]
fn slot<'a>(asset: &'a mut AssetLedger, balances: &'a mut [Balance], account: LedgerAccount) -> &'a mut u128 {
    match account {
        LedgerAccount::Available(index) => &mut balances[index as usize].available,
        LedgerAccount::Held(index) => &mut balances[index as usize].held,
        // The kinds of custody are 0 (the clients') and 2 (the house's).
        LedgerAccount::Custody(kind, location) => &mut asset.custody[kind as usize / 2][location as usize - 1],
        LedgerAccount::Shortfall => &mut asset.shortfall,
        LedgerAccount::Unattributed => &mut asset.unattributed,
        LedgerAccount::FeesEarned => &mut asset.fees_earned,
        LedgerAccount::NetworkFloat => &mut asset.network_float,
        LedgerAccount::HouseEquity => &mut asset.house_equity,
    }
}

#[inline(always)]
fn add(asset: &mut AssetLedger, balances: &mut [Balance], account: LedgerAccount, minor: u128) {
    note_change(asset, account.kind());
    // The total is checked for overflow; its parts are never more than it, so that they need no check of their own.
    asset.totals[account.kind() as usize] += minor;
    let part = slot(asset, balances, account);
    *part = part.wrapping_add(minor);
}

/// Take an amount off a ledger account that must cover it.
#[inline(always)]
fn take(
    invariants: &mut Invariants,
    asset: &mut AssetLedger,
    balances: &mut [Balance],
    account: LedgerAccount,
    minor: u128,
) {
    invariants.cover = invariants.cover.wrapping_add(1);
    note_change(asset, account.kind());
    let held = slot(asset, balances, account);
    if *held < minor {
        let detail = format!("{:?} holds {}, asked for {minor}", account.kind(), *held);
        invariants.broken("COVER", detail);
    }
    // The account covers it, and the total is never less than one of its parts: neither wraps.
    *held = held.wrapping_sub(minor);
    let total = &mut asset.totals[account.kind() as usize];
    *total = total.wrapping_sub(minor);
}
