//! The canonical encoding of the state: one state, one byte string, in both twins.
//!
//! Numbers are little-endian and unsigned; 128-bit ones are low word, high word. Sections in order: header, authority,
//! assets with their ledger accounts, parameters, accounts, balances that are not zero, custody (custody_sections.rs),
//! pending settings and limits (snapshot_limits.rs), own fees (snapshot_fees.rs), markets with their orders (bids best
//! first in queue order, asks likewise, then untriggered orders by number), order control (snapshot_orders.rs), the
//! commands that made assets, markets, accounts and officers, tick sizes, delistings and clients' keys (snapshot_terms.rs).
//! Sets are sorted. What follows from the rest (totals, timers, indexes, bounds) is not written but derived.

use crate::arithmetic::AMOUNT_MAX;
use crate::book::Order;
use crate::custody_sections::{check_references, decode_custody, encode_custody};
use crate::fees::has_account_fees;
use crate::ledger::{AssetLedger, Balance, Kind, LOCATION_COUNT};
use crate::legs::working_leg;
use crate::limits_check::check_limits;
use crate::parameters::{keep_parameter, table_bounds};
use crate::records::{ParameterTable, Side, EDITION};
use crate::settlement::paying_asset;
use crate::snapshot_authority::{decode_assigned, decode_authority, encode_assigned, encode_authority};
use crate::snapshot_bytes::{expected, put, require, within, Pieces, Reader, SnapshotError, Writer};
use crate::snapshot_fees::{decode_fees, encode_fees};
use crate::snapshot_limits::{decode_limits, encode_limits};
use crate::snapshot_orders::{decode_order_control, encode_order_control};
use crate::snapshot_terms::{decode_terms, encode_terms};
use crate::state::{Account, Asset, Market, State, TradingRules, AUCTION_DUE};
use crate::trailing::Trail;

const MAGIC: [u8; 4] = *b"TZSN";

/// Return the state as bytes.
pub fn encode(state: &State) -> Vec<u8> {
    let open_orders: usize = state.markets.iter().map(|market| market.book.open_orders()).sum();
    let size = 4096 + state.accounts.len() * 60 + state.ledger.keys.len() * 40 + open_orders * 96;
    let mut w = Writer::keeping(size + state.evidence.len() * 120 + state.trades.len() * 64);
    write(&mut w, state);
    w.0
}

/// Return the SHA-256 of the state's bytes, without having them all in memory.
pub fn digest(state: &State) -> [u8; 32] {
    let mut w = Writer::hashing();
    write(&mut w, state);
    w.digest()
}

fn write(w: &mut Writer, state: &State) {
    w.0.extend_from_slice(&MAGIC);
    put!(w, EDITION, state.next_seq, state.last_ts_ns);
    encode_authority(w, state);
    put!(w, state.assets.len() as u32);
    for (asset, ledger) in state.assets.iter().zip(&state.ledger.assets) {
        encode_asset(w, asset, ledger);
    }
    put!(w, state.parameters.len() as u32);
    for ((table, key), (value, rulebook_hash)) in &state.parameters {
        put!(w, table, key, value);
        w.0.extend_from_slice(rulebook_hash);
    }
    put!(w, state.accounts.len() as u32);
    for at in 0..state.accounts.len() {
        encode_account(w, state, at);
        w.pass_on();
    }
    encode_balances(w, state);
    encode_custody(w, state);
    encode_limits(w, state);
    encode_fees(w, state);
    put!(w, state.markets.len() as u32);
    for market in &state.markets {
        encode_market(w, market);
        encode_orders(w, market);
    }
    encode_order_control(w, state);
    encode_assigned(w, state);
    encode_terms(w, state);
}

/// Write one asset with its ledger accounts.
pub fn encode_asset(w: &mut Writer, asset: &Asset, ledger: &AssetLedger) {
    put!(w, asset.asset_kind, asset.asset_status, asset.scale);
    w.0.extend_from_slice(&asset.asset_code);
    w.0.extend_from_slice(&asset.dti);
    for minor in ledger.custody.iter().flatten() {
        put!(w, minor);
    }
    put!(w, ledger.shortfall, ledger.unattributed, ledger.fees_earned, ledger.network_float, ledger.house_equity);
}

/// Write the account at a place.
#[inline]
pub fn encode_account(w: &mut Writer, state: &State, at: usize) {
    let (a, leaf_salt, client_class) = (&state.accounts[at], state.leaf_salts[at], state.client_classes[at]);
    put!(w, a.owner_id, a.approval_id, leaf_salt, client_class, a.account_role, a.account_state, a.fee_tier);
    put!(w, a.last_client_order_id, a.last_order_id);
}

