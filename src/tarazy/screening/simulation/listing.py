"""A token made ready to trade: placed or deployed, its owners known, a pool of it filled."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tarazy.chains.evm.abi import selector
from tarazy.chains.evm.proxies import ADMIN_SLOT
from tarazy.screening.simulation import synthetic
from tarazy.screening.simulation.abi import topic, words
from tarazy.screening.simulation.actors import ADMIN, BYSTANDER, FUNDED, OWNER, actor, fund
from tarazy.screening.simulation.constructors import deploy
from tarazy.screening.simulation.engine import CallOutcome, EvmEngine, address_of, view
from tarazy.screening.simulation.holders import IMPLEMENTATION_SLOT, appoint
from tarazy.screening.simulation.market import PairMarket, RangeMarket, balance_of
from tarazy.screening.simulation.proxy_resolution import combine
from tarazy.screening.simulation.target import Facts, Target
from tarazy.screening.simulation.venues import VENUES, TradingVenue, place_all, venue_for

POOL_WEI = 100 * 10**18
PAIR_AMOUNT_MAX = 2**111  # pools of the pair kind count in 112 bits
TOKEN = actor("token")
IMPLEMENTATION = actor("implementation")
TRANSFER_TOPIC = topic("Transfer(address,address,uint256)")


class NotTradable(Exception):  # noqa: N818 - an answer that ends a preparation, no error
    """No pool of the token can be built; the text says why."""


@dataclass(slots=True)
class Listed:
    """A token in a state in which it can be looked at."""

    engine: EvmEngine
    token: str
    facts: Facts
    state: str  # "synthetic" | "deployed" | "forked"
    venue: TradingVenue
    owner: str = OWNER
    provider: str = OWNER
    supply: int = 0
    market: PairMarket | None = None
    notes: list[str] = field(default_factory=list)
    deadline: float = math.inf  # on the clock of time.perf_counter

    @property
    def late(self) -> bool:
        """Return whether the limit of time is over."""
        return time.perf_counter() > self.deadline

    @property
    def synthetic(self) -> bool:
        """Return whether storage was made up."""
        return self.state == "synthetic"


def list_token(engine: EvmEngine, target: Target, facts: Facts) -> Listed:
    """Place or deploy the token and fund everybody who acts.

    Raises: NotTradable.
    """
    place_all(engine)
    fund(engine, *FUNDED)
    code = target.runtime or target.creation or b""
    venue = venue_for(target.chain_id, code + (target.implementation or b""))
    if target.creation is not None:
        listed = deployed(engine, target, facts, venue)
    elif target.address is not None and target.runtime is None:
        listed = forked(engine, target.address.lower(), facts, venue)
    else:
        listed = placed(engine, target, facts, venue)
    fund(engine, listed.owner, listed.provider)
    return listed


def deployed(engine: EvmEngine, target: Target, facts: Facts, venue: TradingVenue) -> Listed:
    """Run the constructor; who received the supply provides the liquidity."""
    done = deploy(engine, target.creation or b"", target.constructor, venue.router)
    if not done.succeeded or done.created is None:
        raise NotTradable(f"the constructor reverted: {done.reason}")
    if not done.output:
        raise NotTradable("the constructor left no code")
    listed = Listed(engine, done.created, combine(engine, done.created, facts), "deployed", venue)
    listed.owner = owner_of(engine, done.created) or OWNER
    listed.supply = view(engine, done.created, selector("totalSupply()"), BYSTANDER).word or 0
    listed.provider = richest(engine, done.created, [OWNER, listed.owner, *receivers(done)])
    return listed


def forked(engine: EvmEngine, token: str, facts: Facts, venue: TradingVenue) -> Listed:
    """Take the token as it is on a chain.

    Raises: NotTradable where there is no contract.
    """
    if not engine.code(token):
        raise NotTradable("there is no code at this address")
    listed = Listed(engine, token, combine(engine, token, facts), "forked", venue)
    listed.owner = owner_of(engine, token) or OWNER
    listed.supply = view(engine, token, selector("totalSupply()"), BYSTANDER).word or 0
    listed.provider = richest(engine, token, [listed.owner, OWNER])
    return listed


def placed(engine: EvmEngine, target: Target, facts: Facts, venue: TradingVenue) -> Listed:
    """Place runtime code, with made-up storage behind it."""
    token = (target.address or TOKEN).lower()
    engine.set_code(token, target.runtime or b"")
    if target.implementation is not None:
        engine.set_code(IMPLEMENTATION, target.implementation)
        engine.set_storage(token, {IMPLEMENTATION_SLOT: int(IMPLEMENTATION, 16), ADMIN_SLOT: int(ADMIN, 16)})
    facts = combine(engine, token, facts)
    return Listed(engine, token, facts, "synthetic", venue, owner=appoint(engine, token, facts))


def owner_of(engine: EvmEngine, token: str) -> str | None:
    """Return what the token says its owner is."""
    for signature in ("owner()", "getOwner()"):
        answer = view(engine, token, selector(signature), BYSTANDER).word
        if answer:
            return address_of(answer)
    return None


def receivers(done: CallOutcome) -> list[str]:
    """Return who received tokens in a deployment, by its events."""
    logs = [log for log in done.logs if log.topics[:1] == (TRANSFER_TOPIC,) and log.address == done.created]
    found = [words(log.topics[2])[0] if len(log.topics) > 2 else (words(log.data)[1:2] or (0,))[0] for log in logs]
    return [address_of(account) for account in found if account]


def richest(engine: EvmEngine, token: str, accounts: Sequence[str]) -> str:
    """Return the account that holds most, the first of equals."""
    return max(dict.fromkeys(accounts), key=lambda account: balance_of(engine, token, account) or 0)


def open_pool(listed: Listed) -> None:
    """Fill a pool with half of what the provider has, against ether; an existing filled pool is used as it is.

    Raises: NotTradable.
    """
    engine, token = listed.engine, listed.token
    existing = existing_market(listed)
    if existing is not None:
        listed.market, listed.venue = existing, existing.venue
        if existing.depth()[0] > 0 and existing.depth()[1] > 0:
            return
    if listed.synthetic:
        written_pool(listed)
        return
    held = balance_of(engine, token, listed.provider) or 0
    if listed.state == "forked" and held < listed.supply // 100:
        held = lend(listed)
    amount = min(held // 2, PAIR_AMOUNT_MAX)
    if not amount:
        raise NotTradable("nobody known holds tokens to put into a pool")
    market = PairMarket.create(engine, token, listed.venue, listed.provider)
    if market is None:
        raise NotTradable("the factory made no pool of this token")
    done = market.provide(listed.provider, amount, POOL_WEI)
    if not done.succeeded:
        raise NotTradable(f"the owner cannot add liquidity: {done.reason}")
    listed.market = market


def lend(listed: Listed) -> int:
    """Write a balance for the provider where a chain's token has no pool that we know and its owner holds none."""
    amount = listed.supply // 10
    if amount and synthetic.write_balance(listed.engine, listed.token, listed.facts, listed.provider, amount):
        listed.notes.append("no pool with ether was found; one was made up from a balance that was written")
        return amount
    return 0


