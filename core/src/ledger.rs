//! Double-entry ledger with a closed list of movements between two estates.
//!
//! Layout: per asset, six kinds of ledger account. Custody accounts are assets (a debit adds), all others are claims
//! (a credit adds). Client estate: ClientCustody against Available, Held and FeesEarned. House estate: HouseCustody
//! against HouseEquity. `totals[kind]` follows every single account, so that the invariants cost no scan.
//!
//! A posting names its Movement, and the Movement fixes the kinds on both sides: a movement that is not listed, such as
//! one from a client's balance to the house, cannot be written. Amounts never go below zero: there is no parameter,
//! role or command that allows it.

use crate::invariants::Invariants;
use crate::map::Map;
use crate::prefetch::hint;

/// Kinds of ledger account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ClientCustody = 0,
    HouseCustody = 1,
    Available = 2,
    Held = 3,
    FeesEarned = 4,
    HouseEquity = 5,
}
pub const KIND_COUNT: usize = 6;

/// Kinds of the debited and the credited account.
#[derive(Clone, Copy, Debug)]
pub struct Movement {
    pub debit: Kind,
    pub credit: Kind,
}

const fn movement(debit: Kind, credit: Kind) -> Movement {
    Movement { debit, credit }
}

// The whole list. Only the two SWEEP movements lead from one estate to the other, and both only together.
pub const DEPOSIT: Movement = movement(Kind::ClientCustody, Kind::Available);
pub const HOLD: Movement = movement(Kind::Available, Kind::Held);
pub const RELEASE: Movement = movement(Kind::Held, Kind::Available);
pub const TRADE: Movement = movement(Kind::Held, Kind::Available);
pub const FEE: Movement = movement(Kind::Available, Kind::FeesEarned);
pub const WITHDRAW: Movement = movement(Kind::Held, Kind::ClientCustody);
pub const MOVE_CLIENT: Movement = movement(Kind::ClientCustody, Kind::ClientCustody);
pub const MOVE_HOUSE: Movement = movement(Kind::HouseCustody, Kind::HouseCustody);
pub const SWEEP_ASSETS: Movement = movement(Kind::HouseCustody, Kind::ClientCustody);
pub const SWEEP_CLAIM: Movement = movement(Kind::FeesEarned, Kind::HouseEquity);
pub const FUND_HOUSE: Movement = movement(Kind::HouseCustody, Kind::HouseEquity);
pub const DRAW_HOUSE: Movement = movement(Kind::HouseEquity, Kind::HouseCustody);

pub const PLACE_COUNT: usize = 4;

/// One ledger account: a balance by its index, or one of the asset's own.
#[derive(Clone, Copy, Debug)]
pub enum LedgerAccount {
    Available(u32),
    Held(u32),
    Custody(Kind, u8),
    FeesEarned,
    HouseEquity,
}

