"""New tokens can be made after deployment."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.graph import Call, edge_order
from tarazy.screening.bytecode.guards import ANYONE
from tarazy.screening.bytecode.locations import format_word, locate
from tarazy.screening.bytecode.movements import Movement, PathSum, linear, negative, positive
from tarazy.screening.bytecode.term import Term, Word, loads, walk, width
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._given import beyond_supply
from tarazy.screening.checks._quotas import quota_of
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Evidence, Holder, HolderKind

PRECOMPILES = range(1, 0x10000)
TRANSFERS = (0x23B872DD, 0xA9059CBB)


class Mint(Check):
    """Follow the writes: some path through an entry point leaves balances higher than it found them."""

    name = "mint"
    title = "New tokens can be made"
    sees = (
        "Every path through every entry point is summed over all balances that balanceOf reads. Where the sum is above "
        "zero, tokens are made, whatever the function is called: a credit without a debit, an overwritten balance, a "
        "factor in a transfer, a supply by which balances are scaled. In a contract without balanceOf the mappings "
        "that keep accounts are told from how they are raised and lowered."
    )
    cannot_see = (
        "Balances kept in another contract, or at places that are computed in ways not understood: unknown. Tokens "
        "made against native currency or tokens that any holder can take out again do not count."
    )
    impact = "high"
    confidence = "high"
    goplus = ("is_mintable",)
    fires = "mint-lying-name/vulnerable"
    must_not_fire = "mint-lying-name/benign"

    @settled("mints", any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found, unclear = makers(facts)
        given = beyond_supply(subject)
        if found or given:
            holders = [holder for maker in found for holder in maker.holders]
            return self.yes(
                f"{found[0].entry} leaves balances higher than before" if found else given[1] if given else "",
                *(maker.evidence for maker in found[:6]),
                *((given[2],) if given else ()),
                holders=tuple(dict.fromkeys([*holders, *(given[0] if given else ())])),
                bound=next((maker.bound for maker in found if maker.bound), None),
            )
        if not facts.layout.balance_roots:
            return self.unknown("where balances are kept was not found in the code")
        if unclear or not facts.complete:
            return self.unknown(unclear or "the code was not read to the end")
        return self.no("no path through the code leaves balances higher than before")


class Maker(NamedTuple):
    """One entry point that makes tokens, who may use it, and what bounds it."""

    entry: str
    holders: tuple[Holder, ...]
    bound: str | None
    evidence: Evidence


def makers(facts: ContractFacts) -> tuple[list[Maker], str]:
    """Return the entry points that make tokens, and why something stayed unclear."""
    found: list[Maker] = []
    unclear = ""
    for name, (sums, complete) in facts.sums.items():
        flow = facts.flows[name]
        for path in sums:
            movement = made_by(path, sums)
            if movement is None and (movement := underflow(flow, path)) is not None:
                detail = (
                    f"more than the balance of {format_word(movement.holder)} can be taken from it, and it wraps around"
                )
                evidence = Evidence("code", detail, offset=movement.change.offset, selector=name)
                found.append(Maker(name, facts.guards.holders(flow, movement.node), None, evidence))
                break
            if movement is None:
                continue
            holders = facts.guards.holders(flow, movement.node)
            if entitled(facts, name, movement):
                continue
            if holders == (ANYONE,) and (
                backed(facts, name, path) or (facts.layout.inferred and paid(facts, name, path))
            ):
                continue
            rate = answering(flow, movement.change.value) if holders == (ANYONE,) else None
            bound = cap_of(facts, path)
            quota = quota_of(facts, name, [each for each in sums if made_by(each, sums) is not None])
            if quota is not None:
                bound = bound or quota.bound
                holders = quota.holders if ANYONE in holders else holders
            if rate is not None:
                holders = (Holder(HolderKind.CONTRACT, f"the answer of {format_word(rate.target)}"),)
                if comes_in(facts, name):
                    bound = bound or "against what comes in, at the rate of another contract"
            whose, amount = format_word(movement.holder), format_sum(path)
            detail = f"the balance of {whose} rises by {amount} and no other falls by as much"
            evidence = Evidence("code", detail, offset=movement.change.offset, selector=name)
            found.append(Maker(name, holders, bound, evidence))
            break
        if not complete and not any(maker.entry == name for maker in found):
            unclear = f"{name} has more paths than were followed"
    return found + rebasing(facts) + raw_writes(facts), unclear


def made_by(path: PathSum, all_sums: list[PathSum]) -> Movement | None:
    """Return the movement by which a path makes tokens, or None.

    A path with debits and credits that do not cancel is a transfer with fees or reflections, unless a credit is a
    multiple of what is debited.
    """
    zero = {edge.term for edge in path.conditions if not edge.holds}
    above = [
        part
        for part in positive(path.total)
        if not balance_of_nobody(part[0], path) and weighs(part[0]) and part[0] not in zero
    ]
    raising = [movement for movement in path.movements if movement.raises]
    if not above or not raising:
        return None
    if any(movement.lowers for movement in path.movements) and negative(path.total):
        return None
    others = [
        m
        for other in all_sums
        if other.root != path.root and other.conditions == path.conditions
        for m in other.movements
    ]
    if any(movement.lowers for movement in others):
        return None  # the other bookkeeping of a rebasing token holds the debit
    return None if converts(raising[0]) else raising[0]


def weighs(term: Term | None) -> bool:
    """Return whether a word can be more than a rounding or a carried bit."""
    return term is None or width(term) > 8


def balance_of_nobody(term: Term | None, path: PathSum) -> bool:
    """Return whether a word is the balance of one whom the path's conditions say to be address zero."""
    if term is None or term.op != "sload":
        return False
    keys = locate(term.args[0]).keys
    return bool(keys) and any(not edge.holds and bare(edge.term) is bare(keys[0]) for edge in path.conditions)