def existing_market(listed: Listed) -> PairMarket | None:
    """Return the pool that a constructor or the chain made, at whichever exchange."""
    for venue in dict.fromkeys((listed.venue, *VENUES)):
        found = PairMarket.find(listed.engine, listed.token, venue)
        if found is not None:
            return found
    return None


def written_pool(listed: Listed) -> None:
    """Write supply and balances into storage, then make the pool of them.

    Raises: NotTradable.
    """
    engine, token = listed.engine, listed.token
    supply, confirmed = synthetic.make_supply(engine, token, listed.facts)
    listed.supply = supply
    if not confirmed:
        listed.notes.append("no storage slot was found that changes what totalSupply answers")
    synthetic.fill_rates(engine, token, supply)
    market = PairMarket.create(engine, token, listed.venue, listed.provider)
    if market is None:
        raise NotTradable("the factory made no pool of this token")
    amount = min(supply // 2, PAIR_AMOUNT_MAX)
    for account, part in ((market.pool, amount), (listed.provider, supply // 4)):
        if not synthetic.write_balance(engine, token, listed.facts, account, part):
            raise NotTradable("no storage slot was found that changes what balanceOf answers")
    done = market.provide_written(listed.provider, POOL_WEI)
    if not done.succeeded:
        raise NotTradable(f"the pool cannot be filled: {done.reason}")
    listed.market = market


def range_pool(listed: Listed) -> RangeMarket:
    """Fill a pool of the range kind from what the provider has left.

    Raises: NotTradable.
    """
    engine, token = listed.engine, listed.token
    existing = RangeMarket.find(engine, token)
    if existing is not None and existing.depth()[1] > 0:
        return existing
    amount = min((balance_of(engine, token, listed.provider) or 0) // 2, PAIR_AMOUNT_MAX)
    if not amount:
        raise NotTradable("nobody known holds tokens to put into a pool")
    market = existing or RangeMarket.create(engine, token, listed.provider)
    if market is None:
        raise NotTradable("the factory made no pool of this token")
    done = market.provide(listed.provider, amount, POOL_WEI)
    if not done.succeeded or not market.depth()[0]:
        raise NotTradable(f"liquidity cannot be added: {done.reason}")
    return market
