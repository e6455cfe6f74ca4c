//! The state of the venue: everything that decides what the next command does, and nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem::offset_of;

use crate::arithmetic::{product, saturate_u64, PPM};
use crate::book::{Book, Order, HOT_BYTES};
use crate::busts::trade_number;
use crate::client_ids::Remembered;
use crate::hint::hint;
use crate::index::{Index, MarketOrder};
use crate::invariants::Invariants;
use crate::ledger::{balance_key, Balance, Kind, Ledger, LedgerAccount, TransferType};
use crate::map::Map;
use crate::matching::Action;
use crate::records::{AccountRole, Estate, MarketState, NumberSpace, RECORD_SIZE};
use crate::state_parts::{
    held_by, Authority, ClientKey, ClientStatus, CounterKey, Delisting, Evidence, Fees, HeldBy, Limit, LimitKey,
    Purchase, Rate, Receipt, Trade, Withdrawal,
};

pub const TIER_COUNT: usize = 16;
pub const TRADES_MAX: usize = 65_536;
/// Trades between the one that is remembered and the place that the memory is asked for.
const TRADES_AHEAD: usize = 8;
pub const SETTING_DUE: u8 = 0;
pub const AUCTION_DUE: u8 = 1;
pub const EXPIRY_DUE: u8 = 2;
pub const CANCEL_DUE: u8 = 3;
pub const DELISTING_DUE: u8 = 7;
pub const NS_PER_MS: u64 = 1_000_000;

/// A registered asset.
#[derive(Clone, Copy, Default)]
pub struct Asset {
    pub asset_id: u32,
    pub asset_kind: u8,
    pub asset_status: u8,
    pub scale: u8,
    pub asset_code: [u8; 16],
    pub dti: [u8; 16],
}

/// Balances that an account finds in its own cache line.
const NEAR_BALANCES: usize = 3;

/// An account of a beneficial owner; one cache line. `limited` is derived: a bit for each kind of limit that touches the
/// account. `near` holds (asset, index) of its first balances.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub struct Account {
    pub owner_id: u64,
    pub approval_id: u64,
    pub last_client_order_id: u64,
    pub last_order_id: u64,
    pub open_orders: u32,
    pub limited: u8,
    pub account_role: u8,
    pub account_state: u8,
    pub fee_tier: u8,
    pub near: [(u32, u32); NEAR_BALANCES],
}

/// Pieces of evidence that lie side by side: so few that putting one in among them takes no time to speak of.
const EVIDENCE_CHUNK: usize = 256;

/// Evidence in the order in which it was recorded, and by its hash.
///
/// The order is in chunks, each under a number not above its first: what walks through all finds them side by side. No
/// command pays for the size of the whole.
#[derive(Default)]
pub struct EvidenceTable {
    chunks: BTreeMap<u64, Vec<([u8; 32], Evidence)>>,
    seqs: Index<u64>,
}

impl EvidenceTable {
    /// Return whether a piece of evidence is kept.
    pub fn has(&self, evidence_hash: &[u8; 32]) -> bool {
        self.seq_of(evidence_hash).is_some()
    }

    /// Return a piece of evidence.
    pub fn get(&self, evidence_hash: &[u8; 32]) -> Option<Evidence> {
        Some(self.with_seq(self.seq_of(evidence_hash)?)?.1)
    }

    /// Return a piece of evidence, to change what does not concern its place in the order.
    pub fn get_mut(&mut self, evidence_hash: &[u8; 32]) -> Option<&mut Evidence> {
        let seq = self.seq_of(evidence_hash)?;
        let (_, chunk) = self.chunks.range_mut(..=seq).next_back()?;
        let at = chunk.binary_search_by_key(&seq, |(_, entry)| entry.seq).ok()?;
        Some(&mut chunk[at].1)
    }

    /// Return the number under which a piece of evidence was recorded.
    fn seq_of(&self, evidence_hash: &[u8; 32]) -> Option<u64> {
        self.seqs.find(*evidence_hash, |seq| self.with_seq(seq).is_some_and(|(known, _)| known == evidence_hash))
    }

    /// Return the piece that was recorded under a number, with its hash.
    fn with_seq(&self, seq: u64) -> Option<&([u8; 32], Evidence)> {
        let (_, chunk) = self.chunks.range(..=seq).next_back()?;
        let at = chunk.binary_search_by_key(&seq, |(_, entry)| entry.seq).ok()?;
        Some(&chunk[at])
    }

