"""Blocking forms in the code as it is: conditions that only somebody named meets, with no switch before them.

Told apart by whom they are about: where the sender, or who collects in his name, must be somebody, nobody else sells;
where the receiver must be, nobody else buys.
"""

from __future__ import annotations

from tarazy.screening.bytecode.cached import cached
from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.layout import TRANSFER_FROM
from tarazy.screening.bytecode.restrictions import Restriction, is_bookkeeping, restrictions
from tarazy.screening.bytecode.term import Term
from tarazy.screening.checks._restricting import RestrictingPrivilege, takes_from_caller
from tarazy.screening.checks.limit import only_for_named


@cached
def blocking_forms(facts: ContractFacts) -> tuple[tuple[str, RestrictingPrivilege], ...]:
    """Return the blocking forms as (`sell` or `buy`, what it is)."""
    found: dict[str, tuple[str, RestrictingPrivilege]] = {}
    for restriction in restrictions(facts):
        if restriction.needed.holds and not is_bookkeeping(facts, restriction):
            privilege = only_for_named(facts, restriction)
            if privilege is not None:
                found.setdefault(privilege.detail, (side_of(restriction), privilege))
    for privilege in takes_from_caller(facts):
        found.setdefault(privilege.detail, ("sell", privilege))
    return tuple(found.values())


def side_of(restriction: Restriction) -> str:
    """Return which trade a condition on a party stops."""
    collected = restriction.entry == f"0x{TRANSFER_FROM:08x}"
    for side in restriction.term.args:
        party = bare(side)
        if isinstance(party, Term) and party.op == "arg":
            return "buy" if party.args[0] == (0x24 if collected else 0x4) else "sell"
    return "sell"


def forms_against(facts: ContractFacts, trade: str) -> list[RestrictingPrivilege]:
    """Return the blocking forms that stop one kind of trade."""
    return [privilege for side, privilege in blocking_forms(facts) if side == trade]
