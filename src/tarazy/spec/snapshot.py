"""The canonical encoding of the state: one state, one byte string, in both twins.

Numbers are little-endian and unsigned; 128-bit ones are low word, high word. Sections in order: header, authority,
assets with their ledger accounts, parameters, accounts, balances that are not zero, custody (custody_sections.py),
pending settings and limits (snapshot_limits.py), own fees (snapshot_fees.py), markets with their orders (bids best
first in queue order, asks likewise, then untriggered orders by number), order control (snapshot_orders.py), the
commands that made assets, markets, accounts and officers, tick sizes, delistings and clients' keys (snapshot_terms.py).
Sets are sorted. What follows from the rest (totals, timers, indexes, bounds) is not written but derived.
"""

from __future__ import annotations

import struct

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import EDITION, Estate, ParameterTable
from tarazy.spec.book import BUY, SELL, Order
from tarazy.spec.custody_sections import check_references, decode_custody, encode_custody
from tarazy.spec.fees import has_account_fees
from tarazy.spec.ledger import AssetLedger, Kind, LedgerAccount
from tarazy.spec.legs import working_leg
from tarazy.spec.limits_check import check_limits
from tarazy.spec.parameters import keep_parameter, table_bounds
from tarazy.spec.snapshot_authority import decode_assigned, decode_authority, encode_assigned, encode_authority
from tarazy.spec.snapshot_bytes import COUNT32, COUNT64, Reader, SnapshotError, require, split, within
from tarazy.spec.snapshot_fees import decode_fees, encode_fees
from tarazy.spec.snapshot_limits import decode_limits, encode_limits
from tarazy.spec.snapshot_orders import decode_order_control, encode_order_control
from tarazy.spec.snapshot_terms import decode_terms, encode_terms
from tarazy.spec.state import AUCTION_DUE, Account, Asset, Market, State
from tarazy.spec.trailing import Trail

MAGIC = b"TZSN"
HEADER = struct.Struct("<4sIQQ")
ASSET = struct.Struct("<BBB16s16s")
PARAMETER = struct.Struct("<BQQQ32s")
ACCOUNT = struct.Struct("<QQQQBBBBQQ")
BALANCE = struct.Struct("<IIQQQQ")
MARKET = struct.Struct("<IIQQ32sBIIIIIQQQQQBBQQQQ")
SESSION = struct.Struct("<BIIIIBQQQ")
TRAIL = struct.Struct("<QIQ")
LEG_HOLD = struct.Struct("<QQQ")
ORDER = struct.Struct("<QQIQBBBBHQQQQQQQQ")
AMOUNT = struct.Struct("<QQ")


def ledger_accounts(ledger: AssetLedger) -> list[LedgerAccount]:
    """Return the asset's own ledger accounts in the order in which they are written."""
    return [
        *ledger.custody[Estate.client],
        *ledger.custody[Estate.house],
        ledger.shortfall,
        ledger.unattributed,
        ledger.fees_earned,
        ledger.network_float,
        ledger.house_equity,
    ]


def listed_orders(market: Market) -> tuple[list[Order], list[Order]]:
    """Return the resting and the untriggered orders in the order in which they are written."""
    book = market.book
    resting = [
        order for side in (BUY, SELL) for key in reversed(book.keys[side]) for order in book.levels[side][key].values()
    ]
    return resting, [book.untriggered[number] for number in sorted(book.untriggered)]


