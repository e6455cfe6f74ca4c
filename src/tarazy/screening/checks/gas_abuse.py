"""A transfer spends the caller's gas on what is none of his business."""

from __future__ import annotations

from tarazy.screening.bytecode.facts import ContractFacts
from tarazy.screening.bytecode.flow import ValueFlow, successors
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._trading import real, trades_of
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Answer, Capability, Evidence, Holder, HolderKind, SimulatedTrade

WRITES_MAX = 36  # on one way; a transfer needs two or three, one with fees ten, one that remembers history 25
GAS_MAX = 600_000  # of a plain transfer between two holders; it needs about 50,000, with fees 200,000
MINTS = frozenset({0xA0712D68, 0x3F4BA83A})  # mint(uint256) of tokens that store gas


class GasAbuse(Check):
    """Count what a transfer writes, and find contracts that it makes."""

    name = "gas_abuse"
    title = "Transfers burn the caller's gas for somebody else"
    sees = (
        f"Paths of transfer and transferFrom that write storage more than {WRITES_MAX} times, make contracts, or have "
        f"tokens made that store gas. Where a transfer was simulated: one that took more than {GAS_MAX:,} gas."
    )
    cannot_see = "Loops whose length storage decides, which the reading goes through a few times only."
    impact = "low"
    confidence = "medium"
    goplus = ("gas_abuse",)
    fires = "gas-abuse/vulnerable"
    must_not_fire = "gas-abuse/benign"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        measured = transfers_of(subject)
        found = self.read(subject, [each for trade in measured for each in too_dear(trade)])
        if found.answer is Answer.UNKNOWN and measured:
            return self.no(f"a simulated transfer took {max(trade.gas_used or 0 for trade in measured):,} gas")
        return found

    @settled()
    def read(self, subject: Subject, simulated: list[Evidence]) -> Capability:
        """Answer from the code and from what was measured."""
        facts = subject.facts
        evidence = [found for name in facts.transfers for found in spending(facts, name)] + simulated
        if evidence:
            holder = Holder(HolderKind.NOBODY, "the code does it by itself")
            return self.yes(evidence[0].detail, *evidence[:4], holders=(holder,))
        return self.no("transfers write little, make no contracts and store no gas")


def spending(facts: ContractFacts, name: str) -> list[Evidence]:
    """Return what one entry point spends gas on."""
    flow = facts.flows[name]
    found = []
    for number in flow.order:
        for call in flow.nodes[number].calls if number in flow.can_succeed else ():
            if call.kind in ("CREATE", "CREATE2") or (call.kind == "CALL" and call.selector in MINTS):
                what = "makes a contract" if call.kind != "CALL" else "has tokens made by another contract"
                found.append(Evidence("code", f"{name} {what} on every such transfer", call.offset, name))
    most, last = most_writes(flow)
    if most > WRITES_MAX:
        found.append(Evidence("code", f"{name} writes storage {most} times", last, name))
    return found


def most_writes(flow: ValueFlow) -> tuple[int, int]:
    """Return how often the path with most writes does it, loops once, and where the last of them stands."""
    most: dict[int, tuple[int, int]] = {}
    best = (0, 0)
    for number in flow.order:
        if number not in flow.can_succeed:
            continue
        node = flow.nodes[number]
        count, last = most.get(number, (0, 0))
        count += len(node.writes)
        last = node.writes[-1].offset if node.writes else last
        best = max(best, (count, last))
        for target, _ in successors(node):
            if flow.place.get(target, -1) > flow.place[number]:
                most[target] = max(most.get(target, (0, 0)), (count, last))
    return best


def transfers_of(subject: Subject) -> list[SimulatedTrade]:
    """Return the simulated transfers between holders that went through."""
    simulation = real(subject)
    trades = trades_of(simulation, "transfer") if simulation is not None else []
    return [trade for trade in trades if trade.succeeded and trade.gas_used]


def too_dear(trade: SimulatedTrade) -> list[Evidence]:
    """Return the evidence that a simulated transfer took too much gas."""
    gas = trade.gas_used or 0
    return [Evidence("trace", f"a simulated transfer took {gas:,} gas")] if gas > GAS_MAX else []
