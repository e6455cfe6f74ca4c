"""Reference commands on markets: open, set rules, set state."""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX, PPM
from tarazy.domain.records import (
    AssetStatus,
    MarketOpened,
    MarketReason,
    MarketRulesScheduled,
    MarketRulesSet,
    OpenMarket,
    SetMarketRules,
    SetMarketState,
    SetTradingRules,
    TradingRulesSet,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.auction import open_continuous, uncross
from tarazy.spec.lookup import find_asset, find_market
from tarazy.spec.market_states import (
    AUCTION,
    CLOSED,
    CONTINUOUS,
    ORDER_STATES,
    PRE_OPEN,
    REACHABLE,
    change_state,
    earliest_reopening,
)
from tarazy.spec.numbers import MARKET, note_assigned
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.session_orders import end_session
from tarazy.spec.settings import check_setting, keep_setting
from tarazy.spec.state import Market, State
from tarazy.spec.triggers import run_triggers

BAND_MAX_PPM = 100 * PPM


def open_market(state: State, command: OpenMarket) -> None:
    """Add a closed market without rules."""
    # GATE
    find_asset(state, command.base_asset_id)
    find_asset(state, command.quote_asset_id)
    if command.base_asset_id == command.quote_asset_id:
        raise Refusal(RejectCode.market_assets_equal, 2, 1)
    if command.lot_size_minor == 0 or command.tick_value_minor == 0:
        raise Refusal(RejectCode.market_increment_zero, 1, 0)
    require_hash(command.rulebook_hash, RejectCode.rulebook_hash_missing)
    # POST
    market = Market(len(state.markets) + 1)
    market.base_asset_id = command.base_asset_id
    market.quote_asset_id = command.quote_asset_id
    market.lot_size_minor = command.lot_size_minor
    market.tick_value_minor = command.tick_value_minor
    market.rulebook_hash = command.rulebook_hash
    state.markets.append(market)
    note_assigned(state, MARKET)
    # EMIT
    state.out.append(
        MarketOpened(
            seq=state.seq,
            market_id=market.market_id,
            base_asset_id=market.base_asset_id,
            quote_asset_id=market.quote_asset_id,
            lot_size_minor=market.lot_size_minor,
            tick_value_minor=market.tick_value_minor,
            rulebook_hash=market.rulebook_hash,
        ).pack()
    )


def check_rules(command: SetMarketRules) -> None:
    """Refuse rules that are out of range."""
    for fee_ppm in (command.maker_fee_ppm, command.taker_fee_ppm):
        if fee_ppm > PPM:
            raise Refusal(RejectCode.market_rules_invalid, PPM, fee_ppm)
    for band_ppm in (command.collar_ppm, command.corridor_ppm):
        if band_ppm > BAND_MAX_PPM:
            raise Refusal(RejectCode.market_rules_invalid, BAND_MAX_PPM, band_ppm)
    for at_least_one in (
        command.collar_ppm,
        command.corridor_ppm,
        command.auction_duration_ms,
        command.quantity_max_lots,
        command.notional_max_minor,
    ):
        if at_least_one == 0:
            raise Refusal(RejectCode.market_rules_invalid, 1, 0)
    if command.notional_max_minor > AMOUNT_MAX:
        raise Refusal(RejectCode.market_rules_invalid, AMOUNT_MAX, command.notional_max_minor)
    if command.notional_min_minor > command.notional_max_minor:
        raise Refusal(RejectCode.market_rules_invalid, command.notional_max_minor, command.notional_min_minor)


def set_market_rules(state: State, command: SetMarketRules) -> None:
    """Set fees, corridors and order sizes, at once or later."""
    # GATE
    find_market(state, command.market_id)
    check_rules(command)
    check_setting(state, command)
    # POST EMIT
    if keep_setting(state, command):
        state.out.append(
            MarketRulesScheduled(
                seq=state.seq,
                market_id=command.market_id,
                maker_fee_ppm=command.maker_fee_ppm,
                taker_fee_ppm=command.taker_fee_ppm,
                collar_ppm=command.collar_ppm,
                corridor_ppm=command.corridor_ppm,
                auction_duration_ms=command.auction_duration_ms,
                quantity_max_lots=command.quantity_max_lots,
                notional_min_minor=command.notional_min_minor,
                notional_max_minor=command.notional_max_minor,
                effective_ns=command.effective_ns,
            ).pack()
        )
    else:
        apply_market_rules(state, command, 0)


def apply_market_rules(state: State, command: SetMarketRules, scheduled_seq: int) -> None:
    """Let a market's rules take effect. Resting orders stay as they are."""
    # POST
    market = state.markets[command.market_id - 1]
    market.has_rules = True
    market.maker_fee_ppm = command.maker_fee_ppm
    market.taker_fee_ppm = command.taker_fee_ppm
    market.collar_ppm = command.collar_ppm
    market.corridor_ppm = command.corridor_ppm
    market.auction_duration_ms = command.auction_duration_ms
    market.quantity_max_lots = command.quantity_max_lots
    market.notional_min_minor = command.notional_min_minor
    market.notional_max_minor = command.notional_max_minor
    market.derive_bounds()
    state.derive_rates(market)
    # EMIT
    state.out.append(
        MarketRulesSet(
            seq=state.seq,
            market_id=market.market_id,
            maker_fee_ppm=market.maker_fee_ppm,
            taker_fee_ppm=market.taker_fee_ppm,
            collar_ppm=market.collar_ppm,
            corridor_ppm=market.corridor_ppm,
            auction_duration_ms=market.auction_duration_ms,
            quantity_max_lots=market.quantity_max_lots,
            notional_min_minor=market.notional_min_minor,
            notional_max_minor=market.notional_max_minor,
            scheduled_seq=scheduled_seq,
        ).pack()
    )


def set_trading_rules(state: State, command: SetTradingRules) -> None:
    """Set how corridors follow prices and how call phases end; a call phase under way keeps its end."""
    # GATE
    market = find_market(state, command.market_id)
    if command.dynamic_corridor_ppm > BAND_MAX_PPM:
        raise Refusal(RejectCode.trading_rules_invalid, BAND_MAX_PPM, command.dynamic_corridor_ppm)
    if command.extension_count_max and command.extension_ms == 0:
        raise Refusal(RejectCode.trading_rules_invalid, 1, 0)
    # POST
    rules = market.trading_rules
    rules.extension_count_max = command.extension_count_max
    rules.dynamic_corridor_ppm = command.dynamic_corridor_ppm
    rules.dynamic_window_ms = command.dynamic_window_ms
    rules.random_end_max_ms = command.random_end_max_ms
    rules.extension_ms = command.extension_ms
    # EMIT
    state.out.append(
        TradingRulesSet(
            extension_count_max=rules.extension_count_max,
            seq=state.seq,
            market_id=market.market_id,
            dynamic_corridor_ppm=rules.dynamic_corridor_ppm,
            dynamic_window_ms=rules.dynamic_window_ms,
            random_end_max_ms=rules.random_end_max_ms,
            extension_ms=rules.extension_ms,
        ).pack()
    )


def check_opening(market: Market, command: SetMarketState) -> None:
    """Refuse continuous trading without a price to go by, and a reopening that others could not join."""
    if command.market_state == AUCTION:
        earliest_ns = earliest_reopening(market, command.market_state, MarketReason.operator, command.ts_ns)
        if 0 < command.auction_end_ns < earliest_ns:
            raise Refusal(RejectCode.call_phase_not_over, earliest_ns, command.auction_end_ns)
    elif command.market_state not in (CONTINUOUS, CLOSED):
        return
    elif market.market_state in (PRE_OPEN, AUCTION):
        if command.ts_ns < market.reopen_ns:
            raise Refusal(RejectCode.call_phase_not_over, market.reopen_ns, command.ts_ns)
    elif command.market_state == CONTINUOUS and not (command.reference_price_ticks or market.reference_price_ticks):
        raise Refusal(RejectCode.reference_missing, 1, 0)


def check_auction_terms(command: SetMarketState) -> None:
    """Refuse an auction without an end to lead to, and terms of an auction on any other state."""
    if command.market_state == AUCTION:
        if command.next_market_state not in (CONTINUOUS, CLOSED):
            raise Refusal(RejectCode.auction_end_invalid, CONTINUOUS, command.next_market_state)
        if command.auction_end_ns and command.auction_end_ns <= command.ts_ns:
            raise Refusal(RejectCode.auction_end_invalid, command.ts_ns + 1, command.auction_end_ns)
    elif command.next_market_state or command.auction_end_ns:
        raise Refusal(RejectCode.auction_end_invalid, 0, command.next_market_state or command.auction_end_ns)


def set_market_state(state: State, command: SetMarketState) -> None:
    """Move a market to another state; leaving an auction uncrosses it."""
    # GATE
    market = find_market(state, command.market_id)
    if command.market_state not in REACHABLE[market.market_state]:
        raise Refusal(RejectCode.market_state_not_reachable, REACHABLE[market.market_state][0], command.market_state)
    check_auction_terms(command)
    check_opening(market, command)
    if command.market_state in ORDER_STATES:
        if not market.has_rules:
            raise Refusal(RejectCode.market_rules_missing, 1, 0)
        for asset_id in (market.base_asset_id, market.quote_asset_id):
            status = state.assets[asset_id - 1].asset_status
            if status != AssetStatus.admitted:
                raise Refusal(RejectCode.asset_not_admitted, AssetStatus.admitted, status)
    # MATCH POST EMIT
    if command.reference_price_ticks:
        market.reference_price_ticks = command.reference_price_ticks
        market.derive_bounds()
    if command.market_state == CONTINUOUS:
        open_continuous(state, market, MarketReason.operator)
        return
    if command.market_state == CLOSED and market.market_state == AUCTION:
        uncross(state, market)
    change_state(
        state,
        market,
        command.market_state,
        MarketReason.operator,
        command.next_market_state,
        command.auction_end_ns,
    )
    end_session(state, market)
    run_triggers(state, market)