def encode(state: State) -> bytes:
    """Return the state as bytes."""
    out = [HEADER.pack(MAGIC, EDITION, state.next_seq, state.last_ts_ns), encode_authority(state)]
    out.append(COUNT32.pack(len(state.assets)))
    for asset, ledger in zip(state.assets, state.ledger.assets, strict=True):
        out.append(encode_asset(asset, ledger))
    out.append(COUNT32.pack(len(state.parameters)))
    for (table, key), (value, rulebook_hash) in sorted(state.parameters.items()):
        out.append(PARAMETER.pack(table, key, *split(value), rulebook_hash))
    out.append(COUNT32.pack(len(state.accounts)))
    out += [encode_account(account) for account in state.accounts]
    balances = [
        BALANCE.pack(key >> 32, key & 0xFFFFFFFF, *split(b.available.minor), *split(b.held.minor))
        for key, b in sorted(state.ledger.balances.items())
        if b.available.minor or b.held.minor
    ]
    out += [COUNT64.pack(len(balances)), *balances, *encode_custody(state), *encode_limits(state), *encode_fees(state)]
    out.append(COUNT32.pack(len(state.markets)))
    for market in state.markets:
        out += [encode_market(market), encode_orders(market)]
    encode_order_control(out, state)
    out.append(encode_assigned(state))
    return b"".join(out + encode_terms(state))


def encode_asset(asset: Asset, ledger: AssetLedger) -> bytes:
    """Return one asset with its ledger accounts as bytes."""
    code = ASSET.pack(asset.asset_kind, asset.asset_status, asset.scale, asset.asset_code, asset.dti)
    return code + b"".join(AMOUNT.pack(*split(account.minor)) for account in ledger_accounts(ledger))


def encode_account(a: Account) -> bytes:
    """Return one account as bytes."""
    flags = (a.client_class, a.account_role, a.account_state, a.fee_tier)
    return ACCOUNT.pack(a.owner_id, a.approval_id, *split(a.leaf_salt), *flags, a.last_client_order_id, a.last_order_id)


def encode_market(m: Market) -> bytes:
    """Return one market with its session, without its orders, as bytes."""
    return MARKET.pack(
        m.base_asset_id,
        m.quote_asset_id,
        m.lot_size_minor,
        m.tick_value_minor,
        m.rulebook_hash,
        m.has_rules,
        m.maker_fee_ppm,
        m.taker_fee_ppm,
        m.collar_ppm,
        m.corridor_ppm,
        m.auction_duration_ms,
        m.quantity_max_lots,
        *split(m.notional_min_minor),
        *split(m.notional_max_minor),
        m.market_state,
        m.next_market_state,
        m.auction_end_ns,
        m.reference_price_ticks,
        m.last_price_ticks,
        m.book.priority_next,
    ) + encode_session(m)


def encode_session(m: Market) -> bytes:
    """Return a market's trading rules and how far its session is, as bytes."""
    rules = m.trading_rules
    flags = (rules.extension_count_max, rules.dynamic_corridor_ppm, rules.dynamic_window_ms, rules.random_end_max_ms)
    return SESSION.pack(*flags, rules.extension_ms, m.extension_count, m.auction_due_ns, m.reopen_ns, m.last_trade_ns)


def encode_orders(market: Market) -> bytes:
    """Return the orders of one market as bytes, after their numbers, their trails and what legs of lists hold."""
    resting, untriggered = listed_orders(market)
    counts = COUNT64.pack(len(resting)) + COUNT64.pack(len(untriggered))
    counts += COUNT64.pack(len(market.book.trails)) + COUNT64.pack(len(market.book.leg_holds))
    for order_id, trail in sorted(market.book.trails.items()):
        counts += TRAIL.pack(order_id, trail.trailing_bp, trail.extreme_ticks)
    for order_id, minor in sorted(market.book.leg_holds.items()):
        counts += LEG_HOLD.pack(order_id, *split(minor))
    return counts + b"".join(encode_order(order) for order in resting + untriggered)


def encode_order(o: Order) -> bytes:
    """Return one order as bytes."""
    return ORDER.pack(
        o.order_id,
        o.client_order_id,
        o.account_id,
        o.approval_id,
        o.side,
        o.order_type,
        o.time_in_force,
        o.self_trade_prevention,
        o.session_id,
        o.price_ticks,
        o.trigger_price_ticks,
        o.quantity_lots,
        o.leaves_lots,
        o.visible_lots,
        o.display_lots,
        o.expire_ns,
        o.priority,
    )


