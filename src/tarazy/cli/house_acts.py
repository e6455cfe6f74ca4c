"""What a facility does besides trading, and what it tries in vain: the acts at the end of `tarazy demo`.

The acts find their accounts and amounts in the state that the market left behind, so that they fit any market.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, NamedTuple

from tarazy.domain import records as r
from tarazy.domain.arithmetic import div_floor
from tarazy.spec.ledger import Kind
from tarazy.spec.state import State

PLACES = (r.Place.hot, r.Place.warm, r.Place.cold, r.Place.bank)


class Act(NamedTuple):
    """One command and what it is for, in words."""

    words: str
    command: Any


def evidence(what: str) -> bytes:
    """Return the hash of a document that the demonstration makes up."""
    return sha256(f"tarazy demo/{what}".encode()).digest()


def fullest_place(state: State, estate: r.Estate, asset_id: int) -> r.Place:
    """Return the place of an estate that holds most of an asset."""
    return max(PLACES, key=lambda place: state.ledger.place(estate, place, asset_id).minor)


def richest_client(state: State, asset_id: int) -> tuple[int, int]:
    """Return (account, available) of the account with most of an asset available."""
    rows = [(b.available.minor, key >> 32) for key, b in state.ledger.balances.items() if key & M32 == asset_id]
    available, account_id = max(rows, default=(0, 1))
    return account_id, available


M32 = (1 << 32) - 1


def withdrawal_acts(state: State, next_seq: int) -> list[Act]:
    """Return two withdrawals, one that is settled and one that is given back; the first command gets `next_seq`."""
    acts = []
    for asset in state.assets[:2]:
        account_id, available = richest_client(state, asset.asset_id)
        amount = max(div_floor(available, 4), 1)
        code = asset.asset_code.rstrip(b"\0").decode()
        destination = evidence(f"destination {asset.asset_id}")
        request = r.RequestWithdrawal(0, account_id, asset.asset_id, amount, destination)
        acts.append(Act(f"account {account_id} asks for a quarter of its {code} back", request))
    place = fullest_place(state, r.Estate.client, 1)
    settle = r.SettleWithdrawal(place, 0, next_seq, evidence("withdrawal 1"))
    acts.append(Act(f"the first withdrawal leaves from the {place.name} place", settle))
    reject = r.RejectWithdrawal(r.WithdrawalReason.client_request, 0, next_seq + 1)
    acts.append(Act("the second is called off and given back", reject))
    return acts


def house_acts(state: State) -> list[Act]:
    """Return how the house gets assets of its own, moves client assets within their estate, and sweeps its fees."""
    acts = []
    for asset in state.assets:
        asset_id, code = asset.asset_id, asset.asset_code.rstrip(b"\0").decode()
        place = fullest_place(state, r.Estate.client, asset_id)
        unit = 10**asset.scale
        fund = r.FundHouse(place, 0, asset_id, 10 * unit, evidence(f"fund {code}"))
        acts.append(Act(f"the house brings 10 {code} of its own", fund))
        fees = state.ledger.asset(asset_id).totals[Kind.fees_earned]
        if fees:
            sweep = r.SweepFees(place, place, 0, asset_id, fees, evidence(f"sweep {code}"))
            acts.append(Act(f"the {code} fees earned move to the house's estate", sweep))
        if place == r.Place.cold:
            pool = state.ledger.place(r.Estate.client, place, asset_id).minor
            amount = max(div_floor(pool, 50), 1)
            move = r.MoveCustody(r.Estate.client, place, r.Place.hot, 0, asset_id, amount, evidence(f"move {code}"))
            acts.append(Act(f"2 % of the clients' {code} move from cold to hot", move))
    return acts


def attempts(state: State) -> list[Act]:
    """Return what must be refused: each is a way in which a real facility has failed its clients."""
    account_id, available = richest_client(state, 1)
    market, next_account = state.markets[0], len(state.accounts) + 1
    place = fullest_place(state, r.Estate.client, 2)
    used = min(state.evidence)
    more = r.SweepFees(place, place, 0, 2, 1, evidence("sweep too much"))
    twice = r.CreditDeposit(place, 0, account_id, 2, 10**6, used)
    short = r.RequestWithdrawal(0, account_id, 1, available + 1, evidence("destination of too much"))
    house = r.OpenAccount(r.ClientClass.professional, r.AccountRole.house, 0, 0, next_account, 0)
    return [
        Act("the house takes one more minor unit than its fees", more),
        Act("the same deposit is credited twice", twice),
        Act("a client withdraws more than it has", short),
        Act("the house opens an account of its own", house),
        Act("the house trades on its own facility", house_order(next_account, market.last_price_ticks)),
    ]


def house_order(account_id: int, price_ticks: int) -> r.PlaceOrder:
    """Return a limit order of the house in the first market."""
    mode = r.SelfTradePrevention.expire_taker
    return r.PlaceOrder(r.OrderType.limit, r.Side.buy, r.TimeInForce.gtc, mode, 0, 1, account_id, 0, price_ticks, 1)