def underflow(flow: ValueFlow, path: PathSum) -> Movement | None:
    """Return a debit of more than the balance that nothing on the path forbids: it wraps around to nearly 2**256."""
    for movement in path.movements:
        before = movement.change.before
        if not movement.lowers or type(before) is not Term or movement.overwrites or len(movement.delta) != 1:
            continue
        (amount, _) = next(iter(movement.delta))
        if amount is None or before in walk(amount) or amount.op not in ("arg", "calldata", "field"):
            continue
        about = [edge for edge in path.conditions if before in walk(edge.term)]
        looked_at = any(node.condition and loads(before) & loads(node.condition) for node in flow.nodes)
        if not looked_at or any(
            edge.holds and edge.term.op == "lt" and edge.term.args == (before, amount) for edge in about
        ):
            return movement
    return None


def converts(movement: Movement) -> bool:
    """Return whether a balance is only carried over from another bookkeeping of the same holder's balance."""
    key = movement.holder
    return movement.overwrites and any(
        term.op == "map" and term.args[1] is key and term.args[0] != movement.change.place.root
        for term in walk(movement.change.value)
    )


def entitled(facts: ContractFacts, name: str, movement: Movement) -> bool:
    """Return whether a credit uses up an entitlement of the same holder that was paid for in native currency."""
    key = movement.holder
    for change in facts.changes[name].get(movement.node, ()):
        place = change.place
        if change.value == 0 and place.keys == (key,) and place.root != movement.change.place.root:
            raising = [writer for writer in facts.writers_of(change.field) if writer.change.value != 0]
            if raising and all(mentions(writer.change.value, ("callvalue",)) for writer in raising):
                return True
    return False


def answering(flow: ValueFlow, value: Word) -> Call | None:
    """Return the call to another contract whose answer enters into a written balance."""
    for term in walk(value):
        if term.op == "ret" and type(term.args[0]) is int:
            calls = [call for call in flow.calls.get(term.args[0], ()) if call.target not in PRECOMPILES]
            if calls:
                return calls[0]
    return None


def comes_in(facts: ContractFacts, name: str) -> bool:
    """Return whether tokens are fetched from the caller, or native currency that he sent is passed on."""
    return any(
        call.selector == 0x23B872DD or mentions(call.value, ("callvalue",))
        for entry, _, call in facts.calls
        if entry == name
    )


def paid(facts: ContractFacts, name: str, path: PathSum) -> bool:
    """Return whether what is made depends on native currency sent or on tokens fetched from the caller on the path."""
    if any(mentions(term, ("callvalue",)) for term, _ in positive(path.total)):
        return True
    return any(call.selector == 0x23B872DD for entry, _, call in facts.calls if entry == name)