    /// Make room for pieces of evidence that are about to be put in.
    pub fn reserve(&mut self, count: usize) {
        self.seqs.reserve(self.seqs.len() + count);
    }

    /// Put a piece of evidence behind all others; its number is the highest.
    pub fn insert(&mut self, evidence_hash: [u8; 32], entry: Evidence) {
        self.remove(&evidence_hash);
        self.insert_new(evidence_hash, entry);
    }

    /// Put a piece of evidence behind all others that is not there; its number is the highest.
    pub fn insert_new(&mut self, evidence_hash: [u8; 32], entry: Evidence) {
        self.seqs.insert(evidence_hash, entry.seq);
        match self.chunks.last_entry().filter(|last| last.get().len() < EVIDENCE_CHUNK) {
            Some(mut last) => last.get_mut().push((evidence_hash, entry)),
            None => {
                let mut chunk = Vec::with_capacity(EVIDENCE_CHUNK);
                chunk.push((evidence_hash, entry));
                self.chunks.insert(entry.seq, chunk);
            }
        }
    }

    /// Remove a piece of evidence and return it.
    pub fn remove(&mut self, evidence_hash: &[u8; 32]) -> Option<Evidence> {
        let seq = self.seq_of(evidence_hash)?;
        self.seqs.remove(*evidence_hash, seq);
        let (&first, chunk) = self.chunks.range_mut(..=seq).next_back()?;
        let at = chunk.binary_search_by_key(&seq, |(_, entry)| entry.seq).ok()?;
        let (_, entry) = chunk.remove(at);
        if chunk.is_empty() {
            self.chunks.remove(&first);
        }
        Some(entry)
    }

    /// Return the number of pieces.
    pub fn len(&self) -> usize {
        self.seqs.len()
    }

    /// Return whether there is none.
    pub fn is_empty(&self) -> bool {
        self.seqs.is_empty()
    }

    /// Return the oldest with its hash.
    pub fn oldest(&self) -> Option<([u8; 32], Evidence)> {
        self.chunks.first_key_value().map(|(_, chunk)| chunk[0])
    }

    /// Return all with their hashes, in order.
    pub fn in_order(&self) -> impl Iterator<Item = &([u8; 32], Evidence)> {
        self.chunks.values().flatten()
    }
}

/// The last trades: a ring, so that remembering one is a single write.
#[derive(Default)]
pub struct Trades {
    entries: Vec<Trade>,
    next: usize,
}

impl Trades {
    /// Touch the memory of the ring, so that no trade is the first to do so: the kernel takes its time then.
    pub fn prepare(&mut self) {
        let count = self.entries.len();
        self.entries.resize(TRADES_MAX, Trade::default());
        self.entries.truncate(count);
    }

    /// Remember a trade in the place of the oldest.
    #[inline(always)]
    pub fn push(&mut self, trade: Trade) {
        if self.entries.len() < TRADES_MAX {
            self.entries.push(trade);
            return;
        }
        self.entries[self.next] = trade;
        self.next = (self.next + 1) % TRADES_MAX;
        hint(self.entries.get((self.next + TRADES_AHEAD) % TRADES_MAX));
    }

    /// Return the trades, oldest first.
    pub fn in_order(&self) -> impl Iterator<Item = &Trade> {
        self.entries[self.next..].iter().chain(&self.entries[..self.next])
    }

    /// Return a trade by its number, and its place from the oldest.
    pub fn place_of(&self, number: (u64, u32)) -> Option<(usize, &Trade)> {
        let (late, early) = self.entries.split_at(self.next);
        let place = match early.binary_search_by_key(&number, trade_number) {
            Ok(place) => place,
            Err(_) => early.len() + late.binary_search_by_key(&number, trade_number).ok()?,
        };
        self.in_order().nth(place).map(|trade| (place, trade))
    }

    /// Return the number of trades.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Return whether there was no trade.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Return a trade by its place from the oldest.
    pub fn at(&mut self, place: usize) -> &mut Trade {
        let count = self.entries.len();
        &mut self.entries[(self.next + place) % count]
    }
}

