"""Conditions of a transfer on what a simulation shows otherwise than a trade: gas, the block, the clock."""

from __future__ import annotations

from tarazy.screening.bytecode.allowed import baseline
from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.environment import TRANSIENT, asks_environment, environment_on_path
from tarazy.screening.bytecode.evaluation import BLOCK, NOW_S, evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow, successors
from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.restrictions import Restriction
from tarazy.screening.bytecode.term import Word, operators
from tarazy.screening.checks._restricting import RestrictingPrivilege
from tarazy.screening.model import Evidence, Holder, HolderKind

# How long after a moment a condition is tried again: seconds, or blocks.
ROUNDS_S = (0, 1, 2, 3, 4, 5, 6, 7, 11, 60, 61, 3_600, 7_201, 43_200, 86_400, 129_601, 604_801)


def by_surroundings(
    facts: ContractFacts, restriction: Restriction, of_party: bool = False
) -> RestrictingPrivilege | None:
    """Return that a transfer looks at what a simulation shows otherwise than a trade: gas, the block, code, origin.

    `of_party` says that the condition asks who a party is: then what was met before it counts as well.
    """
    what = asks_environment(restriction.needed) or (environment_on_path(restriction.context) if of_party else "")
    if not what or (what == TRANSIENT and is_lock(facts)):
        return None
    detail = f"a transfer passes {restriction.offset:#x} only by {what}"
    holder = Holder(HolderKind.NOBODY, "the code alone")
    evidence = Evidence("code", detail, offset=restriction.offset, selector=restriction.entry)
    return RestrictingPrivilege(detail, (holder,), evidence)


@cached
def is_lock(facts: ContractFacts) -> bool:
    """Return whether every entry point that notes something in transient storage takes it back: a lock for one call."""
    return all(map(takes_back, facts.flows.values()))


def takes_back(flow: ValueFlow) -> bool:
    """Return whether what an entry point notes in transient storage is zero in the end."""
    last: dict[Word, Word] = {}
    for number in flow.order:
        for key, value in flow.nodes[number].transient if number in flow.can_succeed else ():
            last[key] = value
    return all(value == 0 for value in last.values())


def comes_and_goes(facts: ContractFacts, restriction: Restriction) -> bool:
    """Return whether a condition on the clock fails, holds and fails again as time goes on, whatever is stored."""
    term, holds = restriction.needed
    if operators(term).isdisjoint(("mod", "and", "field", "xor")):
        return False
    answers = []
    for seconds in ROUNDS_S:
        words = {facts.pool.term("timestamp"): NOW_S + seconds, facts.pool.term("number"): BLOCK + seconds}
        answers.append(bool(evaluate(term, baseline(facts, restriction.entry, {}, words))) is holds)
    turns = sum(answers[place] is not answers[place - 1] for place in range(1, len(answers)))
    return turns > 2


@cached
def looked_at(facts: ContractFacts) -> str:
    """Return what a transfer looks at that a simulation may show otherwise than a trade, where it then moves others."""
    found = set[str]()
    for name in facts.transfers:
        flow = facts.flows[name]
        for number in flow.order:
            condition = flow.nodes[number].condition
            what = (
                environment_on_path([Edge(condition, True)])
                if condition is not None and number in flow.can_succeed
                else ""
            )
            if what and len({moved_after(facts, name, target) for target, _ in successors(flow.nodes[number])}) > 1:
                found.add(what)
    if is_lock(facts):
        found.discard(TRANSIENT)
    return ", ".join(sorted(found))


def moved_after(facts: ContractFacts, name: str, start: int) -> frozenset[int]:
    """Return the writes of balances to which a node leads."""
    flow, reached, work = facts.flows[name], {start}, [start]
    while work:
        new = {target for target, _ in successors(flow.nodes[work.pop()]) if target and target in flow.can_succeed}
        work += new - reached
        reached |= new
    moved = facts.movements[name]
    return frozenset(movement.change.offset for number in reached for movement in moved.get(number, ()))