def decode(data: bytes) -> State:
    """Return the state of a snapshot.

    Only the digest, which the caller compares, tells whether it is the right state.
    Raises: SnapshotError when the bytes are not a whole snapshot of this edition.
    """
    try:
        return decode_state(Reader(data), data)
    except (LookupError, OverflowError) as error:
        raise SnapshotError("the snapshot names what is not there") from error


def decode_state(reader: Reader, data: bytes) -> State:
    """Read the whole state."""
    state = State()
    header = reader.take(HEADER)
    magic: object = header[0]
    edition, state.next_seq, state.last_ts_ns = header[1:]
    if magic != MAGIC:
        raise SnapshotError("expected a snapshot, found bytes that begin otherwise")
    if edition != EDITION:
        raise SnapshotError(f"expected a snapshot of edition {EDITION}, found edition {edition}")
    decode_authority(reader, state)
    for number in reader.count(COUNT32):
        decode_asset(reader, state, number + 1)
    for _ in reader.count(COUNT32):
        decode_parameter(reader, state)
    for number in reader.count(COUNT32):
        decode_account(reader, state, number + 1)
    for _ in reader.count():
        decode_balance(reader, state)
    decode_custody(reader, state)
    decode_limits(reader, state)
    decode_fees(reader, state)
    for number in reader.count(COUNT32):
        decode_market(reader, state, number + 1)
    decode_order_control(reader, state)
    decode_assigned(reader, state)
    decode_terms(reader, state)
    check_references(state)
    if reader.at != len(data):
        raise SnapshotError(f"expected the end at byte {reader.at}, found {len(data) - reader.at} more bytes")
    check_limits(state)
    return state


def decode_asset(reader: Reader, state: State, asset_id: int) -> None:
    """Read one asset with its ledger accounts."""
    asset, ledger = Asset(asset_id), AssetLedger()
    asset.asset_kind, asset.asset_status, asset.scale, asset.asset_code, asset.dti = reader.take(ASSET)  # type: ignore[assignment]
    for account in ledger_accounts(ledger):
        low, high = reader.take(AMOUNT)
        account.minor = low | high << 64
        require(account.minor <= AMOUNT_MAX, "amount of an asset")
        ledger.totals[account.kind] += account.minor
    state.assets.append(asset)
    state.ledger.assets.append(ledger)


def decode_parameter(reader: Reader, state: State) -> None:
    """Read one row of a parameter table."""
    table, key, low, high, rulebook_hash = reader.take(PARAMETER)
    require(within(table, 1, max(ParameterTable)), "parameter table")
    key_min, key_max, value_max = table_bounds(state, table)
    value = low | high << 64
    require(within(key, key_min, key_max) and value <= value_max, "parameter")
    keep_parameter(state, table, key, value, rulebook_hash)  # type: ignore[arg-type]


def decode_account(reader: Reader, state: State, account_id: int) -> None:
    """Read one account."""
    account = Account(account_id)
    values = reader.take(ACCOUNT)
    account.owner_id, account.approval_id = values[0], values[1]
    account.leaf_salt = values[2] | values[3] << 64
    account.client_class, account.account_role, account.account_state, account.fee_tier = values[4:8]
    account.last_client_order_id, account.last_order_id = values[8], values[9]
    state.accounts.append(account)
    state.learn_owner(account)
    state.accounts_of.setdefault(account.owner_id, []).append(account_id)


def decode_balance(reader: Reader, state: State) -> None:
    """Read one balance."""
    account_id, asset_id, low, high, held_low, held_high = reader.take(BALANCE)
    if not (1 <= account_id <= len(state.accounts) and 1 <= asset_id <= len(state.assets)):
        raise SnapshotError(f"a balance of account {account_id} in asset {asset_id}, which are not both there")
    balance = state.ledger.balance(account_id, asset_id)
    balance.available.minor = low | high << 64
    balance.held.minor = held_low | held_high << 64
    require(max(balance.available.minor, balance.held.minor) <= AMOUNT_MAX, "amount of a balance")
    totals = state.ledger.asset(asset_id).totals
    totals[Kind.available] += balance.available.minor
    totals[Kind.held] += balance.held.minor
    require(max(totals[Kind.available], totals[Kind.held]) <= AMOUNT_MAX, "sum of an asset")