/// How a market's corridors follow its prices and how its call phases end; zeros switch each part off.
#[derive(Clone, Copy, Default)]
pub struct TradingRules {
    pub extension_count_max: u8,
    pub dynamic_corridor_ppm: u32,
    pub dynamic_window_ms: u32,
    pub random_end_max_ms: u32,
    pub extension_ms: u32,
}

/// A market: its assets, rules, state, reference and book.
///
/// The bounds are derived: `collar_high` is the highest price of a buy, `collar_low` the lowest of a sell; a trade
/// outside `corridor_low`..`corridor_high` halts the market. Without a reference nothing is bounded. `auction_due_ns` is
/// when the auction really ends, its random part included; before `reopen_ns` a call phase that follows a halt does not
/// end. `has_account_fees` and the rates by tier are derived, too. `tick_bands`: (lowest price, step) by price; see grid.
/// What every command reads comes first, the hot part of the book behind it, what few read last.
#[repr(C, align(64))]
pub struct Market {
    pub market_id: u32,
    pub base_asset_id: u32,
    pub quote_asset_id: u32,
    pub market_state: u8,
    pub has_account_fees: bool,
    touched: bool,
    pub trading_rules: TradingRules,
    pub lot_size_minor: u64,
    pub tick_value_minor: u64,
    pub quantity_max_lots: u64,
    pub notional_min_minor: u128,
    pub notional_max_minor: u128,
    pub reference_price_ticks: u64,
    pub last_price_ticks: u64,
    pub last_trade_ns: u64,
    pub collar_high: u64,
    pub collar_low: u64,
    pub corridor_high: u64,
    pub corridor_low: u64,
    pub tick_bands: Vec<(u64, u64)>,
    pub book: Book,
    pub maker_rates: [i32; TIER_COUNT],
    pub taker_rates: [i32; TIER_COUNT],
    pub rulebook_hash: [u8; 32],
    pub has_rules: bool,
    pub maker_fee_ppm: u32,
    pub taker_fee_ppm: u32,
    pub collar_ppm: u32,
    pub corridor_ppm: u32,
    pub auction_duration_ms: u32,
    pub next_market_state: u8,
    pub extension_count: u8,
    pub auction_end_ns: u64,
    pub auction_due_ns: u64,
    pub reopen_ns: u64,
}

/// Bytes at the beginning of a market that every command reads: up to where its book's seldom ones begin.
pub const MARKET_HOT_BYTES: usize = offset_of!(Market, book) + HOT_BYTES;

impl Market {
    /// Return a closed market without rules.
    pub fn new(market_id: u32) -> Self {
        Self {
            market_id,
            base_asset_id: 0,
            quote_asset_id: 0,
            lot_size_minor: 0,
            tick_value_minor: 0,
            rulebook_hash: [0; 32],
            has_rules: false,
            maker_fee_ppm: 0,
            taker_fee_ppm: 0,
            collar_ppm: 0,
            corridor_ppm: 0,
            auction_duration_ms: 0,
            quantity_max_lots: 0,
            notional_min_minor: 0,
            notional_max_minor: 0,
            market_state: MarketState::CLOSED,
            next_market_state: 0,
            auction_end_ns: 0,
            auction_due_ns: 0,
            reopen_ns: 0,
            extension_count: 0,
            trading_rules: TradingRules::default(),
            reference_price_ticks: 0,
            last_price_ticks: 0,
            last_trade_ns: 0,
            book: Book::new(),
            has_account_fees: false,
            tick_bands: Vec::new(),
            maker_rates: [0; TIER_COUNT],
            taker_rates: [0; TIER_COUNT],
            collar_high: u64::MAX,
            collar_low: 1,
            corridor_high: u64::MAX,
            corridor_low: 0,
            touched: false,
        }
    }

    /// Work out collar and corridor again, after a change of rules or reference; neither is less than a tick.
    pub fn derive_bounds(&mut self) {
        let reference = self.reference_price_ticks;
        if reference == 0 {
            (self.collar_high, self.collar_low) = (u64::MAX, 1);
            (self.corridor_high, self.corridor_low) = (u64::MAX, 0);
            return;
        }
        let collar = saturate_u64(reference as u128 * self.collar_ppm as u128 / PPM as u128).max(1);
        let corridor = saturate_u64(reference as u128 * self.corridor_ppm as u128 / PPM as u128).max(1);
        self.collar_high = reference.saturating_add(collar);
        self.collar_low = reference.saturating_sub(collar).max(1);
        self.corridor_high = reference.saturating_add(corridor);
        self.corridor_low = reference.saturating_sub(corridor);
    }