fn encode_balances(w: &mut Writer, state: &State) {
    let is_there = |balance: &Balance| balance.available != 0 || balance.held != 0;
    put!(w, state.ledger.balances.iter().filter(|balance| is_there(balance)).count() as u64);
    for index in state.sorted_balances() {
        let (key, balance) = (state.ledger.keys[index as usize], state.ledger.balances[index as usize]);
        if is_there(&balance) {
            put!(w, (key >> 32) as u32, key as u32, balance.available, balance.held);
            w.pass_on();
        }
    }
}

/// Write one market, without its orders.
pub fn encode_market(w: &mut Writer, m: &Market) {
    put!(w, m.base_asset_id, m.quote_asset_id, m.lot_size_minor, m.tick_value_minor);
    w.0.extend_from_slice(&m.rulebook_hash);
    put!(w, m.has_rules as u8, m.maker_fee_ppm, m.taker_fee_ppm, m.collar_ppm, m.corridor_ppm, m.auction_duration_ms);
    put!(w, m.quantity_max_lots, m.notional_min_minor, m.notional_max_minor, m.market_state, m.next_market_state);
    put!(w, m.auction_end_ns, m.reference_price_ticks, m.last_price_ticks, m.book.priority_next);
    encode_session(w, m);
}

fn encode_session(w: &mut Writer, m: &Market) {
    let rules = &m.trading_rules;
    put!(w, rules.extension_count_max, rules.dynamic_corridor_ppm, rules.dynamic_window_ms, rules.random_end_max_ms);
    put!(w, rules.extension_ms, m.extension_count, m.auction_due_ns, m.reopen_ns, m.last_trade_ns);
}

/// Write the orders of one market, after their numbers, their trails and what legs of lists hold.
pub fn encode_orders(w: &mut Writer, m: &Market) {
    let untriggered = m.book.untriggered();
    put!(w, (m.book.open_orders() - untriggered.len()) as u64, untriggered.len() as u64);
    put!(w, m.book.trails.len() as u64, m.book.leg_holds.len() as u64);
    for (order_id, trail) in &m.book.trails {
        put!(w, order_id, trail.trailing_bp, trail.extreme_ticks);
    }
    for (order_id, minor) in &m.book.leg_holds {
        put!(w, order_id, minor);
    }
    for side in [Side::BUY, Side::SELL] {
        for level in m.book.levels(side) {
            for slot in m.book.queue(level) {
                encode_order(w, &m.book.order(slot));
                w.pass_on();
            }
        }
    }
    for slot in untriggered {
        encode_order(w, &m.book.order(slot));
        w.pass_on();
    }
}

/// Write one order.
pub fn encode_order(w: &mut Writer, o: &Order) {
    put!(w, o.order_id, o.client_order_id, o.account_id, o.approval_id, o.side, o.order_type, o.time_in_force);
    put!(
        w,
        o.self_trade_prevention,
        o.session_id,
        o.price_ticks,
        o.trigger_price_ticks,
        o.quantity_lots,
        o.leaves_lots
    );
    put!(w, o.visible_lots, o.display_lots, o.expire_ns, o.priority);
}

/// Return the state of a snapshot and the SHA-256 of its bytes, or why they are not one of this edition.
pub fn decode(pieces: &mut Pieces) -> Result<(State, [u8; 32]), SnapshotError> {
    let (mut reader, mut state) = (Reader::new(pieces), State::new());
    let r = &mut reader;
    let (magic, edition) = (r.bytes::<4>()?, r.u32()?);
    if magic != MAGIC {
        return Err("expected a snapshot, found bytes that begin otherwise".into());
    }
    if edition != EDITION {
        return Err(format!("expected a snapshot of edition {EDITION}, found edition {edition}"));
    }
    state.next_seq = r.u64()?;
    state.last_ts_ns = r.u64()?;
    decode_authority(r, &mut state)?;
    for number in 0..r.u32()? {
        decode_asset(r, &mut state, number + 1)?;
    }
    for _ in 0..r.u32()? {
        let key = (r.u8()?, r.u64()?);
        let (value, rulebook_hash) = (r.u128()?, r.bytes()?);
        require(within(key.0, 1, ParameterTable::MAX), "parameter table")?;
        let (key_min, key_max, value_max) = table_bounds(&state, key.0);
        require(within(key.1, key_min, key_max) && value <= value_max, "parameter")?;
        keep_parameter(&mut state, key, value, rulebook_hash);
    }
    let accounts = r.u32()?;
    state.reserve_accounts(expected(accounts.into()));
    for _ in 0..accounts {
        decode_account(r, &mut state)?;
    }
    for _ in 0..r.u64()? {
        decode_balance(r, &mut state)?;
    }
    decode_custody(r, &mut state)?;
    decode_limits(r, &mut state)?;
    decode_fees(r, &mut state)?;
    for number in 0..r.u32()? {
        decode_market(r, &mut state, number + 1)?;
    }
    decode_order_control(r, &mut state)?;
    decode_assigned(r, &mut state)?;
    decode_terms(r, &mut state)?;
    check_references(&state)?;
    let digest = reader.end()?;
    check_limits(&state)?;
    Ok((state, digest))
}