impl LedgerAccount {
    #[inline(always)]
    fn kind(self) -> Kind {
        match self {
            Self::Available(_) => Kind::Available,
            Self::Held(_) => Kind::Held,
            Self::Custody(kind, _) => kind,
            Self::FeesEarned => Kind::FeesEarned,
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

/// The ledger accounts of one asset that belong to no client, and the totals by kind.
#[derive(Clone, Default)]
pub struct AssetLedger {
    pub custody: [[u128; PLACE_COUNT]; 2],
    pub fees_earned: u128,
    pub house_equity: u128,
    pub totals: [u128; KIND_COUNT],
    touched: bool,
}

/// All ledger accounts. A balance's key is account_id << 32 | asset_id; `keys` runs beside `balances`.
#[derive(Default)]
pub struct Ledger {
    pub assets: Vec<AssetLedger>,
    pub balances: Vec<Balance>,
    pub keys: Vec<u64>,
    index: Map<u64, u32>,
    touched: Vec<u32>,
    exits: Vec<(u32, u128)>,
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

    /// Return the index of the balance, opened empty where there was none.
    #[inline(always)]
    pub fn balance(&mut self, account_id: u32, asset_id: u32) -> u32 {
        let key = balance_key(account_id, asset_id);
        match self.index.get(key) {
            Some(index) => index,
            None => self.open_balance(key),
        }
    }

    /// Hint that a balance will be looked up soon.
    #[inline(always)]
    pub fn hint_index(&self, key: u64) {
        hint(self.index.first_slot(key));
    }

    #[cold]
    fn open_balance(&mut self, key: u64) -> u32 {
        let index = self.balances.len() as u32;
        self.balances.push(Balance::default());
        self.keys.push(key);
        self.index.insert(key, index);
        index
    }

    /// Return the balance, empty where there is none.
    pub fn find_balance(&self, account_id: u32, asset_id: u32) -> Balance {
        let index = self.index.get(balance_key(account_id, asset_id));
        index.map_or(Balance::default(), |i| self.balances[i as usize])
    }

    /// Return the available amount of a balance.
    #[inline(always)]
    pub fn available(&self, balance: u32) -> u128 {
        self.balances[balance as usize].available
    }

    /// Post one amount from the credited to the debited side. Breaks SEGREGATE when the accounts are not of the
    /// movement's kinds, COVER when a balance would go below zero.
    #[inline(always)]
    pub fn post(
        &mut self,
        invariants: &mut Invariants,
        movement: Movement,
        asset_id: u32,
        minor: u128,
        debit: LedgerAccount,
        credit: LedgerAccount,
    ) {
        if debit.kind() != movement.debit || credit.kind() != movement.credit {
            let detail = format!("posting {:?}/{:?} is not {:?}", debit.kind(), credit.kind(), movement);
            invariants.broken("SEGREGATE", detail);
        }
        let asset = &mut self.assets[asset_id as usize - 1];
        let balances = &mut self.balances;
        if matches!(movement.debit, Kind::ClientCustody | Kind::HouseCustody) {
            add(asset, balances, debit, minor);
        } else {
            take(invariants, asset, balances, debit, minor);
        }
        if matches!(movement.credit, Kind::ClientCustody | Kind::HouseCustody) {
            take(invariants, asset, balances, credit, minor);
            if movement.credit == Kind::ClientCustody && movement.debit != Kind::ClientCustody {
                self.exits.push((asset_id, minor));
            }
        } else {
            add(asset, balances, credit, minor);
        }
        if !asset.touched {
            asset.touched = true;
            self.touched.push(asset_id);
        }
    }

    /// Check CONSERVE, SEGREGATE and EXIT over what the command touched, and begin the next command.
    #[inline(always)]
    pub fn check(&mut self, invariants: &mut Invariants, permitted_exit: Option<(u32, u128)>) {
        for &asset_id in &self.touched {
            let asset = &mut self.assets[asset_id as usize - 1];
            asset.touched = false;
            let [custody, house, available, held, fees, equity] = asset.totals;
            let claims = available + held + fees;
            invariants.conserve += 1;
            if custody + house != claims + equity {
                invariants.broken("CONSERVE", format!("asset {asset_id}: debits and credits differ"));
            }
            invariants.segregate += 1;
            if custody != claims {
                let owed = available + held;
                let detail = format!("asset {asset_id}: client pool {custody}, owed {owed}, fees {fees}");
                invariants.broken("SEGREGATE", detail);
            }
        }
        self.touched.clear();
        invariants.exit += 1;
        if !self.exits.is_empty() {
            if self.exits.len() != 1 || Some(self.exits[0]) != permitted_exit {
                let detail = format!("left the client pool: {:?}, permitted: {permitted_exit:?}", self.exits);
                invariants.broken("EXIT", detail);
            }
            self.exits.clear();
        }
    }
}

#[inline(always)]
fn slot<'a>(asset: &'a mut AssetLedger, balances: &'a mut [Balance], account: LedgerAccount) -> &'a mut u128 {
    match account {
        LedgerAccount::Available(index) => &mut balances[index as usize].available,
        LedgerAccount::Held(index) => &mut balances[index as usize].held,
        LedgerAccount::Custody(kind, place) => &mut asset.custody[kind as usize][place as usize - 1],
        LedgerAccount::FeesEarned => &mut asset.fees_earned,
        LedgerAccount::HouseEquity => &mut asset.house_equity,
    }
}

#[inline(always)]
fn add(asset: &mut AssetLedger, balances: &mut [Balance], account: LedgerAccount, minor: u128) {
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
