"""The hostile owner: what could those who hold privilege do between a purchase and a sale?

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
from tarazy.screening.simulation.actions import Action, actions_of
from tarazy.screening.simulation.engine import address_of
from tarazy.screening.simulation.harness import DAY_S, AdversaryHarness, Effect, Result
from tarazy.screening.simulation.holders import PrivilegedAccount, field_of, owner_fields
from tarazy.screening.simulation.listing import Listed
from tarazy.screening.simulation.plans import TRANSFERS, plan_of, suspects
from tarazy.screening.simulation.target import TargetEntryPoint

ATTACKS_MAX = 60
UNGUARDED_VARIANTS = 16  # of entry points that anyone may call, for the owner and for a stranger
FEW_VARIANTS = 6  # where the account or the sequence is the point, not the arguments
SERIES = 6
SERIES_BENIGN_MAX = 4  # actions of one entry point that are kept for series and pairs
REVERTED_MAX = 8  # actions of one entry point that always reverted, tried after another call
TRADING_HARMS = ("blocks_sell", "taxes_sell")
Plan = Sequence[tuple[TargetEntryPoint, list[PrivilegedAccount]]]


@dataclass(slots=True)
class Search:
    """What was found so far."""

    harness: AdversaryHarness
    plan: Plan
    attacks: dict[tuple[str, str, tuple[str, ...]], Attack] = field(default_factory=dict)
    sizes: dict[tuple[str, str, tuple[str, ...]], int] = field(default_factory=dict)
    shifts: dict[str, tuple[Action, Result]] = field(default_factory=dict)  # by selector: changed an owner field
    benign: dict[str, list[Action]] = field(default_factory=dict)  # by selector: went through, did nothing
    reverted: dict[str, list[Action]] = field(default_factory=dict)  # by selector: reverted for privileged accounts

    def note(self, actions: Sequence[Action], result: Result, effect: Effect) -> None:
        """Keep an attack, of several by the same calls the one that costs most."""
        kind = weakest(action.privileged.kind for action in actions)
        calls = tuple(action.entry.selector for action in actions)
        key = (effect.name, kind.value, calls)
        size = effect.tax_ppm or effect.size
        if key in self.attacks and size <= self.sizes[key]:
            return
        if key not in self.attacks and len(self.attacks) >= ATTACKS_MAX:
            return
        story = self.harness.story(actions, result, effect)
        self.attacks[key] = Attack(effect.name, kind, calls, story, effect.tax_ppm)
        self.sizes[key] = size

    def known(self, effect: str, calls: Iterable[str]) -> bool:
        """Return whether some of these calls are known to do this on their own."""
        chosen = set(calls)
        return any(name == effect and set(parts) <= chosen for name, _, parts in self.attacks)


def explore(harness: AdversaryHarness, listed: Listed, proxied: bool) -> tuple[Attack, ...]:
    """Search for attacks and return them, the shortest first."""
    plan = plan_of(listed, proxied)
    search, named = Search(harness, plan), suspects(listed)
    harness.watch(
        *(privileged.address for _, accounts in plan for privileged in accounts),
        *(privileged.address for privileged in named),
    )
    singles(search)
    by_suspects(search, named)
    appointments(search)
    regains(search)
    series(search)
    pairs(search)
    return tuple(sorted(search.attacks.values(), key=lambda attack: len(attack.calls)))


def weakest(kinds: Iterable[HolderKind]) -> HolderKind:
    """Return the kind of privilege that a series of actions needs: that of the first who is not just anyone."""
    listed = list(kinds)
    return next((kind for kind in listed if kind is not HolderKind.ANYONE), listed[0])


def singles(search: Search) -> None:
    """Try every call alone, the likeliest arguments of all entry points first."""
    harness, limits = search.harness, search.harness.budget.limits
    queues = []
    for entry, accounts in search.plan:
        for privileged in accounts:
            count = limits.variants_max if entry.guards else min(UNGUARDED_VARIANTS, limits.variants_max)
            queues.append(actions_of(entry, privileged, harness.scene, count))
    for rank in range(max(map(len, queues), default=0)):
        for queue in queues:
            if rank < len(queue):
                if ended(harness):
                    return
                single(search, queue[rank])


def single(search: Search, action: Action) -> None:
    """Try one call and sort it: an attack, a change of owner, or without harm."""
    result = search.harness.play([action])
    if result.reverted is not None:
        if action.privileged.kind is not HolderKind.ANYONE and action.entry.guards:
            search.reverted.setdefault(action.entry.selector, []).append(action)
        return
    for effect in result.effects:
        anyone = (effect.name, HolderKind.ANYONE.value, (action.entry.selector,))
        if action.privileged.kind is HolderKind.ANYONE or anyone not in search.attacks:
            search.note([action], result, effect)
    if result.owners != search.harness.before.owners:
        known_shift = search.shifts.get(action.entry.selector)
        if known_shift is None or action.names(action.privileged.address):
            search.shifts[action.entry.selector] = (action, result)
    if result.effects or action.privileged.kind is HolderKind.ANYONE:
        return
    privileged = int(action.privileged.address, 16)
    if result.owners.count(privileged) >= search.harness.before.owners.count(privileged):  # he still can what he could
        benign = search.benign.setdefault(action.entry.selector, [])
        if len(benign) < SERIES_BENIGN_MAX:
            benign.append(action)


def by_suspects(search: Search, named: Sequence[PrivilegedAccount]) -> None:
    """Let accounts that the code names move what is not theirs."""
    for entry, _ in search.plan:
        if entry.selector not in TRANSFERS:
            continue
        for privileged in named:
            for action in actions_of(entry, privileged, search.harness.scene, FEW_VARIANTS):
                if ended(search.harness):
                    return
                single(search, action)


def appointments(search: Search) -> None:
    """Let the owner put somebody into a field that guards other calls, and let him make them."""
    harness = search.harness
    for shift, result in list(search.shifts.values()):
        for entry, _ in search.plan:
            if entry.selector == shift.entry.selector:
                continue
            for privileged in appointed(harness, entry, result):
                for action in actions_of(entry, privileged, harness.scene, FEW_VARIANTS):
                    if ended(harness):
                        return
                    try_both(search, shift, action)


def appointed(harness: AdversaryHarness, entry: TargetEntryPoint, result: Result) -> list[PrivilegedAccount]:
    """Return who holds the fields that guard an entry point and were changed by an action."""
    now, before = (dict(zip(harness.fields, owners, strict=True)) for owners in (result.owners, harness.before.owners))
    found = []
    for holder in entry.guards:
        place = field_of(holder)
        if place in now and now[place] and now[place] != before[place]:
            account = address_of(now[place])
            if account not in (
                harness.scene.trader,
                harness.scene.pool,
                harness.scene.token,
            ):  # they do not act for the owner
                found.append(PrivilegedAccount(account, holder.kind))
    return found


def try_both(search: Search, first: Action, second: Action) -> None:
    """Play two actions and keep what neither of them is known to do on its own."""
    result = search.harness.play([first, second])
    if result.reverted is None:
        for effect in result.effects:
            if not search.known(effect.name, (first.entry.selector, second.entry.selector)):
                search.note([first, second], result, effect)


def regains(search: Search) -> None:
    """Give ownership up and see whether somebody can take it back."""
    harness = search.harness
    kinds = owner_fields(harness.listed.facts)
    shown = [place for place, field in enumerate(harness.fields) if kinds[field] is HolderKind.OWNER]
    for given_up, result in list(search.shifts.values()):
        was, now = ([owners[place] for place in shown] for owners in (harness.before.owners, result.owners))
        if not any(was) or any(now) or given_up.privileged.kind is HolderKind.ANYONE:
            continue
        for entry, accounts in search.plan:
            for privileged in [*accounts, *appointed(harness, entry, result)]:
                for action in actions_of(entry, privileged, harness.scene, FEW_VARIANTS):
                    if ended(harness):
                        return
                    after = harness.play([given_up, action], gap_s=DAY_S)
                    if after.reverted is None and any(after.owners[place] for place in shown):
                        detail = "ownership was given up and is held again"
                        search.note([given_up, action], after, Effect("regains_ownership", detail))


def series(search: Search) -> None:
    """Make all harmless actions one after another; what harms is shrunk to the actions that it needs."""
    harness = search.harness
    choices = [actions for actions in search.benign.values() if actions]
    if len(choices) < 2:
        return
    for turn in range(SERIES):
        if ended(harness):
            return
        rank = turn % SERIES_BENIGN_MAX
        actions = [each[min(rank, len(each) - 1)] for each in choices]
        if turn >= SERIES_BENIGN_MAX:
            actions.reverse()
        actions, result = without_reverted(harness, actions)
        for effect in result.effects:
            if not search.known(effect.name, (action.entry.selector for action in actions)):
                shrink(search, actions, effect.name)


def without_reverted(harness: AdversaryHarness, actions: list[Action]) -> tuple[list[Action], Result]:
    """Play a series, leaving out what reverts on the way."""
    result = harness.play(actions)
    while result.reverted is not None and len(actions) > 1 and not harness.over():
        actions = [action for place, action in enumerate(actions) if place != result.reverted]
        result = harness.play(actions)
    return actions, result


def shrink(search: Search, actions: list[Action], name: str) -> None:
    """Leave out action by action what an effect does not need, and keep the attack."""
    harness, place = search.harness, 0
    while place < len(actions) and len(actions) > 1 and not harness.over():
        fewer = actions[:place] + actions[place + 1 :]
        if any(effect.name == name for effect in harness.play(fewer).effects):
            actions = fewer
        else:
            place += 1
    result = harness.play(actions)
    for effect in result.effects:
        if effect.name == name:
            search.note(actions, result, effect)


def pairs(search: Search) -> None:
    """Try two calls together, where no call alone keeps the trader from selling; the second may need the first."""
    harness = search.harness
    if any(name in TRADING_HARMS for name, _, _ in search.attacks):
        return
    benign = [(rank, action) for actions in search.benign.values() for rank, action in enumerate(actions)]
    later = benign + [
        (rank, action)
        for name, actions in search.reverted.items()
        if name not in search.benign and not any(name in calls for _, _, calls in search.attacks)
        for rank, action in enumerate(actions[:REVERTED_MAX])
    ]
    combined = sorted(
        (first[0] + second[0], a, b)
        for a, first in enumerate(benign)
        for b, second in enumerate(later)
        if are_different(first, second)
    )
    for _, a, b in combined[: harness.budget.limits.pairs_max]:
        if ended(harness):
            return
        try_both(search, benign[a][1], later[b][1])


def are_different(first: tuple[int, Action], second: tuple[int, Action]) -> bool:
    """Return whether two actions are of different entry points."""
    return first[1].entry.selector != second[1].entry.selector


def ended(harness: AdversaryHarness) -> bool:
    """Return whether a limit has ended the search, and note which."""
    limit = harness.over()
    if limit and limit not in harness.budget.ended:
        harness.budget.ended.append(limit)
    return bool(limit)
