"""A transfer or an approval depends on another contract."""

from __future__ import annotations

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow, successors
from tarazy.screening.bytecode.graph import Call
from tarazy.screening.bytecode.layout import APPROVE
from tarazy.screening.bytecode.locations import field_of, format_word
from tarazy.screening.bytecode.term import Term, Word, walk
from tarazy.screening.checks._delegation import PRECOMPILE_MAX
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder, HolderKind


class ExternalCall(Check):
    """Find calls in transfers and approvals on whose answer it depends whether, or how, they succeed."""

    name = "external_call"
    title = "Transfers depend on another contract"
    sees = (
        "Calls to other contracts on the paths of transfer, transferFrom and approve: where a failure, or some answer, "
        "makes the transfer fail, or what is written is made from the answer. Who can name the other contract is the "
        "holder."
    )
    cannot_see = "What the other contract will answer. Calls whose outcome is ignored do not count."
    impact = "medium"
    confidence = "high"
    goplus = ("external_call",)
    fires = "limit-external-guard/vulnerable"
    must_not_fire = "limit-external-guard/benign"

    @settled()
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = dependences(facts)
        if found:
            entry, call = found[0]
            evidence = [
                Evidence("code", f"{name} depends on the answer of {format_word(each.target)}", each.offset, name)
                for name, each in found[:6]
            ]
            holders = dict.fromkeys(holder for name, each in found for holder in namers(facts, name, each))
            return self.yes(
                f"{entry} depends on the answer of {format_word(call.target)}", *evidence, holders=tuple(holders)
            )
        return self.no("no transfer or approval depends on what another contract answers")


@cached
def dependences(facts: ContractFacts) -> list[tuple[str, Call]]:
    """Return the calls on which transfers and approvals depend, each place of the code once."""
    names = [name for name in (*facts.transfers, f"0x{APPROVE:08x}") if name in facts.flows]
    found: dict[tuple[str, int], Call] = {}
    for name in names:
        flow = facts.flows[name]
        leaves = deciding(facts, name, flow)
        for number in flow.order:
            for call in flow.nodes[number].calls if number in flow.can_succeed else ():
                fixed = type(call.target) is int and call.target <= PRECOMPILE_MAX
                if not fixed and (call.result in leaves or ordinal_of(call) in leaves):
                    found.setdefault((name, call.offset), call)
    return [(name, call) for (name, _), call in found.items()]


def deciding(facts: ContractFacts, name: str, flow: ValueFlow) -> set[Term | int]:
    """Return the results of calls, and the ordinals of calls whose answers, decide or enter into what is written."""
    words: list[Word] = [change.value for made in facts.changes[name].values() for change in made]
    for number in flow.order:
        node = flow.nodes[number]
        sides = [target in flow.can_succeed for target, _ in successors(node)]
        if number in flow.can_succeed and node.condition is not None and not all(sides):
            words.append(node.condition)
    found: set[Term | int] = set()
    for word in words:
        for term in walk(word):
            if term.op in ("call", "created"):
                found.add(term)
            elif term.op in ("ret", "returndatasize") and term.args and type(term.args[0]) is int:
                found.add(term.args[0])
    return found


def ordinal_of(call: Call) -> int:
    """Return the place of a call among those of its path."""
    ordinal = call.result.args[1] if isinstance(call.result, Term) else -1
    return ordinal if type(ordinal) is int else -1


def namers(facts: ContractFacts, name: str, call: Call) -> tuple[Holder, ...]:
    """Return who can name the other contract, or that contract where nobody can."""
    target = call.target
    if type(target) is int:
        return (Holder(HolderKind.CONTRACT, "an address in the code", f"0x{target:040x}"),)
    assert isinstance(target, Term)  # noqa: S101 - a word is a number or a term
    field = field_of(target)
    writers = [w for w in facts.writers_of(field) if w.entry not in facts.transfers] if field is not None else []
    named = tuple(dict.fromkeys(holder for writer in writers for holder in writer.holders))
    return named or (Holder(HolderKind.CONTRACT, f"the answer of {format_word(target)}"),)
