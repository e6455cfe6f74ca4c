"""Ways to restrict that are no condition: whose tokens a transfer takes, and whose answer becomes a balance."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.layout import TRANSFER_FROM, fields_in
from tarazy.screening.bytecode.locations import format_word
from tarazy.screening.bytecode.restrictions import asked
from tarazy.screening.bytecode.term import Term
from tarazy.screening.model import Evidence, Holder, HolderKind


class RestrictingPrivilege(NamedTuple):
    """One way to restrict."""

    detail: str
    holders: tuple[Holder, ...]
    evidence: Evidence


@cached
def takes_from_caller(facts: ContractFacts) -> tuple[RestrictingPrivilege, ...]:
    """Return that transferFrom lowers its caller's balance and not the sender's: no pool can collect a sale."""
    name = f"0x{TRANSFER_FROM:08x}"
    sender, caller = facts.pool.term("arg", 0x4), facts.pool.term("caller")
    own = None
    for path in facts.sums.get(name, ([], True))[0]:
        lowered = [m for m in path.movements if m.lowers]
        of_sender = any(bare(m.holder) is sender for m in lowered)
        is_sender = any(
            e.holds and e.term.op == "eq" and {*map(bare, e.term.args)} == {sender, caller} for e in path.conditions
        )
        if not of_sender and not is_sender:
            own = own or next((m for m in lowered if bare(m.holder) is caller), None)
    if own is None or not facts.sums[name][1]:
        return ()
    detail = "transferFrom takes its caller's tokens and not the sender's, so that no pool can be sold to"
    evidence = Evidence("code", detail, offset=own.change.offset, selector=name)
    return (RestrictingPrivilege(detail, (Holder(HolderKind.NOBODY, "the code alone"),), evidence),)


def answered_balances(facts: ContractFacts) -> list[RestrictingPrivilege]:
    """Return that another contract's answer becomes the sender's balance in a transfer: it can be nothing."""
    found = []
    for name in facts.transfers:
        flow = facts.flows[name]
        for movement in (m for made in facts.movements[name].values() for m in made if m.overwrites):
            value = movement.change.value
            if not isinstance(value, Term) or any(facts.layout.keeps_balance(f) for f in fields_in(value)):
                continue
            calls = [call for call in asked(flow, value) if call.target != 1]
            if calls:
                detail = f"in {name} the answer of {format_word(calls[0].target)} becomes a balance"
                holder = Holder(HolderKind.CONTRACT, f"the answer of {format_word(calls[0].target)}")
                evidence = Evidence("code", detail, offset=movement.change.offset, selector=name)
                found.append(RestrictingPrivilege(detail, (holder,), evidence))
                break
    return found
