"""What must hold of a state that was read from a snapshot, beyond that its bytes have the right shape.

A snapshot's digest tells whether it is the right one. This tells, alike in both twins, that it is a possible one: no
later command meets a number that leads nowhere. Every amount stays under 2^120, every sum is added up again, every list
is a set in its order (the state must be written back to the same bytes).
"""

from __future__ import annotations

from itertools import pairwise

from tarazy.domain.arithmetic import AMOUNT_MAX, PPM, U64_MAX
from tarazy.domain.records import (
    PRIVILEGES,
    ROLE_MACHINE,
    ZERO32,
    AccountRole,
    AccountState,
    AssetKind,
    AssetStatus,
    ClientClass,
    MarketState,
    OrderType,
    ReceiptReason,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tarazy.spec.book import AUCTION_TIMES, TRIGGER_TYPES, Book, Order
from tarazy.spec.checkpoint import audit
from tarazy.spec.custody_check import check_custody_terms
from tarazy.spec.ledger import Kind
from tarazy.spec.legs import LEG_BASE, OTOCO_STOP, is_leg, kind_of, list_of, other_leg, role_of, working_leg
from tarazy.spec.market_states import ORDER_STATES
from tarazy.spec.markets import BAND_MAX_PPM
from tarazy.spec.numbers import ASSET
from tarazy.spec.orders import SLICES_MAX
from tarazy.spec.receipts import OWNER_NOT_KNOWN
from tarazy.spec.settlement import held_by
from tarazy.spec.snapshot import listed_orders
from tarazy.spec.snapshot_bytes import require, within
from tarazy.spec.state import TIER_COUNT, Account, Asset, Market, State
from tarazy.spec.ticks import is_on_grid
from tarazy.spec.trailing import TRAILING_MAX_BP, TRAILING_MIN_BP, trailing_trigger

SCALE_MAX = 24
# More places than all commands could ever give.
PRIORITY_LIMIT = 1 << 63


def check_state(state: State) -> None:
    """Refuse a state that no commands lead to. Raises: SnapshotError; InvariantBroken where it does not add up."""
    require(within(state.next_seq, 1, LEG_BASE - 1), "next sequence number")
    check_authority(state)
    for asset in state.assets:
        check_asset(asset)
    for account in state.accounts:
        check_account(account)
        is_named = account.last_client_order_id != 0
        require(is_named == (account.last_order_id != 0) and account.last_order_id < state.next_seq, "account")
    check_amounts(state)
    check_withdrawals(state)
    check_requests(state)
    check_receipts(state)
    check_custody_terms(state)
    for market in state.markets:
        check_market_facts(state, market)
    check_orders(state)
    audit(state)
    state.ledger.touched = list(range(1, len(state.assets) + 1))


def check_authority(state: State) -> None:
    """Refuse mandates that nobody could have granted, and an open instruction ahead of its time."""
    authority = state.authority
    instruction = authority.instruction
    require(instruction.seq < state.next_seq, "open instruction")
    require(instruction.known_seq < max(instruction.seq, 1), "what the open instruction's signers knew")
    officers = len(authority.officers)
    signers = (instruction.officer_id, instruction.approver_id)
    is_signed = within(signers[0], 1, officers) and signers[1] <= officers and signers[0] != signers[1]
    require(instruction.remaining == 0 or is_signed, "signers of the open instruction")
    for officer in authority.officers:
        is_machine = officer.officer_roles & ROLE_MACHINE != 0
        fits = officer.officer_roles == ROLE_MACHINE if is_machine else officer.officer_roles != 0
        require(fits and officer.valid_from_ns < officer.valid_until_ns, "officer")
    keys = [officer.public_key for officer in authority.officers]
    is_shared = len(set(keys)) < len(keys) or authority.facility_key in keys
    require(not is_shared and ZERO32 not in keys, "key of an officer")
    check_assigned(state)
    for mandate in (mandate for _, mandate in sorted(authority.mandates.items())):
        require(within(mandate.officer_id, 1, len(authority.officers)), "officer of a mandate")
        require(mandate.mandate_id < state.next_seq and mandate.mandated_kind in PRIVILEGES, "mandate")
        is_machine = authority.officers[mandate.officer_id - 1].officer_roles == ROLE_MACHINE
        require(is_machine, "officer of a mandate")
        require(within(mandate.signers_needed, 1, 2), "signers of a mandate")
        amounts = (mandate.amount_max_minor, mandate.day_max_minor, mandate.used_minor)
        require(max(amounts) <= AMOUNT_MAX, "amount of a mandate")
        require(mandate.mandate_id != 0 and mandate.asset_id <= len(state.assets), "mandate")


def check_assigned(state: State) -> None:
    """Refuse assets, markets, accounts and officers that no commands made one after the other."""
    counts = (len(state.assets), len(state.markets), len(state.accounts), len(state.authority.officers))
    for made, count in zip(state.assigned[ASSET:], counts, strict=True):
        require(len(made) == count, "count of what commands made")
        ascending = all(before < after for before, after in pairwise([0, *made, state.next_seq]))
        require(ascending, "order in which commands made things")


def check_asset(asset: Asset) -> None:
    """Refuse an asset whose facts are out of range."""
    require(within(asset.asset_kind, 1, max(AssetKind)), "kind of an asset")
    require(within(asset.asset_status, 1, max(AssetStatus)), "status of an asset")
    require(asset.scale <= SCALE_MAX, "scale of an asset")


def check_account(account: Account) -> None:
    """Refuse an account whose facts are out of range."""
    require(within(account.client_class, 1, max(ClientClass)), "class of an account")
    require(within(account.account_role, 1, max(AccountRole)), "role of an account")
    require(within(account.account_state, 1, max(AccountState)), "state of an account")
    require(account.fee_tier < TIER_COUNT and account.owner_id != 0, "account")


def check_amounts(state: State) -> None:
    """Refuse sums over the largest amount that one asset may have."""
    for ledger in state.ledger.assets:
        for kind in Kind:
            require(ledger.totals[kind] <= AMOUNT_MAX, "sum of an asset")


def check_withdrawals(state: State) -> None:
    """Refuse a withdrawal of an account or an asset that is not there, or numbered ahead of its time.

    What leaves a receipt may be of no account.
    """
    for withdrawal in state.withdrawals.values():
        lowest = 0 if withdrawal.receipt_id else 1
        require(within(withdrawal.account_id, lowest, len(state.accounts)), "account of a withdrawal")
        require(within(withdrawal.asset_id, 1, len(state.assets)), "asset of a withdrawal")
        require(withdrawal.withdrawal_id < state.next_seq, "number of a withdrawal")


def check_requests(state: State) -> None:
    """Refuse a remembered number of a withdrawal that another account asked for, or none did."""
    for account_id, queue in state.named_requests.items():
        for entry in queue:
            named = state.withdrawals.get(entry.number) or state.settled.get(entry.number)
            is_own = named is None or (named.account_id, named.receipt_id) == (account_id, 0)
            require(is_own, "number of a withdrawal that is remembered")


def check_receipts(state: State) -> None:
    """Refuse a receipt of an account or an asset that is not there, or numbered ahead of its time."""
    for receipt in state.receipts.values():
        require(within(receipt.reason, 1, max(ReceiptReason)), "reason of a receipt")
        lowest = 0 if receipt.reason in OWNER_NOT_KNOWN else 1
        require(within(receipt.account_id, lowest, len(state.accounts)), "account of a receipt")
        require(within(receipt.asset_id, 1, len(state.assets)), "asset of a receipt")
        require(receipt.receipt_id < state.next_seq, "number of a receipt")


def check_market_facts(state: State, market: Market) -> None:
    """Refuse a market whose facts are out of range."""
    require(market.base_asset_id != market.quote_asset_id, "pair of a market")
    require(market.lot_size_minor != 0 and market.tick_value_minor != 0, "increment of a market")
    require(within(market.market_state, 1, max(MarketState)), "state of a market")
    require(market.maker_fee_ppm <= PPM and market.taker_fee_ppm <= PPM, "fee of a market")
    check_market_rules(market)
    require(within(market.book.priority_next, 1, PRIORITY_LIMIT), "number of the next place in a book")
    check_session(state, market)


def check_market_rules(market: Market) -> None:
    """Refuse rules that could not have been set, and a market that trades without any."""
    corridors = (market.collar_ppm, market.corridor_ppm)
    least = min(*corridors, market.auction_duration_ms, market.quantity_max_lots, market.notional_max_minor)
    values = within(market.notional_max_minor, market.notional_min_minor, AMOUNT_MAX)
    set_so = least >= 1 and max(corridors) <= BAND_MAX_PPM and values
    none = market.market_state == MarketState.closed and market.notional_max_minor == 0
    require(set_so if market.has_rules else none, "rules of a market")
    rules = market.trading_rules
    extends = rules.extension_count_max == 0 or rules.extension_ms != 0
    require(rules.dynamic_corridor_ppm <= BAND_MAX_PPM and extends, "trading rules of a market")


def check_session(state: State, market: Market) -> None:
    """Refuse a market in a phase that its assets or the clock do not allow."""
    is_auction, end_ns, due_ns = (
        market.market_state == MarketState.auction,
        market.auction_end_ns,
        market.auction_due_ns,
    )
    require(end_ns == 0 or is_auction, "end of an auction")
    is_due = due_ns >= end_ns and is_ahead(state, due_ns)
    require(is_due if end_ns else due_ns == 0, "end of an auction")
    leads_to = (MarketState.continuous, MarketState.closed) if is_auction else (0,)
    require(market.next_market_state in leads_to, "next state of a market")
    require(market.last_trade_ns <= state.last_ts_ns, "time of a market's last trade")
    for asset_id in (market.base_asset_id, market.quote_asset_id):
        is_admitted = state.assets[asset_id - 1].asset_status == AssetStatus.admitted
        require(is_admitted or market.market_state not in ORDER_STATES, "state of a market")


def is_ahead(state: State, due_ns: int) -> bool:
    """Return whether a time is still to come; the last of all times may be now."""
    return due_ns > state.last_ts_ns or due_ns == U64_MAX


def check_orders(state: State) -> None:
    """Refuse orders that could not rest or wait, numbers that two orders have, and books that are crossed."""
    numbers: set[int] = set()
    names: set[tuple[int, int]] = set()
    for market in state.markets:
        resting, untriggered = listed_orders(market)
        for order in (*resting, *untriggered):
            check_order(state, market, order)
            if order.order_id in market.book.resting:
                require(0 not in (order.price_ticks, order.visible_lots, order.priority), "resting order")
            else:
                require(could_be_untriggered(market, order), "untriggered order")
            require(order.order_id not in numbers, "number of an order")
            numbers.add(order.order_id)
            name = (order.account_id, order.client_order_id)
            require(name not in names and is_remembered(state, order), "client's number of an order")
            if order.client_order_id:
                names.add(name)
        check_places(market)
        check_contingencies(market)
        if market.market_state == MarketState.continuous:
            require(not market.book.is_crossed(), "book")
    check_lists(state)


def check_places(market: Market) -> None:
    """Refuse a place that two orders have, and a queue that is not in the order of its places."""
    book = market.book
    for levels in book.levels.values():
        for level in levels.values():
            places = [order.priority for order in level.values()]
            require(all(before < after for before, after in pairwise(places)), "queue of a price")
    orders = (*book.resting.values(), *book.untriggered.values())
    places = [order.priority for order in orders if order.priority]
    require(len(set(places)) == len(places), "place in a book")
    require(all(book.untriggered[order_id].priority == 0 for order_id in book.pending), "leg of a list")


def could_be_untriggered(market: Market, order: Order) -> bool:
    """Return whether an order may wait for its trigger, for a call phase, or in a list."""
    if order.time_in_force in AUCTION_TIMES:
        may_enter = order.order_type in (OrderType.limit, OrderType.market)
        return may_enter and order.price_ticks != 0 and order.priority == 0
    if order.order_type in TRIGGER_TYPES:
        return order.trigger_price_ticks != 0 or order.order_id in market.book.trails
    begins = order.order_id in market.book.pending or order.priority != 0
    return working_leg(order.order_id) != 0 and begins and order.price_ticks != 0


def check_contingencies(market: Market) -> None:
    """Refuse trails and holds of orders that have none, and a trailing stop whose trigger is not where it follows."""
    book = market.book
    for order_id, trail in book.trails.items():
        order = book.untriggered.get(order_id)
        require(order is not None and order.order_type in TRIGGER_TYPES and order.priority == 0, "trailing stop")
        require(within(trail.trailing_bp, TRAILING_MIN_BP, TRAILING_MAX_BP), "trailing stop")
        if order is not None and trail.extreme_ticks:
            trigger = trailing_trigger(order.side, trail.extreme_ticks, trail.trailing_bp)
            require(order.order_id not in book.pending and order.trigger_price_ticks == trigger, "trailing stop")
        elif order is not None:
            require(order.trigger_price_ticks != 0 or order.order_id in book.pending, "trailing stop")
    for order_id, minor in book.leg_holds.items():
        order = book.untriggered.get(order_id)
        rides = order is not None and order.order_type in TRIGGER_TYPES and order.priority == 0
        is_stop = rides and other_leg(order_id) != 0 and minor <= AMOUNT_MAX
        require(minor == 0 if order_id in book.pending else is_stop, "leg of a list")
    require(all(order_id in book.leg_holds for order_id in book.pending), "leg of a list")


def check_lists(state: State) -> None:
    """Refuse a list of two kinds, accounts or markets, and legs that cannot stand beside each other."""
    lists: dict[int, tuple[int, int, int]] = {}
    for market in state.markets:
        for order in (*market.book.resting.values(), *market.book.untriggered.values()):
            if is_leg(order.order_id):
                place = (kind_of(order.order_id), order.account_id, market.market_id)
                require(lists.setdefault(list_of(order.order_id), place) == place, "list of a leg")
                require(could_stand(market.book, order), "leg beside others")


def could_stand(book: Book, order: Order) -> bool:
    """Return whether a leg may stand beside the others: a pair is as large on both, a pending one waits for another."""
    working, other = book.find(working_leg(order.order_id)), book.find(other_leg(order.order_id))
    is_pending, is_stop = order.order_id in book.pending, order.order_id in book.leg_holds
    if is_pending != (working is not None) or (working is not None and working.side == order.side):
        return False
    if other is None:
        return not is_stop or is_pending
    return (other.side, other.quantity_lots, other.leaves_lots) == (
        order.side,
        order.quantity_lots,
        order.leaves_lots,
    )


def is_remembered(state: State, order: Order) -> bool:
    """Return whether an order's client number is remembered where an older one is, and names no other order.

    The orders of a list are forgotten one by one: of the oldest list some may be remembered and some not.
    """
    if order.client_order_id == 0:
        return True
    queue = state.named_orders
    placed = list_of(order.order_id)
    oldest = queue[0].number if queue else placed + 1
    found = state.recent_orders.get((order.account_id, order.client_order_id), 0)
    return found == (placed if oldest <= placed else 0) or (oldest == placed and found == 0)


def check_order(state: State, market: Market, order: Order) -> None:
    """Refuse an order whose facts are out of range."""
    require(within(order.side, 1, max(Side)), "side of an order")
    require(within(order.order_type, 1, max(OrderType)), "type of an order")
    require(within(order.time_in_force, 1, max(TimeInForce)), "time in force of an order")
    require(within(order.self_trade_prevention, 1, max(SelfTradePrevention)), "self-trade prevention of an order")
    is_numbered = list_of(order.order_id) < state.next_seq and role_of(order.order_id) <= OTOCO_STOP
    require(is_numbered and order.priority < market.book.priority_next, "number of an order")
    require(1 <= order.leaves_lots <= order.quantity_lots, "leaves quantity of an order")
    account = state.accounts[order.account_id - 1]
    is_client = account.account_state == AccountState.active and account.account_role != AccountRole.house
    may_trade = is_client and order.approval_id == account.approval_id and state.may_trade(account)
    require(may_trade, "account of an order")
    expires = order.time_in_force in (TimeInForce.gtd, TimeInForce.day)
    is_open = is_ahead(state, order.expire_ns) if expires else order.expire_ns == 0
    require(is_open, "expiry of an order")
    require(held_by(market, order) <= AMOUNT_MAX, "hold of an order")
    require(is_on_grid(market, order), "price of an order")
    shows_all = order.visible_lots == order.leaves_lots
    slices_fit = order.leaves_lots <= order.display_lots * SLICES_MAX
    untriggered = order.visible_lots == 0
    require(slices_fit if order.display_lots else shows_all or untriggered, "slices of an order")
    require(order.visible_lots <= order.leaves_lots, "visible lots of an order")