    /// Return the lowest and the highest price of a trade: the static corridor, within it the dynamic one.
    #[inline(always)]
    pub fn trade_bounds(&self, now_ns: u64) -> (u64, u64) {
        if self.trading_rules.dynamic_corridor_ppm == 0 || self.last_price_ticks == 0 {
            return (self.corridor_low, self.corridor_high);
        }
        self.dynamic_bounds(now_ns)
    }

    #[cold]
    fn dynamic_bounds(&self, now_ns: u64) -> (u64, u64) {
        let (rules, last) = (&self.trading_rules, self.last_price_ticks);
        let window_ns = rules.dynamic_window_ms as u64 * NS_PER_MS;
        if window_ns != 0 && now_ns - self.last_trade_ns > window_ns {
            return (self.corridor_low, self.corridor_high);
        }
        let corridor = saturate_u64(last as u128 * rules.dynamic_corridor_ppm as u128 / PPM as u128).max(1);
        (self.corridor_low.max(last.saturating_sub(corridor)), self.corridor_high.min(last.saturating_add(corridor)))
    }

    /// Work out the fee rates by tier again, after a change of rules, discounts or the market's own fees.
    pub fn derive_rates(&mut self, discounts_ppm: &[u32; TIER_COUNT], own: Option<&Fees>) {
        let discounted = |fee: u32, discount: u32| (fee as u64 * (PPM - discount) as u64 / PPM as u64) as i32;
        for (tier, &discount_ppm) in discounts_ppm.iter().enumerate() {
            self.maker_rates[tier] = discounted(self.maker_fee_ppm, discount_ppm);
            self.taker_rates[tier] = discounted(self.taker_fee_ppm, discount_ppm);
            if let Some(fees) = own {
                (self.maker_rates[tier], self.taker_rates[tier]) = (fees.maker_rate_ppm, fees.taker_rate_ppm);
            }
        }
    }

    /// Return what lots cost at a price, quote asset minor units; exact within the market's limits, else saturated.
    #[inline(always)]
    pub fn cost_minor(&self, price_ticks: u64, lots: u64) -> u128 {
        product(price_ticks, lots, self.tick_value_minor)
    }
}

/// All of the venue; `out` collects the events of the batch under way, `actions` those of a match and `prints` its prices
/// where orders wait for them, `leg_events` (market, order, whether it left) what happened to orders of lists, and
/// `filled_workings` (market, order) those that let others begin. `assigned`: by NumberSpace, the commands that made the
/// assets, markets, accounts and officers, by number. `insiders`: owners of house and affiliate accounts, with the
/// largest role of their accounts.
#[derive(Default)]
pub struct State {
    pub next_seq: u64,
    pub last_ts_ns: u64,
    pub seq: u64,
    pub trade_index: u32,
    pub invariants: Invariants,
    pub ledger: Ledger,
    pub authority: Authority,
    pub assigned: [Vec<u64>; NumberSpace::MAX as usize + 1],
    pub insiders: BTreeMap<u64, u8>,
    pub clock_jump_max_ns: u64,
    pub assets: Vec<Asset>,
    pub markets: Vec<Market>,
    pub accounts: Vec<Account>,
    pub leaf_salts: Vec<u128>,
    pub client_classes: Vec<u8>,
    /// The place of each owner's last account.
    owner_last: Index<u32>,
    owner_before: Vec<u32>,
    /// By account: the most protected class of its owner's accounts up to it.
    owner_classes: Vec<u8>,
    pub withdrawals: BTreeMap<u64, Withdrawal>,
    pub withdrawals_by: BTreeSet<(HeldBy, u64)>,
    pub settled: BTreeMap<u64, Withdrawal>,
    pub receipts: BTreeMap<u64, Receipt>,
    pub evidence: EvidenceTable,
    pub evidence_from_ns: u64,
    pub breaks: BTreeMap<(u32, u8, u8), (u128, u64)>,
    pub trades: Trades,
    pub signed_by_machine: bool,
    pub parameters: BTreeMap<(u8, u64), (u128, [u8; 32])>,
    pub discounts_ppm: [u32; TIER_COUNT],
    pub delistings: BTreeMap<u32, Delisting>,
    pub fees: BTreeMap<(u32, u32), Fees>,
    pub open_orders_max: u64,
    pub pending: BTreeMap<u64, [u8; RECORD_SIZE]>,
    pub statuses: BTreeMap<u64, ClientStatus>,
    pub rates: BTreeMap<u32, (Rate, [u8; 32])>,
    pub limits: BTreeMap<LimitKey, Limit>,
    pub counters: BTreeMap<CounterKey, u128>,
    pub purchases: BTreeMap<u64, Purchase>,
    pub open_purchases: BTreeMap<(u8, u64, u32), u128>,
    pub client_id_horizon_ns: u64,
    pub named_orders: VecDeque<Remembered>,
    pub recent_orders: Map<(u64, u32), u64>,
    pub named_requests: BTreeMap<u32, VecDeque<Remembered>>,
    by_client: Index<MarketOrder>,
    pub cancel_timers: BTreeMap<u32, u64>,
    pub client_keys: BTreeMap<u32, ClientKey>,
    pub client_public_keys: BTreeSet<[u8; 32]>,
    timers: BTreeSet<(u64, u8, u64, u32)>,
    touched_markets: Vec<u32>,
    pub leg_events: Vec<(u32, u64, bool)>,
    pub filled_workings: VecDeque<(u32, u64)>,
    pub prints: Vec<u64>,
    pub out: Vec<u8>,
    pub actions: Vec<Action>,
}

