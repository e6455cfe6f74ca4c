"""What a facility does besides trading: the acts at the end of `tarazy demo`, each signed by those who may.

The acts find their accounts and amounts in the state that the market left behind, so that they fit any market.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from hashlib import sha256
from typing import Any, NamedTuple

from tarazy.domain import records as r
from tarazy.domain.arithmetic import div_floor
from tarazy.spec.ledger import Kind
from tarazy.spec.state import State

LOCATIONS = (r.CustodyLocation.hot, r.CustodyLocation.warm, r.CustodyLocation.cold, r.CustodyLocation.bank)
M32 = (1 << 32) - 1


class By(Enum):
    """Who brings an act: a client its own request, the others a signed instruction, a stranger nothing."""

    client = "its owner"
    people = "two officers"
    one_person = "one officer"
    watchers = "two watchers"
    nobody = "nobody"


class Act(NamedTuple):
    """One command, what it is for in words, and who signs it."""

    words: str
    command: Any
    by: By = By.people


class Acting(NamedTuple):
    """What acts are made from: the state they begin in, and the number that the next command gets."""

    state: State
    next_seq: int


MakeActs = Callable[[Acting], list[Act]]


def evidence(what: str) -> bytes:
    """Return the hash of a document that the demonstration makes up."""
    return sha256(f"tarazy demo/{what}".encode()).digest()


def code_of(state: State, asset_id: int) -> str:
    """Return an asset's code."""
    return state.assets[asset_id - 1].asset_code.rstrip(b"\0").decode()


def fullest(state: State, estate: r.Estate, asset_id: int) -> r.CustodyLocation:
    """Return the location of an estate that holds most of an asset."""
    return max(LOCATIONS, key=lambda location: state.ledger.custody(estate, location, asset_id).minor)


def richest_client(state: State, asset_id: int) -> tuple[int, int]:
    """Return (account, available) of the account with most of an asset available."""
    rows = [(b.available.minor, key >> 32) for key, b in state.ledger.balances.items() if key & M32 == asset_id]
    available, account_id = max(rows, default=(0, 1))
    return account_id, available


def house_acts(acting: Acting) -> list[Act]:
    """Return how the house gets assets of its own, moves client assets within their estate, and sweeps its fees."""
    acts, state = [], acting.state
    for asset in state.assets:
        asset_id, code, now_ns = asset.asset_id, code_of(state, asset.asset_id), state.last_ts_ns
        lies = fullest(state, r.Estate.client, asset_id)
        fund = r.FundHouse(lies, 0, asset_id, now_ns, 10 * 10**asset.scale, evidence(f"fund {code}"))
        acts.append(Act(f"the house brings 10 {code} of its own", fund))
        fees = state.ledger.asset(asset_id).totals[Kind.fees_earned]
        swept = fees - div_floor(fees, 4)
        if swept:
            sweep = r.SweepFees(lies, lies, 0, asset_id, now_ns, swept, evidence(f"sweep {code}"))
            acts.append(Act(f"three quarters of the {code} fees earned move to the house's estate", sweep))
        if lies == r.CustodyLocation.cold:
            pool = state.ledger.custody(r.Estate.client, lies, asset_id).minor
            terms = (asset_id, now_ns, max(div_floor(pool, 50), 1), evidence(f"move {code}"))
            move = r.MoveCustody(r.Estate.client, lies, r.CustodyLocation.hot, 0, *terms)
            acts.append(Act(f"2 % of the clients' {code} move from cold to hot", move))
            lent = (asset_id, now_ns, 10**asset.scale, evidence(f"float {code}"))
            acts.append(Act(f"the house lends 1 {code} for network fees", r.LendFloat(lies, lies, 0, *lent)))
    return acts


def withdrawal_acts(acting: Acting) -> list[Act]:
    """Return two withdrawals, one that goes its whole way and one that is given back.

    A client's request is one command; every signed act is one more before it, its instruction.
    """
    acts, state, now_ns, terms = [], acting.state, acting.state.last_ts_ns, []
    for asset in state.assets[:2]:
        account_id, available = richest_client(state, asset.asset_id)
        destination = evidence(f"destination {asset.asset_id}")
        amount = max(div_floor(available, 4), 1)
        request = r.RequestWithdrawal(0, account_id, asset.asset_id, amount, destination)
        terms.append(request)
        words = f"account {account_id} asks for a quarter of its {code_of(state, asset.asset_id)} back"
        acts.append(Act(words, request, By.client))
    lies, first = fullest(state, r.Estate.client, 1), acting.next_seq
    approve = r.ApproveWithdrawal(0, *terms[0][1:3], first, *terms[0][3:5])
    dispatch = r.DispatchWithdrawal(lies, 0, first, evidence("transaction 1"))
    reject = r.RejectWithdrawal(r.WithdrawalReason.client_request, 0, first + 1)
    return acts + [
        Act("the first withdrawal is approved", approve),
        Act(f"it is dispatched from the {lies.name} location", dispatch),
        Act("the chain confirms it: settled", r.SettleWithdrawal(0, first, now_ns, evidence("transaction 1 mined"))),
        Act("the second is called off and given back", reject, By.one_person),
    ]


def house_order(account_id: int, price_ticks: int) -> r.PlaceOrder:
    """Return a limit order of the house in the first market."""
    mode = r.SelfTradePrevention.expire_taker
    return r.PlaceOrder(r.OrderType.limit, r.Side.buy, r.TimeInForce.gtc, mode, 0, 0, 1, account_id, 0, price_ticks, 1)


def attempts(acting: Acting) -> list[Act]:
    """Return what must be refused: each is a way in which a real facility has failed its clients."""
    state = acting.state
    (account_id, available), now_ns = richest_client(state, 1), state.last_ts_ns
    next_account, lies = len(state.accounts) + 1, fullest(state, r.Estate.client, 2)
    price_ticks = state.markets[0].last_price_ticks
    fees = state.ledger.asset(2).totals[Kind.fees_earned]

    def deposit(what: str, ts_ns: int = now_ns) -> r.CreditDeposit:
        return r.CreditDeposit(lies, 0, account_id, 2, ts_ns, 10**6, evidence(what))

    used = next(hash_ for hash_, entry in state.evidence.items() if not entry.is_undone)
    more = r.SweepFees(lies, lies, 0, 2, now_ns, fees + 1, evidence("sweep too much"))
    short = r.RequestWithdrawal(0, account_id, 1, available + 1, evidence("destination of too much"))
    draw = r.DrawHouse(lies, 0, 2, now_ns, 1, evidence("draw by watchers"))
    house = r.OpenAccount(r.ClientClass.professional, r.AccountRole.house, 0, 0, next_account, 0)
    return [
        Act("a deposit is credited without a signed instruction", deposit("unsigned"), By.nobody),
        Act("one officer credits a deposit alone", deposit("alone"), By.one_person),
        Act("the watchers draw the house's money, which no mandate allows", draw, By.watchers),
        Act("the same deposit is credited twice", deposit("")._replace(evidence_hash=used), By.watchers),
        Act("the house takes one more minor unit than its fees", more),
        Act("a client withdraws more than it has", short, By.client),
        Act("the house opens an account of its own", house),
        Act("the house trades on its own facility", house_order(next_account, price_ticks), By.client),
    ]
