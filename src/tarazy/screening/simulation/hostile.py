"""The hostile owner: what could those who hold power do between a purchase and a sale?

Every entry point that changes something is called with arguments that its own code makes interesting, by each account
that its guard admits, and by a stranger where it has no guard. In this order:

1. each call alone;
2. transfers by accounts that the code names, which it may treat in ways that no guard shows;
3. the owner appoints somebody to a field that guards other calls, and the appointed makes those;
4. the owner renounces, and somebody regains the ownership;
5. all calls that went through without harm in series; what harms is shrunk to the calls that it needs;
6. pairs of calls, where no call alone keeps the trader from selling.

The order is fixed, so the same code gives the same attacks; only a machine that runs into the limit of time ends
earlier, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tarazy.screening.model import Attack, HolderKind
from tarazy.screening.simulation.arena import DAY_S, Arena, Effect, Result
from tarazy.screening.simulation.engine import address_of
from tarazy.screening.simulation.holders import HeldPower, field_of, owner_fields
from tarazy.screening.simulation.listing import Listed
from tarazy.screening.simulation.moves import Move, moves_of
from tarazy.screening.simulation.plans import TRANSFERS, plan_of, suspects
from tarazy.screening.simulation.target import TargetEntryPoint

ATTACKS_MAX = 60
UNGUARDED_VARIANTS = 16  # of entry points that anyone may call, for the owner and for a stranger
FEW_VARIANTS = 6  # where the account or the sequence is the point, not the arguments
SERIES = 6
SERIES_HARMLESS_MAX = 4  # moves of one entry point that are kept for series and pairs
REFUSED_MAX = 8  # moves of one entry point that was always refused, tried after another call
TRADING_HARMS = ("blocks_sell", "taxes_sell")
Plan = Sequence[tuple[TargetEntryPoint, list[HeldPower]]]


@dataclass(slots=True)
class Search:
    """What was found so far."""

    arena: Arena
    plan: Plan
    attacks: dict[tuple[str, str, tuple[str, ...]], Attack] = field(default_factory=dict)
    sizes: dict[tuple[str, str, tuple[str, ...]], int] = field(default_factory=dict)
    shifts: dict[str, tuple[Move, Result]] = field(default_factory=dict)  # by selector: changed an owner field
    harmless: dict[str, list[Move]] = field(default_factory=dict)  # by selector: went through, did nothing
    refused: dict[str, list[Move]] = field(default_factory=dict)  # by selector: refused to those who hold power

    def note(self, moves: Sequence[Move], result: Result, effect: Effect) -> None:
        """Keep an attack, of several by the same calls the one that costs most."""
        kind = weakest(move.power.kind for move in moves)
        calls = tuple(move.entry.selector for move in moves)
        key = (effect.name, kind.value, calls)
        size = effect.tax_ppm or effect.size
        if key in self.attacks and size <= self.sizes[key]:
            return
        if key not in self.attacks and len(self.attacks) >= ATTACKS_MAX:
            return
        story = self.arena.story(moves, result, effect)
        self.attacks[key] = Attack(effect.name, kind, calls, story, effect.tax_ppm)
        self.sizes[key] = size

    def known(self, effect: str, calls: Iterable[str]) -> bool:
        """Return whether some of these calls are known to do this on their own."""
        chosen = set(calls)
        return any(name == effect and set(parts) <= chosen for name, _, parts in self.attacks)


def explore(arena: Arena, listed: Listed, proxied: bool) -> tuple[Attack, ...]:
    """Search for attacks and return them, the shortest first."""
    plan = plan_of(listed, proxied)
    search, named = Search(arena, plan), suspects(listed)
    arena.watch(*(power.address for _, powers in plan for power in powers), *(power.address for power in named))
    singles(search)
    by_suspects(search, named)
    appointments(search)
    regains(search)
    series(search)
    pairs(search)
    return tuple(sorted(search.attacks.values(), key=lambda attack: len(attack.calls)))


def weakest(kinds: Iterable[HolderKind]) -> HolderKind:
    """Return the kind of power that a series of moves needs: that of the first who is not just anyone."""
    listed = list(kinds)
    return next((kind for kind in listed if kind is not HolderKind.ANYONE), listed[0])


def singles(search: Search) -> None:
    """Try every call alone, the likeliest arguments of all entry points first."""
    arena, limits = search.arena, search.arena.budget.limits
    queues = []
    for entry, powers in search.plan:
        for power in powers:
            count = limits.variants_max if entry.guards else min(UNGUARDED_VARIANTS, limits.variants_max)
            queues.append(moves_of(entry, power, arena.scene, count))
    for rank in range(max(map(len, queues), default=0)):
        for queue in queues:
            if rank < len(queue):
                if ended(arena):
                    return
                single(search, queue[rank])


def single(search: Search, move: Move) -> None:
    """Try one call and sort it: an attack, a change of owner, or without harm."""
    result = search.arena.play([move])
    if result.refused is not None:
        if move.power.kind is not HolderKind.ANYONE and move.entry.guards:
            search.refused.setdefault(move.entry.selector, []).append(move)
        return
    for effect in result.effects:
        anyone = (effect.name, HolderKind.ANYONE.value, (move.entry.selector,))
        if move.power.kind is HolderKind.ANYONE or anyone not in search.attacks:
            search.note([move], result, effect)
    if result.owners != search.arena.before.owners:
        kept_shift = search.shifts.get(move.entry.selector)
        if kept_shift is None or move.names(move.power.address):
            search.shifts[move.entry.selector] = (move, result)
    if result.effects or move.power.kind is HolderKind.ANYONE:
        return
    power = int(move.power.address, 16)
    if result.owners.count(power) >= search.arena.before.owners.count(power):  # he still can what he could
        kept = search.harmless.setdefault(move.entry.selector, [])
        if len(kept) < SERIES_HARMLESS_MAX:
            kept.append(move)


def by_suspects(search: Search, named: Sequence[HeldPower]) -> None:
    """Let accounts that the code names move what is not theirs."""
    for entry, _ in search.plan:
        if entry.selector not in TRANSFERS:
            continue
        for power in named:
            for move in moves_of(entry, power, search.arena.scene, FEW_VARIANTS):
                if ended(search.arena):
                    return
                single(search, move)


def appointments(search: Search) -> None:
    """Let the owner put somebody into a field that guards other calls, and let him make them."""
    arena = search.arena
    for shift, result in list(search.shifts.values()):
        for entry, _ in search.plan:
            if entry.selector == shift.entry.selector:
                continue
            for power in appointed(arena, entry, result):
                for move in moves_of(entry, power, arena.scene, FEW_VARIANTS):
                    if ended(arena):
                        return
                    try_both(search, shift, move)


def appointed(arena: Arena, entry: TargetEntryPoint, result: Result) -> list[HeldPower]:
    """Return who holds the fields that guard an entry point and were changed by a move."""
    now, before = (dict(zip(arena.fields, owners, strict=True)) for owners in (result.owners, arena.before.owners))
    found = []
    for holder in entry.guards:
        place = field_of(holder)
        if place in now and now[place] and now[place] != before[place]:
            account = address_of(now[place])
            if account not in (
                arena.scene.trader,
                arena.scene.pool,
                arena.scene.token,
            ):  # they do not act for the owner
                found.append(HeldPower(account, holder.kind))
    return found


def try_both(search: Search, first: Move, second: Move) -> None:
    """Play two moves and keep what neither of them is known to do on its own."""
    result = search.arena.play([first, second])
    if result.refused is None:
        for effect in result.effects:
            if not search.known(effect.name, (first.entry.selector, second.entry.selector)):
                search.note([first, second], result, effect)


def regains(search: Search) -> None:
    """Give ownership up and see whether somebody can take it back."""
    arena = search.arena
    kinds = owner_fields(arena.listed.facts)
    shown = [place for place, field in enumerate(arena.fields) if kinds[field] is HolderKind.OWNER]
    for given_up, result in list(search.shifts.values()):
        was, now = ([owners[place] for place in shown] for owners in (arena.before.owners, result.owners))
        if not any(was) or any(now) or given_up.power.kind is HolderKind.ANYONE:
            continue
        for entry, powers in search.plan:
            for power in [*powers, *appointed(arena, entry, result)]:
                for move in moves_of(entry, power, arena.scene, FEW_VARIANTS):
                    if ended(arena):
                        return
                    after = arena.play([given_up, move], gap_s=DAY_S)
                    if after.refused is None and any(after.owners[place] for place in shown):
                        detail = "ownership was given up and is held again"
                        search.note([given_up, move], after, Effect("regains_ownership", detail))


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
    """Try two calls together, where no call alone keeps the trader from selling; the second may need the first."""
    arena = search.arena
    if any(name in TRADING_HARMS for name, _, _ in search.attacks):
        return
    kept = [(rank, move) for moves in search.harmless.values() for rank, move in enumerate(moves)]
    later = kept + [
        (rank, move)
        for name, moves in search.refused.items()
        if name not in search.harmless and not any(name in calls for _, _, calls in search.attacks)
        for rank, move in enumerate(moves[:REFUSED_MAX])
    ]
    combined = sorted(
        (first[0] + second[0], a, b)
        for a, first in enumerate(kept)
        for b, second in enumerate(later)
        if differ(first, second)
    )
    for _, a, b in combined[: arena.budget.limits.pairs_max]:
        if ended(arena):
            return
        try_both(search, kept[a][1], later[b][1])


def differ(first: tuple[int, Move], second: tuple[int, Move]) -> bool:
    """Return whether two moves are of different entry points."""
    return first[1].entry.selector != second[1].entry.selector


def ended(arena: Arena) -> bool:
    """Return whether a limit has ended the search, and note which."""
    limit = arena.over()
    if limit and limit not in arena.budget.ended:
        arena.budget.ended.append(limit)
    return bool(limit)