/// Return the key of a client's number.
#[inline(always)]
pub fn client_key(account_id: u32, client_order_id: u64) -> (u64, u32) {
    (client_order_id, account_id)
}

impl State {
    /// Return an empty venue.
    pub fn new() -> Self {
        let authority = Authority { genesis_open: true, ..Authority::default() };
        let trades = Trades { entries: Vec::with_capacity(TRADES_MAX), next: 0 };
        Self { next_seq: 1, authority, trades, ..Self::default() }
    }

    /// Return a market by its number.
    #[inline(always)]
    pub fn market(&mut self, market_id: u32) -> &mut Market {
        &mut self.markets[market_id as usize - 1]
    }

    /// Return an account by its number.
    #[inline(always)]
    pub fn account(&mut self, account_id: u32) -> &mut Account {
        &mut self.accounts[account_id as usize - 1]
    }

    /// Make room for accounts that are about to be added.
    pub fn reserve_accounts(&mut self, count: usize) {
        self.owner_last.reserve(self.owner_last.len() + count);
    }

    /// Add an account with what is seldom read of it.
    pub fn add_account(&mut self, account: Account, client_class: u8, leaf_salt: u128) {
        let (owner_id, place) = (account.owner_id, self.accounts.len() as u32);
        let before = self.last_of_owner(owner_id);
        let class_before = before.map_or(client_class, |last| self.owner_classes[last as usize]);
        self.accounts.push(account);
        self.client_classes.push(client_class);
        self.leaf_salts.push(leaf_salt);
        self.owner_before.push(before.map_or(0, |last| last + 1));
        self.owner_classes.push(client_class.min(class_before));
        match before {
            Some(last) => self.owner_last.replace(owner_id, last, place),
            None if owner_id != 0 => self.owner_last.insert(owner_id, place),
            None => (),
        }
    }

    /// Return the place of the account that an owner opened last. Owner 0 is none; opening refuses it.
    fn last_of_owner(&self, owner_id: u64) -> Option<u32> {
        let is_owners = |place: u32| self.accounts[place as usize].owner_id == owner_id;
        if owner_id == 0 {
            return None;
        }
        self.owner_last.find(owner_id, is_owners)
    }

    /// Return the most protected class (retail comes first) of an owner's accounts, 0 where there is none.
    pub fn owner_class(&self, owner_id: u64) -> u8 {
        self.last_of_owner(owner_id).map_or(0, |place| self.owner_classes[place as usize])
    }

    /// Put all accounts of an owner into a class.
    pub fn set_owner_class(&mut self, account_ids: &[u32], client_class: u8) {
        for &account_id in account_ids {
            self.client_classes[account_id as usize - 1] = client_class;
            self.owner_classes[account_id as usize - 1] = client_class;
        }
    }

