"""Reports by hand: a token without powers, and what makes it another."""

from __future__ import annotations

import dataclasses
from typing import Any

from tarazy.chains.evm.facts import TokenFacts
from tarazy.screening.checks.base import CAPABILITY_NAMES
from tarazy.screening.model import Answer, Capability, Evidence, Holder, HolderKind, Report, SimulatedTrade, Simulation

OWNER = Holder(HolderKind.OWNER, "storage 0x0", "0x" + "11" * 20)
ANYONE = Holder(HolderKind.ANYONE)
TOKEN = "0x" + "ab" * 20
CODE = (Evidence("code", "the code compares the caller", offset=0x1A4, selector="0x40c10f19"),)


def capability(name: str, answer: Answer, *holders: Holder, **more: Any) -> Capability:
    """Return a capability with a reason."""
    return Capability(name, answer, f"reason for {name} {answer.value}.", holders, **more)


def trades(tax_ppm: int = 0) -> tuple[SimulatedTrade, ...]:
    """Return trades that all went through, with a tax on sales."""
    return (
        SimulatedTrade("buy", "v2", True, tax_ppm=0),
        SimulatedTrade("transfer", "", True, tax_ppm=0),
        SimulatedTrade("sell", "v2", True, tax_ppm=tax_ppm),
        SimulatedTrade("sell_all", "v2", True, tax_ppm=tax_ppm),
        SimulatedTrade("sell_after_day", "v2", True, tax_ppm=tax_ppm),
        SimulatedTrade("sell_after_week", "v2", True, tax_ppm=tax_ppm),
    )


def refused() -> tuple[SimulatedTrade, ...]:
    """Return a purchase that went through and a sale that did not."""
    return (SimulatedTrade("buy", "v2", True, tax_ppm=0), SimulatedTrade("sell", "v2", False, reason="reverted"))


def simulated(state: str = "deployed", **more: Any) -> Simulation:
    """Return a simulation in which everything went through."""
    return Simulation(**{"engine": "revm 0.3.7", "state": state, "trades": trades(), "explored_calls": 3} | more)


def report(*capabilities: Capability, **more: Any) -> Report:
    """Return the report on a token without powers, but for the capabilities given."""
    answers = {name: capability(name, Answer.NO) for name in CAPABILITY_NAMES}
    answers.update((each.name, each) for each in capabilities)
    fields: dict[str, Any] = {
        "id": "r1",
        "input": "creation",
        "chain_id": None,
        "address": None,
        "code_hash": "0x" + "c0" * 32,
        "body_hash": "0x" + "b0" * 32,
        "code_bytes": 2048,
        "screened_at": "2026-11-22T10:00:00+00:00",
        "software": "tarazy 0.1.0",
        "block_number": None,
        "block_hash": None,
        "capabilities": answers,
        "token": TokenFacts("Plain", "PLN", 18, 10**24),
        "simulation": simulated(),
    }
    return Report(**fields | more)


def with_answer(before: Report, name: str, answer: Answer) -> Report:
    """Return a report in which one capability is answered otherwise, with the same holders and evidence."""
    changed = dataclasses.replace(before.capabilities[name], answer=answer)
    return dataclasses.replace(before, capabilities={**before.capabilities, name: changed})
