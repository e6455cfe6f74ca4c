"""The balance of a holder can be rewritten."""

from __future__ import annotations

from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.guards import depends_on_caller
from tarazy.screening.bytecode.writer import Writer
from tarazy.screening.checks._debits import debits, selectors_of_arithmetic
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.checks.mint import evidence_of_any_slot
from tarazy.screening.model import Capability, Evidence


class BalanceChange(Check):
    """Look for balances that are lowered or set without their holder."""

    name = "balance_change"
    title = "The balance of a holder can be rewritten"
    sees = (
        "Every write of a balance by which it falls, or is set without regard to what it was, where the holder is "
        "chosen by somebody else and neither allowed nor signed it. Also a mark, kept for each address, by which "
        "balanceOf answers from another record, where somebody sets it and writes nothing into that record."
    )
    cannot_see = "Balances kept in another contract, or at places that are computed in ways not understood: unknown."
    impact = "high"
    confidence = "high"
    goplus = ("owner_change_balance",)
    fires = "balance-rewrite/vulnerable"
    must_not_fire = "balance-rewrite/benign"

    @settled("takes_balance", any_code=True)
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found, marks, raw = debits(facts), switches(facts), facts.any_entry if facts.layout.balance_roots else ()
        if found or marks or raw:
            writers = [*marks, *raw]
            entry = found[0].entry if found else writers[0].entry
            holders = [holder for debit in found for holder in debit.holders]
            holders += [holder for writer in writers for holder in writer.holders]
            return self.yes(
                f"{entry} lowers or sets a balance without its holder",
                *(debit.evidence for debit in found[:6]),
                *map(evidence_of, marks[: 6 - len(found[:6])]),
                *map(evidence_of_any_slot, raw[:2]),
                holders=tuple(dict.fromkeys(holders)),
            )
        if not facts.layout.balance_roots:
            return self.unknown("where balances are kept was not found in the code")
        unclear = [name for name, (_, complete) in facts.sums.items() if not complete]
        if unclear:
            return self.unknown(f"{unclear[0]} has more paths than were followed")
        return self.no("no balance falls, or is set, without the holder")


def switches(facts: ContractFacts) -> list[Writer]:
    """Return the writes of marks by which balanceOf answers from another record, into which nothing is written."""
    return [
        writer
        for field in sorted(selectors_of_arithmetic(facts), key=str)
        for writer in facts.writers_of(field)
        if not any(map(depends_on_caller, writer.change.place.keys)) and not any(facts.movements[writer.entry].values())
    ]


def evidence_of(writer: Writer) -> Evidence:
    """Return the write of a mark."""
    detail = f"{writer.entry} sets storage {writer.change.field}, by which balanceOf answers from another record"
    return Evidence("code", detail, offset=writer.change.offset, selector=writer.entry)