fn decode_asset(r: &mut Reader, state: &mut State, asset_id: u32) -> Result<(), SnapshotError> {
    let (asset_kind, asset_status, scale) = (r.u8()?, r.u8()?, r.u8()?);
    let (asset_code, dti) = (r.bytes()?, r.bytes()?);
    state.assets.push(Asset { asset_id, asset_kind, asset_status, scale, asset_code, dti });
    let mut ledger = AssetLedger::default();
    for (estate, kind) in [Kind::ClientCustody, Kind::HouseCustody].into_iter().enumerate() {
        for location in 0..LOCATION_COUNT {
            ledger.custody[estate][location] = r.u128()?;
            require(ledger.custody[estate][location] <= AMOUNT_MAX, "amount of an asset")?;
            ledger.totals[kind as usize] += ledger.custody[estate][location];
        }
    }
    (ledger.shortfall, ledger.unattributed) = (r.u128()?, r.u128()?);
    (ledger.fees_earned, ledger.network_float, ledger.house_equity) = (r.u128()?, r.u128()?, r.u128()?);
    let claims = [ledger.shortfall, ledger.unattributed, ledger.fees_earned, ledger.network_float, ledger.house_equity];
    require(claims.iter().all(|&minor| minor <= AMOUNT_MAX), "amount of an asset")?;
    ledger.totals[Kind::Shortfall as usize] = ledger.shortfall;
    ledger.totals[Kind::Unattributed as usize] = ledger.unattributed;
    ledger.totals[Kind::FeesEarned as usize] = ledger.fees_earned;
    ledger.totals[Kind::NetworkFloat as usize] = ledger.network_float;
    ledger.totals[Kind::HouseEquity as usize] = ledger.house_equity;
    state.ledger.assets.push(ledger);
    Ok(())
}

fn decode_account(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    let (owner_id, approval_id) = (r.u64()?, r.u64()?);
    let (leaf_salt, client_class) = (r.u128()?, r.u8()?);
    let account = Account {
        owner_id,
        approval_id,
        account_role: r.u8()?,
        account_state: r.u8()?,
        fee_tier: r.u8()?,
        last_client_order_id: r.u64()?,
        last_order_id: r.u64()?,
        ..Account::default()
    };
    state.add_account(account, client_class, leaf_salt);
    state.learn_owner(owner_id, state.accounts[state.accounts.len() - 1].account_role);
    Ok(())
}

fn decode_balance(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    let (account_id, asset_id, available, held) = (r.u32()?, r.u32()?, r.u128()?, r.u128()?);
    if account_id == 0
        || account_id as usize > state.accounts.len()
        || asset_id == 0
        || asset_id as usize > state.assets.len()
    {
        return Err(format!("a balance of account {account_id} in asset {asset_id}, which are not both there"));
    }
    require(available.max(held) <= AMOUNT_MAX, "amount of a balance")?;
    let index = state.balance(account_id, asset_id) as usize;
    state.ledger.balances[index].available = available;
    state.ledger.balances[index].held = held;
    let totals = &mut state.ledger.assets[asset_id as usize - 1].totals;
    totals[Kind::Available as usize] += available;
    totals[Kind::Held as usize] += held;
    require(totals[Kind::Available as usize].max(totals[Kind::Held as usize]) <= AMOUNT_MAX, "sum of an asset")
}