def backed(facts: ContractFacts, name: str, path: PathSum) -> bool:
    """Return whether what is made is paid one for one, or in tokens, and any holder can take it out again."""
    above = positive(path.total)
    one_for_one = all(type(term) is Term and term.op == "callvalue" and factor == 1 for term, factor in above)
    fetched = any(call.selector == 0x23B872DD for entry, _, call in facts.calls if entry == name)
    return (one_for_one or fetched) and any(
        lowered.root == path.root and not positive(lowered.total) and pays_out(facts, entry, lowered)
        for entry, (sums, _) in facts.sums.items()
        for lowered in sums
    )


def pays_out(facts: ContractFacts, name: str, path: PathSum) -> bool:
    """Return whether anyone can lower a balance of their own and is paid for it on the same path."""
    if not path.movements or facts.guards.holders(facts.flows[name], path.movements[0].node) != (ANYONE,):
        return False
    return any(
        entry == name and (call.selector in TRANSFERS or (call.kind == "CALL" and call.value != 0))
        for entry, _, call in facts.calls
    )


def rebasing(facts: ContractFacts) -> list[Maker]:
    """Return the entry points by which somebody raises every balance at once: what balanceOf scales by."""
    found = []
    for field in sorted(facts.layout.balance_scales, key=str):
        for writer in facts.writers_of(field):
            if writer.open or facts.movements[writer.entry].get(writer.node):
                continue
            if any(facts.movements[writer.entry].values()) or constant_or_lower(
                writer.change.value, writer.change.before
            ):
                continue
            detail = f"balanceOf scales every balance by storage {field}, which {writer.entry} changes"
            evidence = Evidence("code", detail, offset=writer.change.offset, selector=writer.entry)
            found.append(Maker(writer.entry, writer.holders, None, evidence))
    return found


def raw_writes(facts: ContractFacts) -> list[Maker]:
    """Return the entry points whose caller chooses the slot to write: the slot of a balance is one of them."""
    return [
        Maker(writer.entry, writer.holders, None, evidence_of_any_slot(writer))
        for writer in facts.any_entry
        if writer.change.value != 0 and facts.layout.balance_roots
    ]


def evidence_of_any_slot(writer: Writer) -> Evidence:
    """Return the write of a slot that its caller chooses."""
    detail = f"{writer.entry} writes any storage slot that its caller names, a balance or an allowance among them"
    return Evidence("code", detail, offset=writer.change.offset, selector=writer.entry)


def constant_or_lower(value: Word, before: Word) -> bool:
    """Return whether a written value is a constant or the old one less something."""
    if type(value) is int:
        return True
    new, old = linear(value), linear(before)
    return all(new.get(term, 0) == factor for term, factor in old.items()) and all(
        factor < 0 for term, factor in new.items() if term not in old
    )


def cap_of(facts: ContractFacts, path: PathSum) -> str | None:
    """Return the cap that every such path checks: the supply compared with a number or a field."""
    supply = facts.layout.supply_fields
    for edge in sorted(path.conditions, key=edge_order):
        term = edge.term
        if term.op != "lt":
            continue
        for side, other in ((term.args[0], term.args[1]), (term.args[1], term.args[0])):
            if not any(field.root is not None and mentions_slot(other, field.root) for field in supply):
                continue
            if type(side) is int and side > 1 << 32:
                return f"the supply stays at or below {side}"
            counted = type(side) is Term and any(f.root is not None and mentions_slot(side, f.root) for f in supply)
            if counted:
                continue  # the supply compared with itself asks whether a sum wrapped around
            if type(side) is Term and side.op in ("sload", "field") and not mentions(side, ("map",)):
                return f"the supply stays at or below {format_word(side)}"
    return None


def mentions(word: Word | None, operators: tuple[str, ...]) -> bool:
    """Return whether a word contains one of the given operators."""
    return type(word) is Term and any(term.op in operators for term in walk(word))


def mentions_slot(word: Word, slot: int) -> bool:
    """Return whether a word reads a slot."""
    return type(word) is Term and any(term.op == "sload" and term.args[0] == slot for term in walk(word))


def format_sum(path: PathSum) -> str:
    """Return the sum above zero in words."""
    parts = [(hex(factor) if term is None else format_word(term)) for term, factor in positive(path.total)[:3]]
    return " + ".join(parts)
