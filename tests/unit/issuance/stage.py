"""Our contracts on an engine: deploy, call, ask, let time pass; a refusal is an exception that names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tarazy.chains.evm.own_contracts import Contract, contract
from tarazy.screening.simulation.engine import EvmEngine
from tarazy.screening.simulation.engines import load_engine

ANN, BEN, EVE = ("0x" + digits * 20 for digits in ("a1", "b2", "e7"))
ODD = Path(__file__).parent / "contracts" / "Odd.json"
DAY = 86_400


class RefusedError(Exception):
    """A call reverted with this error of the contract."""


def odd(name: str) -> Contract:
    """Return one of the odd contracts."""
    parts = json.loads(ODD.read_text())["contracts"][name]
    return Contract(name, parts["abi"], bytes.fromhex(parts["creation"][2:]), bytes.fromhex(parts["runtime"][2:]))


class Placed:
    """A contract at an address."""

    def __init__(self, stage: Stage, of: Contract, address: str) -> None:
        self.stage, self.of, self.address = stage, of, address

    def do(self, caller: str, function: str, *arguments: Any) -> Any:
        """Send a call; return its answer.

        Raises: RefusedError.
        """
        outcome = self.stage.engine.call(caller, self.address, self.of.call_data(function, *arguments))
        if not outcome.succeeded:
            raise RefusedError(self.of.error_name(outcome.output) or outcome.reason)
        return self.of.answer(function, outcome.output) if self.has_answer(function) else None

    def attempt(self, caller: str, function: str, *arguments: Any) -> str:
        """Send a call; return the name of the refusal, empty where it went through."""
        try:
            self.do(caller, function, *arguments)
        except RefusedError as refusal:
            return str(refusal)
        return ""

    def ask(self, function: str, *arguments: Any) -> Any:
        """Return what a view answers."""
        before = self.stage.engine.snapshot()
        try:
            return self.do(EVE, function, *arguments)
        finally:
            self.stage.engine.revert(before)

    def has_answer(self, function: str) -> bool:
        return any(entry.get("name") == function and entry.get("outputs") for entry in self.of.abi)


class Stage:
    """An engine with three accounts."""

    def __init__(self, engine: EvmEngine | None = None) -> None:
        self.engine = engine or load_engine("revm")
        for account in (ANN, BEN, EVE):
            self.engine.set_balance(account, 10**20)

    @property
    def now(self) -> int:
        return self.engine.block.time_s

    def pass_time(self, seconds: int) -> None:
        self.engine.set_block(self.engine.block.after(seconds))

    def place(self, of: Contract, *arguments: Any, creation: bytes | None = None) -> Placed:
        outcome = self.engine.deploy(ANN, creation or of.deployment(*arguments))
        if outcome.created is None:
            raise RefusedError(of.error_name(outcome.output) or outcome.reason)
        return Placed(self, of, outcome.created)

    def token(self, name: str = "FixedToken", supply: int = 10**24, *more: Any) -> Placed:
        return self.place(contract(name), "Plain", "PLN", 18, supply, ANN, *more)

    def time_lock(self) -> Placed:
        return self.place(contract("TimeLock"))
