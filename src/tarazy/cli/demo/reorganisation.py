"""A deposit that its chain undoes after it was traded on, and how the facility makes its clients whole again.

The worked case of docs/concepts/ledger-and-segregation.md: what the account still has is taken back, the rest is a
stated shortfall, nothing of the asset may leave while it is open, and the house closes it from its own assets. In the
end a receipt arrives whose owner nobody knows: it waits, and is owed.
"""

from __future__ import annotations

from tarazy.cli.decimals import decimal
from tarazy.cli.demo.house_acts import Act, Acting, By, code_of, evidence, fullest, richest_client
from tarazy.domain import records as r
from tarazy.domain.arithmetic import div_floor
from tarazy.spec.state import State

BASE = 1
TRANSACTION = "transaction that the chain forgets"


def reorganisation_acts(acting: Acting) -> list[Act]:
    """Return the first half: a deposit, its sale, somebody else's withdrawal request, the reorganisation."""
    state, now_ns = acting.state, acting.state.last_ts_ns
    account_id, code, unit = poorest_client(state), code_of(state, BASE), 10 ** state.assets[BASE - 1].scale
    lies, house = fullest(state, r.Estate.client, BASE), fullest(state, r.Estate.house, BASE)
    units = max(div_floor(state.ledger.custody(r.Estate.house, house, BASE).minor, 2 * unit), 1)
    rich, available = richest_client(state, BASE)
    deposit = r.CreditDeposit(lies, 0, account_id, BASE, now_ns, units * unit, evidence(TRANSACTION))
    request = r.RequestWithdrawal(0, rich, BASE, max(div_floor(available, 10), 1), evidence("destination 3"))
    return [
        *(Act(f"the market goes to {to.name.replace('_', ' ')}", r.SetMarketState(to, 0, 0, 1)) for to in steps(state)),
        Act(f"the watchers credit {units} {code} to account {account_id}", deposit, By.watchers),
        Act(f"account {account_id} sells it at the market", sell_order(state, account_id, units * unit), By.client),
        Act(f"account {rich} asks for a tenth of its {code}", request, By.client),
        Act("the chain reorganises: the deposit never was", r.UndoDeposit(0, evidence(TRANSACTION))),
    ]


def shortfall_acts(acting: Acting) -> list[Act]:
    """Return the second half: nothing leaves while the shortfall is open, the house closes it, then it may."""
    state, now_ns = acting.state, acting.state.last_ts_ns
    code, unit = code_of(state, BASE), 10 ** state.assets[BASE - 1].scale
    lies, house = fullest(state, r.Estate.client, BASE), fullest(state, r.Estate.house, BASE)
    short = state.ledger.asset(BASE).shortfall.minor
    approve = approval(state)
    acts = []
    if short:
        words = f"the house tops up the shortfall of {decimal(short, state.assets[BASE - 1].scale)} {code}"
        top_up = r.TopUpShortfall(house, lies, 0, BASE, now_ns, short, evidence("top-up"))
        acts += [Act("the withdrawal is approved in spite of it", approve), Act(words, top_up)]
    unknown = r.ReceiveUnattributed(lies, 0, BASE, now_ns, unit, evidence("receipt of an unknown owner"))
    return acts + [
        Act("the withdrawal is approved", approve),
        Act(f"1 {code} arrives whose owner nobody knows", unknown),
    ]


def approval(state: State) -> r.ApproveWithdrawal:
    """Return the approval of the newest withdrawal, of none where there is none."""
    if not state.withdrawals:
        return r.ApproveWithdrawal()
    asked = state.withdrawals[max(state.withdrawals)]
    terms = (asked.account_id, asked.asset_id, asked.withdrawal_id, asked.amount_minor, asked.destination_hash)
    return r.ApproveWithdrawal(0, *terms)


def steps(state: State) -> list[r.MarketState]:
    """Return the states through which the first market comes to trade again, none where it trades."""
    continuous, pre_open = r.MarketState.continuous, r.MarketState.pre_open
    now = state.markets[0].market_state
    if now == continuous:
        return []
    return [pre_open, continuous] if now == r.MarketState.halted else [continuous]


def poorest_client(state: State) -> int:
    """Return the account with least of the base asset: what it sells it must first have been credited."""
    rows = [
        (balance.available.minor + balance.held.minor, key >> 32)
        for key, balance in state.ledger.balances.items()
        if key & ((1 << 32) - 1) == BASE and state.accounts[(key >> 32) - 1].account_state == r.AccountState.active
    ]
    return min(rows)[1]


def sell_order(state: State, account_id: int, minor: int) -> r.PlaceOrder:
    """Return an order that sells the amount to the best bids of the first market, at once or not at all."""
    market = state.markets[0]
    mode, lots = r.SelfTradePrevention.expire_taker, div_floor(minor, market.lot_size_minor)
    terms = (r.OrderType.market, r.Side.sell, r.TimeInForce.ioc, mode)
    return r.PlaceOrder(*terms, 0, 0, market.market_id, account_id, 0, 0, lots)
