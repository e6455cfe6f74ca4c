"""The hostile owner: what could those who hold power do between a purchase and a sale?

Every entry point that changes something is called with arguments that its own code makes interesting, by each account
that its guard admits, and by a stranger where it has no guard. First each call alone; then all calls that went through
without harm, in series, and what harms is shrunk to the calls that it needs; then pairs, while the limits last. The
order is fixed, so the same code gives the same attacks; only a machine that runs into the limit of time ends earlier,
and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tarazy.screening.model import Attack, Holder, HolderKind
from tarazy.screening.simulation.actors import ADMIN, OWNER, STRANGER, fund
from tarazy.screening.simulation.arena import Arena, Effect, Result
from tarazy.screening.simulation.holders import Power, power_of
from tarazy.screening.simulation.listing import Listed
from tarazy.screening.simulation.moves import Move, moves_of
from tarazy.screening.simulation.target import EntryPoint

ATTACKS_MAX = 60
UNGUARDED_VARIANTS = 12  # of entry points that anyone may call, for the owner and for a stranger
SERIES = 6
SERIES_HARMLESS_MAX = 4  # moves of one entry point that are kept for series and pairs
TRADING_HARMS = ("blocks_sell", "taxes_sell")


@dataclass(frozen=True, slots=True)
class Added:
    """An entry point that static reading of the implementation does not show: it is the proxy's own."""

    selector: str
    types: tuple[str, ...]
    payable: bool = False
    view: bool = False
    guards: tuple[Holder, ...] = (Holder(HolderKind.PROXY_ADMIN, "the proxy's admin", ADMIN),)
    interesting: tuple[int, ...] = ()
    writes: tuple[str, ...] = ()


PROXY_ENTRIES = (Added("0x3659cfe6", ("address",)), Added("0x4f1ef286", ("address", "bytes"), payable=True))


@dataclass(slots=True)
class Search:
    """What was found so far."""

    arena: Arena
    attacks: dict[tuple[str, str, tuple[str, ...]], Attack] = field(default_factory=dict)
    harmless: dict[str, list[Move]] = field(default_factory=dict)  # by selector: went through, did nothing

    def note(self, moves: Sequence[Move], result: Result, effect: Effect) -> None:
        """Keep an attack, of several by the same calls the one that costs most."""
        kind = weakest(move.power.kind for move in moves)
        calls = tuple(move.entry.selector for move in moves)
        key = (effect.name, kind.value, calls)
        known = self.attacks.get(key)
        if known is not None and (effect.tax_ppm or 0) <= (known.tax_ppm or 0):
            return
        if known is None and len(self.attacks) >= ATTACKS_MAX:
            return
        story = self.arena.story(moves, result, effect)
        self.attacks[key] = Attack(effect.name, kind, calls, story, effect.tax_ppm)

    def known(self, effect: str, calls: Iterable[str]) -> bool:
        """Return whether some of these calls are known to do this on their own."""
        chosen = set(calls)
        return any(name == effect and set(parts) <= chosen for name, _, parts in self.attacks)


def explore(arena: Arena, listed: Listed, proxied: bool) -> tuple[Attack, ...]:
    """Search for attacks and return them, the shortest first."""
    search = Search(arena)
    plan = plan_of(listed, proxied)
    arena.watch(*(power.address for _, powers in plan for power in powers))
    singles(search, plan)
    series(search)
    pairs(search)
    return tuple(sorted(search.attacks.values(), key=lambda attack: len(attack.calls)))


def plan_of(listed: Listed, proxied: bool) -> list[tuple[EntryPoint, list[Power]]]:
    """Return who may call what, in the order of the code."""
    found = []
    entries: list[EntryPoint] = [*listed.facts.entry_points, *(PROXY_ENTRIES if proxied else ())]
    for entry in entries:
        if entry.view:
            continue
        powers = powers_of(listed, entry)
        fund(listed.engine, *(power.address for power in powers))
        found.append((entry, powers))
    return found


def powers_of(listed: Listed, entry: EntryPoint) -> list[Power]:
    """Return who may call an entry point."""
    owner = Power(listed.owner, HolderKind.OWNER)
    if not entry.guards:
        return [Power(STRANGER, HolderKind.ANYONE), owner]
    style = listed.facts.layout.balances_style
    found = [power_of(listed.engine, listed.token, holder, listed.synthetic, style) for holder in entry.guards]
    powers = {power.address: power for power in found if power is not None}
    if not powers and any(holder.kind is HolderKind.CONTRACT for holder in entry.guards):
        powers[OWNER] = Power(OWNER, HolderKind.CONTRACT)  # another contract may know the deployer
    return list(powers.values())


