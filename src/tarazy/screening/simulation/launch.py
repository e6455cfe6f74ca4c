"""Trading that has not opened yet: is there a way to open it, and who has it?

A refusal of the first purchase is no trap if the owner can open trading, or if time does. In the order tried: wait;
let the owner call his own entry points, alone and in series; and, where the state is made up, set variables that the
purchase read as zero, one after another, keeping those with which it got further. What opened it is told in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tarazy.screening.model import HolderKind
from tarazy.screening.simulation.abi import call_data
from tarazy.screening.simulation.actions import Action, Scene, actions_of
from tarazy.screening.simulation.actors import ACCOMPLICE, OWNER, TRADER, fund
from tarazy.screening.simulation.engine import BLOCK_TIME_S, CALL_GAS, EvmEngine, sandbox
from tarazy.screening.simulation.harness import TRAP
from tarazy.screening.simulation.holders import ADDRESS_BITS, PrivilegedAccount, owner_fields
from tarazy.screening.simulation.listing import Listed, NotTradable, existing_market, open_pool
from tarazy.screening.simulation.market import balance_of
from tarazy.screening.simulation.market import transfer as send
from tarazy.screening.simulation.plans import plan_of
from tarazy.screening.simulation.synthetic import SMALL_SLOT

WAITS_S = ((3_600, "an hour"), (86_400, "a day"), (604_800, "a week"))
VARIANTS = 10
ACTIONS_MAX = 160
FLIPS_MAX = 240
ROUNDS = 4
PROGRESS_GAS = 300  # a refusal that comes this much later is progress
MINTED = 10**24
CONTRACT_WEI = 50 * 10**18
DEPOSIT_WEI = 200 * 10**18

Attempt = Callable[[], tuple[bool, int]]  # does what is wanted and says whether it went through, and its gas


@dataclass(frozen=True, slots=True)
class Opening:
    """What opened trading."""

    by: str  # "time" | "owner" | "state"
    text: str


def open_trading(listed: Listed, attempt: Attempt) -> Opening | None:
    """Bring the state to one in which the attempt goes through; None where no way was found."""
    return (
        by_time(listed.engine, attempt)
        or by_owner(listed, attempt)
        or (by_state(listed, attempt) if listed.synthetic else None)
    )


def works(engine: EvmEngine, attempt: Attempt) -> tuple[bool, int]:
    """Try something and undo it."""
    with sandbox(engine):
        return attempt()


def by_time(engine: EvmEngine, attempt: Attempt) -> Opening | None:
    """Wait."""
    now = engine.block
    for seconds, words in WAITS_S:
        engine.set_block(now.after(seconds))
        if works(engine, attempt)[0]:
            return Opening("time", f"trading opened by itself within {words}")
    engine.set_block(now)
    return None


def owner_actions(listed: Listed, scene: Scene) -> list[Action]:
    """Return what the owner and other privileged accounts may call, the likeliest arguments first."""
    queues = [
        actions_of(entry, privileged, scene, VARIANTS)
        for entry, accounts in plan_of(listed)
        for privileged in accounts
        if entry.guards and privileged.kind is not HolderKind.ANYONE
    ]
    ranks = range(max(map(len, queues), default=0))
    actions = [queue[rank] for rank in ranks for queue in queues if rank < len(queue)]
    return sorted(actions, key=lambda action: action.names(scene.trader))[
        :ACTIONS_MAX
    ]  # what is for the trader alone comes last


def owners_now(listed: Listed) -> list[int]:
    """Return what the token's owner fields hold."""
    fields = owner_fields(listed.facts)
    return [(listed.engine.storage(listed.token, slot) >> low) & ADDRESS_BITS for slot, low in fields]


def make(listed: Listed, action: Action) -> bool:
    """Make an action for good."""
    if action.privileged.entry is not None:
        listed.engine.set_storage(listed.token, dict([action.privileged.entry]))
    return listed.engine.call(
        action.privileged.address, listed.token, action.data, value=action.value, gas=CALL_GAS
    ).succeeded


