"""Traps that stand in the code as it is: conditions that only somebody named meets, with no switch before them.

Told apart by whom they are about: where the sender, or who collects in his name, must be somebody, nobody else sells;
where the receiver must be, nobody else buys.
"""

from __future__ import annotations

from tarazy.screening.bytecode.consents import bare
from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.kept import kept
from tarazy.screening.bytecode.layout import TRANSFER_FROM
from tarazy.screening.bytecode.restrictions import Restriction, is_housekeeping, restrictions
from tarazy.screening.bytecode.term import Term
from tarazy.screening.checks.limit import Power, only_for_named


@kept
def trap_forms(facts: ContractFacts) -> tuple[tuple[str, Power], ...]:
    """Return the trap forms as (`sell` or `buy`, what it is)."""
    found: dict[str, tuple[str, Power]] = {}
    for restriction in restrictions(facts):
        if restriction.needed.holds and not is_housekeeping(facts, restriction):
            power = only_for_named(facts, restriction)
            if power is not None:
                found.setdefault(power.detail, (side_of(restriction), power))
    return tuple(found.values())


def side_of(restriction: Restriction) -> str:
    """Return which trade a condition on a party stops."""
    collected = restriction.entry == f"0x{TRANSFER_FROM:08x}"
    for side in restriction.term.args:
        party = bare(side)
        if isinstance(party, Term) and party.op == "arg":
            return "buy" if party.args[0] == (0x24 if collected else 0x4) else "sell"
    return "sell"


def forms_against(facts: ContractFacts, trade: str) -> list[Power]:
    """Return the trap forms that stop one kind of trade."""
    return [power for side, power in trap_forms(facts) if side == trade]