def weakest(kinds: Iterable[HolderKind]) -> HolderKind:
    """Return the kind of power that a series of moves needs: that of the first who is not just anyone."""
    listed = list(kinds)
    return next((kind for kind in listed if kind is not HolderKind.ANYONE), listed[0])


def singles(search: Search, plan: Sequence[tuple[EntryPoint, list[Power]]]) -> None:
    """Try every call alone, the likeliest arguments of all entry points first."""
    arena, limits = search.arena, search.arena.budget.limits
    queues = []
    for entry, powers in plan:
        for power in powers:
            count = limits.variants_max if entry.guards else min(UNGUARDED_VARIANTS, limits.variants_max)
            queues.append(moves_of(entry, power, arena.scene, count))
    for rank in range(max(map(len, queues), default=0)):
        for queue in queues:
            if rank >= len(queue):
                continue
            if ended(arena):
                return
            single(search, queue[rank])


def single(search: Search, move: Move) -> None:
    """Try one call and sort it: an attack, or without harm."""
    result = search.arena.play([move])
    if result.refused is not None:
        return
    for effect in result.effects:
        anyone = (effect.name, HolderKind.ANYONE.value, (move.entry.selector,))
        if move.power.kind is HolderKind.ANYONE or anyone not in search.attacks:
            search.note([move], result, effect)
    if not result.effects and result.keeps_power:
        kept = search.harmless.setdefault(move.entry.selector, [])
        if len(kept) < SERIES_HARMLESS_MAX and (move.power.kind is not HolderKind.ANYONE):
            kept.append(move)


def series(search: Search) -> None:
    """Make all harmless moves one after another; what harms is shrunk to the moves that it needs."""
    arena = search.arena
    choices = [moves for moves in search.harmless.values() if moves]
    if len(choices) < 2:
        return
    for turn in range(SERIES):
        if ended(arena):
            return
        rank = turn % SERIES_HARMLESS_MAX
        moves = [each[min(rank, len(each) - 1)] for each in choices]
        if turn >= SERIES_HARMLESS_MAX:
            moves.reverse()
        moves, result = without_refused(arena, moves)
        for effect in result.effects:
            if not search.known(effect.name, (move.entry.selector for move in moves)):
                shrink(search, moves, effect.name)


def without_refused(arena: Arena, moves: list[Move]) -> tuple[list[Move], Result]:
    """Play a series, leaving out what is refused on the way."""
    result = arena.play(moves)
    while result.refused is not None and len(moves) > 1 and not arena.over():
        moves = [move for place, move in enumerate(moves) if place != result.refused]
        result = arena.play(moves)
    return moves, result


def shrink(search: Search, moves: list[Move], name: str) -> None:
    """Leave out move by move what an effect does not need, and keep the attack."""
    arena, place = search.arena, 0
    while place < len(moves) and len(moves) > 1 and not arena.over():
        fewer = moves[:place] + moves[place + 1 :]
        if any(effect.name == name for effect in arena.play(fewer).effects):
            moves = fewer
        else:
            place += 1
    result = arena.play(moves)
    for effect in result.effects:
        if effect.name == name:
            search.note(moves, result, effect)


def pairs(search: Search) -> None:
    """Try two harmless calls together, where no call alone keeps the trader from selling."""
    arena = search.arena
    if any(name in TRADING_HARMS for name, _, _ in search.attacks):
        return
    kept = [(rank, move) for moves in search.harmless.values() for rank, move in enumerate(moves)]
    combined = sorted(
        (
            (first[0] + second[0], a, b)
            for a, first in enumerate(kept)
            for b, second in enumerate(kept)
            if differ(first, second)
        ),
    )
    for _, a, b in combined[: arena.budget.limits.pairs_max]:
        if ended(arena):
            return
        moves = [kept[a][1], kept[b][1]]
        result = arena.play(moves)
        for effect in result.effects if result.refused is None else ():
            if not search.known(effect.name, (move.entry.selector for move in moves)):
                search.note(moves, result, effect)


def differ(first: tuple[int, Move], second: tuple[int, Move]) -> bool:
    """Return whether two moves are of different entry points."""
    return first[1].entry.selector != second[1].entry.selector


def ended(arena: Arena) -> bool:
    """Return whether a limit has ended the search, and note which."""
    limit = arena.over()
    if limit and limit not in arena.budget.ended:
        arena.budget.ended.append(limit)
    return bool(limit)
