"""The code behind a proxy: found in the state where it is, and read together with the proxy's own entry points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tarazy.chains.evm.abi import selector
from tarazy.chains.evm.code import keccak256
from tarazy.screening.bytecode.facts import analyse
from tarazy.screening.simulation.actors import BYSTANDER
from tarazy.screening.simulation.engine import EvmEngine, address_of, view
from tarazy.screening.simulation.holders import ADDRESS_BITS, IMPLEMENTATION_SLOT
from tarazy.screening.simulation.target import Facts, TargetEntryPoint, TargetLayout

CODE_BYTES_MAX = 49_152
SMALL_PROXY_BYTES = 1_500
# Where proxies of before EIP-1967 keep the implementation, and where EIP-1967 keeps a beacon.
OLD_SLOT = int.from_bytes(keccak256(b"org.zeppelinos.proxy.implementation"), "big")
UUPS_SLOT = int.from_bytes(keccak256(b"PROXIABLE"), "big")
BEACON_SLOT = int.from_bytes(keccak256(b"eip1967.proxy.beacon"), "big") - 1
CLONE_HEAD, CLONE_TAIL = bytes.fromhex("363d3d373d3d3d363d73"), bytes.fromhex("5af43d82803e903d91602b57fd5bf3")


@dataclass(frozen=True, slots=True)
class Combined:
    """The facts of a proxy and of the code behind it: the entry points of both, the layout of the implementation."""

    entry_points: Sequence[TargetEntryPoint]
    layout: TargetLayout


def implementation_of(engine: EvmEngine, token: str) -> str | None:
    """Return the address of the code behind a proxy, None where the contract is none."""
    code = engine.code(token)
    if code.startswith(CLONE_HEAD) and code[30:].startswith(CLONE_TAIL):
        return "0x" + code[10:30].hex()
    for slot in (IMPLEMENTATION_SLOT, OLD_SLOT, UUPS_SLOT):
        account = engine.storage(token, slot) & ADDRESS_BITS
        if account:
            return address_of(account)
    beacon = engine.storage(token, BEACON_SLOT) & ADDRESS_BITS
    if beacon:
        answer = view(engine, address_of(beacon), selector("implementation()"), BYSTANDER).word
        return address_of(answer) if answer else None
    return called_by(engine, token) if len(code) < SMALL_PROXY_BYTES else None


def called_by(engine: EvmEngine, token: str) -> str | None:
    """Return the only other contract that a small contract reaches when it is asked for the supply."""
    before = set(engine.accessed())
    view(engine, token, selector("totalSupply()"), BYSTANDER)
    reached = [account for account in engine.accessed() if account not in before and engine.code(account)]
    return reached[0] if len(reached) == 1 else None


def combine(engine: EvmEngine, token: str, facts: Facts) -> Facts:
    """Return the facts of what really answers at an address; the given ones where it is no proxy."""
    resolved = implementation_of(engine, token)
    code = engine.code(resolved) if resolved else b""
    if not code or len(code) > CODE_BYTES_MAX:
        return facts
    inner = analyse(code)
    known = {entry.selector for entry in facts.entry_points}
    added = [entry for entry in inner.entry_points if entry.selector not in known]
    return Combined((*facts.entry_points, *added), Owners(inner.layout, facts.layout.owners))


@dataclass(frozen=True, slots=True)
class Owners:
    """A layout with the owner fields of the proxy beside its own."""

    inner: TargetLayout
    of_proxy: tuple[tuple[int, int], ...]

    @property
    def balances(self) -> int | None:
        """Return the slot of the balance mapping."""
        return self.inner.balances

    @property
    def balances_style(self) -> str:
        """Return how an entry's place is made."""
        return self.inner.balances_style

    @property
    def total_supply(self) -> int | None:
        """Return the slot of the supply."""
        return self.inner.total_supply

    @property
    def owners(self) -> tuple[tuple[int, int], ...]:
        """Return the owner fields of both."""
        return tuple(dict.fromkeys((*self.inner.owners, *self.of_proxy)))