fn decode_market(r: &mut Reader, state: &mut State, market_id: u32) -> Result<(), SnapshotError> {
    let mut m = Market::new(market_id);
    (m.base_asset_id, m.quote_asset_id) = (r.u32()?, r.u32()?);
    (m.lot_size_minor, m.tick_value_minor, m.rulebook_hash) = (r.u64()?, r.u64()?, r.bytes()?);
    for asset_id in [m.base_asset_id, m.quote_asset_id] {
        require(within(asset_id as usize, 1, state.assets.len()), "asset of a market")?;
    }
    (m.has_rules, m.maker_fee_ppm, m.taker_fee_ppm) = (r.u8()? != 0, r.u32()?, r.u32()?);
    (m.collar_ppm, m.corridor_ppm, m.auction_duration_ms) = (r.u32()?, r.u32()?, r.u32()?);
    (m.quantity_max_lots, m.notional_min_minor, m.notional_max_minor) = (r.u64()?, r.u128()?, r.u128()?);
    (m.market_state, m.next_market_state, m.auction_end_ns) = (r.u8()?, r.u8()?, r.u64()?);
    (m.reference_price_ticks, m.last_price_ticks, m.book.priority_next) = (r.u64()?, r.u64()?, r.u64()?);
    if m.has_rules {
        m.derive_bounds();
        m.derive_rates(&state.discounts_ppm, state.fees.get(&(0, market_id)));
    }
    m.has_account_fees = has_account_fees(state, market_id);
    decode_session(r, &mut m)?;
    if m.auction_due_ns != 0 {
        state.add_timer(m.auction_due_ns, AUCTION_DUE, market_id as u64, market_id);
    }
    state.markets.push(m);
    let (resting, untriggered, trails, leg_holds) = (r.u64()?, r.u64()?, r.u64()?, r.u64()?);
    for _ in 0..trails {
        let (order_id, trailing_bp, extreme_ticks) = (r.u64()?, r.u32()?, r.u64()?);
        state.market(market_id).book.trails.insert(order_id, Trail { trailing_bp, extreme_ticks });
    }
    for _ in 0..leg_holds {
        let (order_id, minor) = (r.u64()?, r.u128()?);
        state.market(market_id).book.leg_holds.insert(order_id, minor);
    }
    for _ in 0..resting {
        let order = decode_order(r, state, market_id)?;
        require(state.market(market_id).book.find(order.order_id).is_none(), "number of an order")?;
        state.market(market_id).book.restore(&order);
        state.register_order(market_id, &order);
    }
    for _ in 0..untriggered {
        let order = decode_order(r, state, market_id)?;
        let book = &mut state.market(market_id).book;
        require(book.find(order.order_id).is_none(), "number of an order")?;
        if book.find(working_leg(order.order_id)).is_none() {
            book.add_untriggered(&order);
        } else {
            book.hold_back(&order);
        }
        state.register_order(market_id, &order);
    }
    Ok(())
}

fn decode_session(r: &mut Reader, m: &mut Market) -> Result<(), SnapshotError> {
    m.trading_rules = TradingRules {
        extension_count_max: r.u8()?,
        dynamic_corridor_ppm: r.u32()?,
        dynamic_window_ms: r.u32()?,
        random_end_max_ms: r.u32()?,
        extension_ms: r.u32()?,
    };
    (m.extension_count, m.auction_due_ns, m.reopen_ns, m.last_trade_ns) = (r.u8()?, r.u64()?, r.u64()?, r.u64()?);
    Ok(())
}

fn decode_order(r: &mut Reader, state: &mut State, market_id: u32) -> Result<Order, SnapshotError> {
    let mut o = Order { order_id: r.u64()?, client_order_id: r.u64()?, ..Order::default() };
    (o.account_id, o.approval_id) = (r.u32()?, r.u64()?);
    (o.side, o.order_type, o.time_in_force, o.self_trade_prevention) = (r.u8()?, r.u8()?, r.u8()?, r.u8()?);
    o.session_id = r.u16()?;
    (o.price_ticks, o.trigger_price_ticks, o.quantity_lots, o.leaves_lots) = (r.u64()?, r.u64()?, r.u64()?, r.u64()?);
    (o.visible_lots, o.display_lots, o.expire_ns, o.priority) = (r.u64()?, r.u64()?, r.u64()?, r.u64()?);
    if o.account_id == 0 || o.account_id as usize > state.accounts.len() || !matches!(o.side, Side::BUY | Side::SELL) {
        return Err(format!("order {} of account {} on side {}", o.order_id, o.account_id, o.side));
    }
    let asset_id = paying_asset(state.market(market_id), o.side);
    o.hold_balance = state.balance(o.account_id, asset_id);
    Ok(o)
}
