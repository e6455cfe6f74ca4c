"""What a condition of a transfer says of those who take part: who they are, and what else it leaves open."""

from __future__ import annotations

from collections.abc import Iterable

from tarazy.screening.bytecode.allowed import baseline
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.evaluation import FAR, evaluate
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.layout import TRANSFER_FROM, fields_in
from tarazy.screening.bytecode.locations import locate
from tarazy.screening.bytecode.restrictions import CLOCK, Restriction
from tarazy.screening.bytecode.term import Term, Word, walk
from tarazy.screening.checks._restricting import RestrictingPrivilege
from tarazy.screening.model import Evidence, Holder, HolderKind


def is_caller_or_party(word: Word) -> bool:
    """Return whether a word is just one who takes part in the transfer."""
    word = bare(word)
    return isinstance(word, Term) and word.op in ("caller", "origin", "arg")


def asks_who(term: Term) -> bool:
    """Return whether a condition asks who a party is: compared, listed in a mapping, or a contract."""
    if term.op == "eq":
        return any(map(is_caller_or_party, term.args))
    if term.op == "extcodesize":
        return is_caller_or_party(term.args[0])
    load = term.args[0] if term.op == "field" else term
    return isinstance(load, Term) and load.op == "sload" and any(map(is_caller_or_party, locate(load.args[0]).keys))


def asks_for_party(restriction: Restriction) -> bool:
    """Return whether transferFrom asks that its caller is the sender or the receiver."""
    term, holds = restriction.needed
    parties = {word.op for side in term.args if isinstance(word := bare(side), Term)} if term.op == "eq" else set()
    return holds and restriction.entry == f"0x{TRANSFER_FROM:08x}" and parties == {"caller", "arg"}


def is_implied(edge: Edge, context: Iterable[Edge]) -> bool:
    """Return whether a condition says no more than that an address is stored, with which another compares a party."""
    same = (other.term.args for other in context if other.holds and other.term.op == "eq")
    return edge.holds and any(bare(edge.term) in map(bare, sides) for sides in same)


def is_about_addresses(facts: ContractFacts, entry: str, edge: Edge) -> bool:
    """Return whether a condition says no more than who the parties are, or holds for any baseline transfer.

    That a party is the token itself or nobody, or has less than it sends, is no baseline transfer.
    """
    term = edge.term
    fields = [field for field in fields_in(term) if not facts.layout.keeps_books(field)]
    if any(inner.op in CLOCK for inner in walk(term)):
        return holds_far_on(facts, entry, edge)
    if term.op == "extcodesize" and is_caller_or_party(term.args[0]):
        return True
    if not fields and not any(type(side) is int and side > 0xFFFF for side in term.args):
        return bool(evaluate(term, baseline(facts, entry, {}))) is edge.holds
    return term.op == "eq"


def holds_far_on(facts: ContractFacts, entry: str, edge: Edge) -> bool:
    """Return whether a condition on the clock holds long after launch: a bomb; before launch it is a switch."""
    words = {facts.pool.term(name): FAR for name in CLOCK}
    return bool(evaluate(edge.term, baseline(facts, entry, {}, words))) is edge.holds


def only_by_party(facts: ContractFacts, restriction: Restriction) -> RestrictingPrivilege | None:
    """Return that transferFrom passes only where the caller is himself sender or receiver: no router sells."""
    term, holds = restriction.needed
    if restriction.entry != f"0x{TRANSFER_FROM:08x}" or term.op != "eq" or not holds:
        return None
    parties = {word.op for side in term.args if isinstance(word := bare(side), Term)}
    if parties != {"caller", "arg"} or any(
        not is_about_addresses(facts, restriction.entry, e) for e in restriction.context
    ):
        return None
    detail = f"transferFrom passes {restriction.offset:#x} only where its caller is a party: no router can sell"
    evidence = Evidence("code", detail, offset=restriction.offset, selector=restriction.entry)
    return RestrictingPrivilege(detail, (Holder(HolderKind.NOBODY, "the code alone"),), evidence)