def scene_of(listed: Listed) -> Scene:
    """Return the accounts of the story before anybody bought."""
    pool = listed.market.pool if listed.market else listed.venue.factory
    supply = listed.supply or MINTED
    venue = listed.venue
    return Scene(TRADER, pool, venue.router, listed.token, venue.weth, ACCOMPLICE, supply, supply // 200, TRAP)


def by_owner(listed: Listed, attempt: Attempt) -> Opening | None:
    """Let the owner call what he may, each call alone and then all in series."""
    engine, scene = listed.engine, scene_of(listed)
    went_through: list[Action] = []
    for action in owner_actions(listed, scene):
        if listed.late:
            return None
        before, block = engine.snapshot(), engine.block
        if make(listed, action) and int(TRADER, 16) not in owners_now(listed):  # who becomes owner has opened nothing
            went_through.append(action)
            if works(engine, attempt)[0] or waited(engine, attempt):
                whom = " for the trader alone" if action.names(TRADER) else ""
                return Opening("owner", f"trading opened{whom} when {action.format(scene)}")
        engine.revert(before)
        engine.set_block(block)
    return in_series(listed, went_through, attempt, scene)


def waited(engine: EvmEngine, attempt: Attempt) -> bool:
    """Try again in the next block and an hour later; stay there if that helps."""
    now = engine.block
    for seconds in (BLOCK_TIME_S, 3_600):
        engine.set_block(now.after(seconds))
        if works(engine, attempt)[0]:
            return True
    engine.set_block(now)
    return False


def in_series(listed: Listed, actions: Sequence[Action], attempt: Attempt, scene: Scene) -> Opening | None:
    """Make one action of each entry point; leave out what is not needed."""
    engine = listed.engine
    per_entry: dict[str, list[Action]] = {}
    for action in actions:
        per_entry.setdefault(action.entry.selector, []).append(action)
    for rank in range(3 if actions else 0):
        if listed.late:
            return None
        series = [queue[min(rank, len(queue) - 1)] for queue in per_entry.values()]
        if not opens(listed, series, attempt):
            continue
        place = 0
        while place < len(series) > 1 and not listed.late:
            fewer = series[:place] + series[place + 1 :]
            if opens(listed, fewer, attempt):
                series = fewer
            else:
                place += 1
        for action in series:
            make(listed, action)
        engine.set_block(engine.block.after(BLOCK_TIME_S))
        return Opening("owner", "trading opened when " + " and then ".join(action.format(scene) for action in series))
    return None


def opens(listed: Listed, series: Sequence[Action], attempt: Attempt) -> bool:
    """Return whether a series of actions lets the attempt go through."""
    with sandbox(listed.engine):
        for action in series:
            make(listed, action)
        listed.engine.set_block(listed.engine.block.after(BLOCK_TIME_S))
        return attempt()[0]


def by_state(listed: Listed, attempt: Attempt) -> Opening | None:
    """Set variables that were read as zero, keeping what lets the attempt get further."""
    engine, token = listed.engine, listed.token
    before = engine.snapshot()
    kept: list[str] = []
    done, reached = works(engine, attempt)
    tries = 0
    for _ in range(ROUNDS):
        best: tuple[int, int, int] | None = None  # (gas, slot, value)
        for slot, value in flips(listed):
            tries += 1
            if tries > FLIPS_MAX or listed.late:
                break
            with sandbox(engine):
                engine.set_storage(token, {slot: value})
                done, gas = attempt()
            if done:
                engine.set_storage(token, {slot: value})
                kept.append(hex(slot))
                return Opening(
                    "state", f"trading opened when storage {', '.join(kept)} was set, which was made up as zero"
                )
            if gas > reached + PROGRESS_GAS and (best is None or gas > best[0]):
                best = (gas, slot, value)
        if best is None:
            break
        reached = best[0]
        engine.set_storage(token, {best[1]: best[2]})
        kept.append(hex(best[1]))
    engine.revert(before)
    return None


def flips(listed: Listed) -> list[tuple[int, int]]:
    """Return (slot, value) to try: whole variables first, then switches packed beside an address, then entries."""
    found: list[tuple[int, int]] = []
    scene = scene_of(listed)
    values = (1, scene.supply, int(scene.pool, 16), int(scene.router, 16), listed.engine.block.time_s - 600)
    read = variables(listed)
    small = {slot: value for slot, value in sorted(read.items()) if slot < SMALL_SLOT}
    for value in values:
        found += [(slot, value) for slot, now in small.items() if now == 0]
    for bit in (160, 168, 176, 0, 8):
        found += [(slot, now | 1 << bit) for slot, now in small.items() if now and not now >> bit & 0xFF]
    return found + [(slot, 1) for slot, now in sorted(read.items()) if slot >= SMALL_SLOT and now == 0]


def variables(listed: Listed) -> dict[int, int]:
    """Return the token's storage that a transfer out of the pool and one into it read, as it is now."""
    engine, token = listed.engine, listed.token
    pool = listed.market.pool if listed.market else listed.owner
    amount = max(listed.supply // 1_000, 1)
    found: dict[int, int] = {}
    for sender, receiver in ((pool, TRADER), (TRADER, pool)):
        data = call_data("transfer(address,uint256)", receiver, amount)
        found |= engine.reads(sender, token, data).get(token, {})
    return {slot: engine.storage(token, slot) for slot in found}


def open_pool_by_owner(listed: Listed, reverted: NotTradable) -> Opening:
    """Find a way to a filled pool where the owner cannot simply make one: minting, or a launch by the contract itself.

    Raises: NotTradable with the first reason where there is none.
    """
    opening = minted(listed) or launched(listed)
    if opening is None:
        raise reverted
    return opening


def minted(listed: Listed) -> Opening | None:
    """Let the owner make tokens for himself, then fill the pool from them."""
    engine = listed.engine
    if (balance_of(engine, listed.token, listed.provider) or 0) > 1:
        return None
    listed.provider = listed.owner
    fund(engine, listed.owner)
    scene = scene_of(listed)
    scene = Scene(listed.owner, listed.owner, scene.router, listed.token, scene.weth, OWNER, MINTED, MINTED, TRAP)
    for action in [*owner_actions(listed, scene), *deposits(listed)]:
        if listed.late:
            return None
        before = engine.snapshot()
        if make(listed, action) and (balance_of(engine, listed.token, listed.owner) or 0) > 1:
            try:
                open_pool(listed)
                return Opening("owner", f"there were no tokens until {action.format(scene)}")
            except NotTradable:
                pass
        engine.revert(before)
    return None


def deposits(listed: Listed) -> list[Action]:
    """Return calls that anyone may make with ether and without arguments, as tokens that wrap ether have them."""
    privileged = PrivilegedAccount(listed.owner, HolderKind.OWNER)
    return [
        Action(privileged, entry, bytes.fromhex(entry.selector[2:]), (), DEPOSIT_WEI)
        for entry in listed.facts.entry_points
        if entry.payable and not entry.types and not entry.view
    ]


def launched(listed: Listed) -> Opening | None:
    """Let the contract make the pool itself, from tokens and ether that the owner gave to it."""
    engine, token = listed.engine, listed.token
    held = balance_of(engine, token, listed.provider) or 0
    scene = scene_of(listed)
    actions = [action for action in owner_actions(listed, scene) if not action.entry.types]
    for gives in (False, True):
        for action in actions:
            if listed.late:
                return None
            before = engine.snapshot()
            engine.set_balance(token, CONTRACT_WEI)
            if gives and held:
                send(engine, token, listed.provider, token, held)
            if make(listed, action):
                market = existing_market(listed)
                if market is not None and min(market.depth()) > 0:
                    listed.market, listed.venue = market, market.venue
                    return Opening("owner", f"the pool was filled and trading opened when {action.format(scene)}")
            engine.revert(before)
    return None
