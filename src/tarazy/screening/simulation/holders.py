"""The accounts behind a guard: who they are in this state, or who is put there where the state is made up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.proxies import ADMIN_SLOT, OLD_ADMIN_SLOT
from tarazy.screening.bytecode.guards import ADMIN_SLOTS
from tarazy.screening.model import Holder, HolderKind
from tarazy.screening.simulation.actors import ADMIN, MEMBER, OWNER, actor
from tarazy.screening.simulation.engine import EvmEngine, address_of
from tarazy.screening.simulation.target import Facts

FIELD = re.compile(r"storage (0x[0-9a-f]+)(?:\+(\d+))?(?: bits (\d+)\.\.\d+)?")
ROLE = re.compile(r"mapping (0x[0-9a-f]+)\[\]")
ADDRESS_BITS = (1 << 160) - 1
# EIP-1967: keccak("eip1967.proxy.implementation") - 1.
IMPLEMENTATION_SLOT = int.from_bytes(keccak256(b"eip1967.proxy.implementation"), "big") - 1
NAMES = {
    HolderKind.ANYONE: "stranger",
    HolderKind.ROLE: "member of a role",
    HolderKind.FIXED_ADDRESS: "account named in the code",
    HolderKind.CONTRACT: "deployer, as another contract may know him",
}


@dataclass(frozen=True, slots=True)
class PrivilegedAccount:
    """An account and the kind of privilege by which it acts. `entry` is storage that makes it a member of a role."""

    address: str
    kind: HolderKind
    entry: tuple[int, int] | None = None  # (slot, value), written where the state is made up

    @property
    def name(self) -> str:
        """Return the actor's name as a story tells it."""
        return NAMES.get(self.kind, self.kind.value.replace("_", " "))


def mapping_slot(key: int, root: int, style: str = "solidity") -> int:
    """Return the slot of a mapping's entry."""
    if style == "packed":
        return int.from_bytes(keccak256(key.to_bytes(20, "big") + root.to_bytes(12, "big")), "big")
    pair = (key, root) if style == "solidity" else (root, key)
    return int.from_bytes(keccak256(b"".join(part.to_bytes(32, "big") for part in pair)), "big")


def nested_slot(owner: int, spender: int, root: int, style: str = "solidity") -> int:
    """Return the slot of an entry that two accounts lead to, as an allowance's."""
    if style == "packed":
        parts = owner.to_bytes(20, "big") + root.to_bytes(12, "big") + spender.to_bytes(20, "big")
        return int.from_bytes(keccak256(parts), "big")
    return mapping_slot(spender, mapping_slot(owner, root, style), style)


def field_of(holder: Holder) -> tuple[int, int] | None:
    """Return (slot, lowest bit) of the storage field that names a holder, None for other holders."""
    found = FIELD.match(holder.where)
    if not found or "[" in holder.where:
        return None
    return int(found[1], 16) + int(found[2] or 0), int(found[3] or 0)


def owner_fields(facts: Facts) -> dict[tuple[int, int], HolderKind]:
    """Return (slot, lowest bit) of every address field that gives privilege, with the kind of its holder."""
    fields = {(slot, 8 * offset): HolderKind.OWNER for slot, offset in facts.layout.owners}
    for entry in facts.entry_points:
        for holder in entry.guards:
            place = field_of(holder)
            if place is not None:
                fields[place] = holder.kind
    return dict(sorted(fields.items()))


def appoint(engine: EvmEngine, token: str, facts: Facts) -> str:
    """Write an account into every empty owner field, another one into each, and return the one that is the owner."""
    appointed: str | None = None
    for number, ((slot, low), kind) in enumerate(owner_fields(facts).items()):
        now = engine.storage(token, slot)
        if (now >> low) & ADDRESS_BITS:
            continue
        if kind is HolderKind.PROXY_ADMIN:
            account = ADMIN
        elif kind is HolderKind.OWNER and appointed is None:
            account = appointed = OWNER
        else:
            account = actor(f"{kind.value} {number}")
        engine.set_storage(token, {slot: now | int(account, 16) << low})
    return appointed or OWNER


def account_of(engine: EvmEngine, token: str, holder: Holder) -> PrivilegedAccount | None:
    """Return the account that holds a privilege now; None where nobody does, or nobody can be told."""
    if holder.kind is HolderKind.NOBODY:
        return None
    if holder.address is not None:
        return PrivilegedAccount(holder.address, holder.kind)
    place = field_of(holder)
    if place is not None:
        account = (engine.storage(token, place[0]) >> place[1]) & ADDRESS_BITS
        kind = HolderKind.PROXY_ADMIN if place[0] in ADMIN_SLOTS else holder.kind
        return PrivilegedAccount(address_of(account), kind) if account else None
    if ROLE.match(holder.where):
        return PrivilegedAccount(
            OWNER, holder.kind
        )  # who deployed is a member of what the constructor filled, or nobody known is
    if holder.kind is HolderKind.PROXY_ADMIN:
        account = (engine.storage(token, ADMIN_SLOT) or engine.storage(token, OLD_ADMIN_SLOT)) & ADDRESS_BITS
        return PrivilegedAccount(address_of(account), holder.kind) if account else None
    return None


def member_of(holder: Holder, style: str) -> PrivilegedAccount | None:
    """Return an account that is made a member of a role, for what members could do; None where it is no such role."""
    role = ROLE.match(holder.where)
    if role is None:
        return None
    return PrivilegedAccount(MEMBER, holder.kind, (mapping_slot(int(MEMBER, 16), int(role[1], 16), style), 1))