def decode_market(reader: Reader, state: State, market_id: int) -> None:
    """Read one market with its orders."""
    m = Market(market_id)
    values = reader.take(MARKET)
    m.base_asset_id, m.quote_asset_id, m.lot_size_minor, m.tick_value_minor = values[:4]
    for asset_id in (m.base_asset_id, m.quote_asset_id):
        require(within(asset_id, 1, len(state.assets)), "asset of a market")
    m.rulebook_hash = values[4]  # type: ignore[assignment]
    m.has_rules = bool(values[5])
    m.maker_fee_ppm, m.taker_fee_ppm, m.collar_ppm, m.corridor_ppm, m.auction_duration_ms = values[6:11]
    m.quantity_max_lots = values[11]
    m.notional_min_minor = values[12] | values[13] << 64
    m.notional_max_minor = values[14] | values[15] << 64
    m.market_state, m.next_market_state, m.auction_end_ns = values[16:19]
    m.reference_price_ticks, m.last_price_ticks, m.book.priority_next = values[19:22]
    if m.has_rules:
        m.derive_bounds()
        state.derive_rates(m)
    m.has_account_fees = has_account_fees(state, market_id)
    decode_session(reader, m)
    if m.auction_due_ns:
        state.add_timer(m.auction_due_ns, AUCTION_DUE, market_id, market_id)
    state.markets.append(m)
    resting, untriggered, trails, leg_holds = reader.count(), reader.count(), reader.count(), reader.count()
    for _ in trails:
        order_id, trailing_bp, extreme_ticks = reader.take(TRAIL)
        m.book.trails[order_id] = Trail(trailing_bp, extreme_ticks)
    for _ in leg_holds:
        order_id, low, high = reader.take(LEG_HOLD)
        m.book.leg_holds[order_id] = low | high << 64
    for _ in resting:
        order = decode_order(reader, state)
        require(m.book.find(order.order_id) is None, "number of an order")
        m.book.restore(order)
        state.register_order(m, order)
    for _ in untriggered:
        order = decode_order(reader, state)
        require(m.book.find(order.order_id) is None, "number of an order")
        if m.book.find(working_leg(order.order_id)) is None:
            m.book.add_untriggered(order)
        else:
            m.book.hold_back(order)
        state.register_order(m, order)


def decode_session(reader: Reader, m: Market) -> None:
    """Read a market's trading rules and how far its session is."""
    rules = m.trading_rules
    values = reader.take(SESSION)
    rules.extension_count_max, rules.dynamic_corridor_ppm, rules.dynamic_window_ms = values[:3]
    rules.random_end_max_ms, rules.extension_ms, m.extension_count = values[3:6]
    m.auction_due_ns, m.reopen_ns, m.last_trade_ns = values[6:]


def decode_order(reader: Reader, state: State) -> Order:
    """Read one order."""
    o = Order()
    (
        o.order_id,
        o.client_order_id,
        o.account_id,
        o.approval_id,
        o.side,
        o.order_type,
        o.time_in_force,
        o.self_trade_prevention,
        o.session_id,
        o.price_ticks,
        o.trigger_price_ticks,
        o.quantity_lots,
        o.leaves_lots,
        o.visible_lots,
        o.display_lots,
        o.expire_ns,
        o.priority,
    ) = reader.take(ORDER)
    if not 1 <= o.account_id <= len(state.accounts) or o.side not in (BUY, SELL):
        raise SnapshotError(f"order {o.order_id} of account {o.account_id} on side {o.side}")
    o.owner_id = state.accounts[o.account_id - 1].owner_id
    return o