    /// Return the accounts of an owner, the one opened last first.
    pub fn latest_accounts_of(&self, owner_id: u64) -> impl Iterator<Item = u32> + '_ {
        let last = self.last_of_owner(owner_id).map(|place| place + 1);
        std::iter::successors(last, |&account_id| {
            Some(self.owner_before[account_id as usize - 1]).filter(|&before| before != 0)
        })
    }

    /// Return the accounts of an owner in the order in which they were opened.
    pub fn accounts_of(&self, owner_id: u64) -> Vec<u32> {
        let mut found: Vec<u32> = self.latest_accounts_of(owner_id).collect();
        found.reverse();
        found
    }

    /// Keep an open withdrawal, and where to find it by what holds it.
    pub fn open_withdrawal(&mut self, withdrawal: Withdrawal) {
        self.withdrawals_by.insert((held_by(&withdrawal), withdrawal.withdrawal_id));
        self.withdrawals.insert(withdrawal.withdrawal_id, withdrawal);
    }

    /// Forget a withdrawal that is no longer open.
    pub fn close_withdrawal(&mut self, withdrawal: &Withdrawal) {
        self.withdrawals.remove(&withdrawal.withdrawal_id);
        self.withdrawals_by.remove(&(held_by(withdrawal), withdrawal.withdrawal_id));
    }

    /// Return the open withdrawals that an account's balance or a receipt (the others 0) holds, by number.
    pub fn withdrawals_of(&self, account_id: u32, asset_id: u32, receipt_id: u64) -> Vec<Withdrawal> {
        let holder = (account_id, asset_id, receipt_id);
        let held = self.withdrawals_by.range((holder, 0)..=(holder, u64::MAX));
        held.map(|(_, number)| self.withdrawals[number]).collect()
    }

    /// Return the index of an account's balance, opened empty where there was none.
    #[inline(always)]
    pub fn balance(&mut self, account_id: u32, asset_id: u32) -> u32 {
        for &(asset, index) in &self.accounts[account_id as usize - 1].near {
            if asset == asset_id {
                return index;
            }
        }
        self.far_balance(account_id, asset_id)
    }

    #[inline(never)]
    fn far_balance(&mut self, account_id: u32, asset_id: u32) -> u32 {
        let near = &mut self.accounts[account_id as usize - 1].near;
        match near.iter_mut().find(|(asset, _)| *asset == 0) {
            Some(free) => {
                let index = self.ledger.open_balance(balance_key(account_id, asset_id));
                *free = (asset_id, index);
                index
            }
            None => self.ledger.far_balance(balance_key(account_id, asset_id)),
        }
    }

    /// Return an account's balance, empty where there is none.
    pub fn find_balance(&self, account_id: u32, asset_id: u32) -> Balance {
        let near = &self.accounts[account_id as usize - 1].near;
        match near.iter().find(|(asset, _)| *asset == asset_id) {
            Some(&(_, index)) => self.ledger.balances[index as usize],
            None => self.ledger.find_far(balance_key(account_id, asset_id)),
        }
    }

    /// Hint that an account's balance will be read soon.
    #[inline(always)]
    pub fn hint_balance(&self, account_id: u32, asset_id: u32) {
        let Some(account) = self.accounts.get(account_id.wrapping_sub(1) as usize) else { return };
        match account.near.iter().find(|(asset, _)| *asset == asset_id) {
            Some(&(_, index)) => hint(self.ledger.balances.get(index as usize)),
            None => self.ledger.hint_far(balance_key(account_id, asset_id)),
        }
    }

    /// Hint that an account's balance will be read soon, where its account does not find it and the index, which was
    /// hinted at, does.
    #[inline(always)]
    pub fn hint_far_balance(&self, account_id: u32, asset_id: u32) {
        let Some(account) = self.accounts.get(account_id.wrapping_sub(1) as usize) else { return };
        if account.near.iter().all(|(asset, _)| *asset != asset_id) {
            self.ledger.hint_found(balance_key(account_id, asset_id));
        }
    }

    /// Hint that a client's order number will be looked up soon.
    #[inline(always)]
    pub fn hint_client(&self, account_id: u32, client_order_id: u64) {
        self.by_client.hint(client_key(account_id, client_order_id));
        if self.client_id_horizon_ns != 0 {
            self.recent_orders.hint(client_key(account_id, client_order_id));
        }
    }

    /// Post one amount; see Ledger::post.
    pub fn post(
        &mut self,
        transfer_type: TransferType,
        asset_id: u32,
        minor: u128,
        debit: LedgerAccount,
        credit: LedgerAccount,
    ) {
        self.ledger.post(&mut self.invariants, transfer_type, asset_id, minor, debit, credit);
    }

    /// Return the ledger account of what an account has available of an asset.
    pub fn available(&mut self, account_id: u32, asset_id: u32) -> LedgerAccount {
        LedgerAccount::Available(self.balance(account_id, asset_id))
    }

    /// Return the ledger account of what an account holds of an asset.
    pub fn held(&mut self, account_id: u32, asset_id: u32) -> LedgerAccount {
        LedgerAccount::Held(self.balance(account_id, asset_id))
    }

    /// Return the amount that an account has available of an asset.
    pub fn available_minor(&self, account_id: u32, asset_id: u32) -> u128 {
        self.find_balance(account_id, asset_id).available
    }

    /// Return the ledger account of a custody location.
    pub fn custody(&self, estate: u8, location: u8) -> LedgerAccount {
        let kind = if estate == Estate::CLIENT { Kind::ClientCustody } else { Kind::HouseCustody };
        LedgerAccount::Custody(kind, location)
    }

    /// Return the amount at a custody location.
    pub fn custody_minor(&self, estate: u8, location: u8, asset_id: u32) -> u128 {
        self.ledger.asset(asset_id).custody[estate as usize - 1][location as usize - 1]
    }

    /// Return a parameter's value, 0 where it was never set.
    pub fn parameter(&self, table: u8, key: u64) -> u128 {
        self.parameters.get(&(table, key)).map_or(0, |row| row.0)
    }

    /// Work out a market's fee rates again.
    pub fn derive_rates(&mut self, market_id: u32) {
        let own = self.fees.get(&(0, market_id));
        self.markets[market_id as usize - 1].derive_rates(&self.discounts_ppm, own);
    }

    /// Remember who owns an account of the house or of an affiliate.
    pub fn learn_owner(&mut self, owner_id: u64, account_role: u8) {
        if account_role != AccountRole::CLIENT {
            let role = self.insiders.entry(owner_id).or_insert(0);
            *role = account_role.max(*role);
        }
    }

    /// Return whether an account's owner owns none of a larger role: whose it is decides, not which is used.
    #[inline(always)]
    pub fn may_trade(&self, account: &Account) -> bool {
        self.insiders.is_empty()
            || self.insiders.get(&account.owner_id).is_none_or(|&role| account.account_role >= role)
    }

    /// Remember what is due: a setting (command), auction (market), order, cancel timer (account), delisting (asset).
    pub fn add_timer(&mut self, due_ns: u64, due_kind: u8, number: u64, market_id: u32) {
        self.timers.insert((due_ns, due_kind, number, market_id));
    }

    /// Forget what was due.
    pub fn drop_timer(&mut self, due_ns: u64, due_kind: u8, number: u64, market_id: u32) {
        self.timers.remove(&(due_ns, due_kind, number, market_id));
    }

    /// Return the first thing that is due at a time.
    pub fn next_due(&self, ts_ns: u64) -> Option<(u64, u8, u64, u32)> {
        self.timers.first().copied().filter(|due| due.0 <= ts_ns)
    }

    /// Return whether anything may become due.
    #[inline(always)]
    pub fn has_timers(&self) -> bool {
        !self.timers.is_empty()
    }

    /// Return the open order that has a client's number, 0 for none.
    #[inline(always)]
    pub fn order_of_client(&self, account_id: u32, client_order_id: u64) -> u64 {
        let is_named = |found: MarketOrder| {
            let book = &self.markets[found.market_id as usize - 1].book;
            let names = |slot: u32| {
                let (hot, cold) = (&book.hot[slot as usize], &book.cold[slot as usize]);
                cold.client_order_id == client_order_id && hot.account_id == account_id
            };
            book.find(found.order_id).is_some_and(names)
        };
        self.by_client.find(client_key(account_id, client_order_id), is_named).map_or(0, |found| found.order_id)
    }

    /// Remember that the command touched a market, whose book is then checked.
    #[inline(always)]
    pub fn touch(&mut self, market_id: u32) {
        let market = &mut self.markets[market_id as usize - 1];
        if !market.touched {
            market.touched = true;
            self.touched_markets.push(market_id);
        }
    }

    /// Count an order that begins to rest or wait, and remember its client's number and its expiry.
    #[inline(always)]
    pub fn register_order(&mut self, market_id: u32, order: &Order) {
        self.touch(market_id);
        self.account(order.account_id).open_orders += 1;
        if order.client_order_id != 0 {
            let place = MarketOrder { market_id, order_id: order.order_id };
            self.by_client.insert(client_key(order.account_id, order.client_order_id), place);
        }
        if order.expire_ns != 0 {
            self.add_timer(order.expire_ns, EXPIRY_DUE, order.order_id, market_id);
        }
    }

    /// Undo register_order for an order that is no longer open; its slot in the book is still readable.
    #[inline(always)]
    pub fn forget_order(&mut self, market_id: u32, slot: u32) {
        let book = &self.markets[market_id as usize - 1].book;
        let (hot, cold) = (&book.hot[slot as usize], &book.cold[slot as usize]);
        let (account_id, order_id) = (hot.account_id, hot.order_id);
        let (client_order_id, expire_ns) = (cold.client_order_id, cold.expire_ns);
        self.account(account_id).open_orders -= 1;
        if client_order_id != 0 {
            self.by_client.remove(client_key(account_id, client_order_id), MarketOrder { market_id, order_id });
        }
        if expire_ns != 0 {
            self.drop_timer(expire_ns, EXPIRY_DUE, order_id, market_id);
        }
    }

    /// Check ORDER over the markets that the command touched, and the ledger.
    #[inline(always)]
    pub fn check(&mut self) {
        for &market_id in &self.touched_markets {
            let market = &mut self.markets[market_id as usize - 1];
            market.touched = false;
            self.invariants.order += 1;
            if market.market_state == MarketState::CONTINUOUS && market.book.is_crossed() {
                self.invariants.broken("ORDER", format!("market {market_id} is crossed"));
            }
        }
        self.touched_markets.clear();
        self.ledger.check(&mut self.invariants);
    }

    /// Return the number of assets of which an account has a balance.
    pub fn count_holdings(&self, account_id: u32) -> u128 {
        let holds = |asset: &&Asset| {
            let balance = self.find_balance(account_id, asset.asset_id);
            balance.available + balance.held != 0
        };
        self.assets.iter().filter(holds).count() as u128
    }

    /// Return balance indexes in the order of their keys.
    pub fn sorted_balances(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.ledger.keys.len() as u32).collect();
        order.sort_unstable_by_key(|&index| self.ledger.keys[index as usize]);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compare the table with a plain list: put in, put in again, take out of any place, look up, walk.
    #[test]
    fn evidence_is_what_a_plain_list_would_be() {
        let hash_of = |number: u64| {
            let mut hash = [7u8; 32];
            hash[..8].copy_from_slice(&(number % 700).to_be_bytes());
            hash
        };
        let (mut table, mut list) = (EvidenceTable::default(), Vec::<([u8; 32], Evidence)>::new());
        for seq in 1..4_000u64 {
            let hash = hash_of(seq.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40);
            let found = list.iter().position(|(known, _)| *known == hash);
            assert_eq!(table.get(&hash).map(|entry| entry.seq), found.map(|at| list[at].1.seq));
            assert_eq!(table.has(&hash), found.is_some());
            if seq % 3 == 0 {
                let removed = found.map(|at| list.remove(at).1.seq);
                assert_eq!(table.remove(&hash).map(|entry| entry.seq), removed);
            } else {
                found.map(|at| list.remove(at));
                list.push((hash, Evidence { seq, ..Evidence::default() }));
                table.insert(hash, Evidence { seq, ..Evidence::default() });
            }
            assert_eq!(table.oldest().map(|(hash, _)| hash), list.first().map(|(hash, _)| *hash));
            assert_eq!((table.len(), table.is_empty()), (list.len(), list.is_empty()));
            assert!(table.in_order().map(|(_, entry)| entry.seq).eq(list.iter().map(|(_, entry)| entry.seq)));
        }
    }
}
