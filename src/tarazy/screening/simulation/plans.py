"""Who may call what: the holders of every guard in the present state, and others who might have a way in."""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.model import Holder, HolderKind
from tarazy.screening.simulation.actions import TRANSFER, TRANSFER_FROM, trading_numbers
from tarazy.screening.simulation.actors import OWNER, STRANGER, fund
from tarazy.screening.simulation.engine import address_of
from tarazy.screening.simulation.holders import ADDRESS_BITS, PrivilegedAccount, account_of, member_of, owner_fields
from tarazy.screening.simulation.listing import Listed
from tarazy.screening.simulation.target import TargetEntryPoint
from tarazy.screening.simulation.venues import RANGE_FACTORY, RANGE_ROUTER, VENUES

SUSPECTS_MAX = 6
TRANSFERS = (TRANSFER, TRANSFER_FROM)
PUSH20 = 0x73
EXCHANGES = frozenset(
    [RANGE_FACTORY, RANGE_ROUTER] + [address for v in VENUES for address in (v.router, v.factory, v.weth)]
)


PROXY_GUARD = Holder(HolderKind.PROXY_ADMIN, "the proxy's admin")


@dataclass(frozen=True, slots=True)
class Added:
    """An entry point that static reading of the implementation does not show: it is the proxy's own."""

    selector: str
    types: tuple[str, ...]
    payable: bool = False
    view: bool = False
    guards: tuple[Holder, ...] = (PROXY_GUARD,)
    interesting: tuple[int, ...] = ()
    writes: tuple[str, ...] = ()


UPGRADES = ("0x3659cfe6", "0x4f1ef286", "0x8f283970")  # upgradeTo, upgradeToAndCall, changeAdmin
PROXY_ENTRIES = (Added(UPGRADES[0], ("address",)), Added(UPGRADES[1], ("address", "bytes"), payable=True))


def plan_of(listed: Listed, proxied: bool = False) -> list[tuple[TargetEntryPoint, list[PrivilegedAccount]]]:
    """Return who may call what, in the order of the code."""
    found = []
    entries: list[TargetEntryPoint] = [*listed.facts.entry_points, *(PROXY_ENTRIES if proxied else ())]
    for entry in entries:
        if entry.view:
            continue
        accounts = accounts_of(listed, entry)
        fund(listed.engine, *(privileged.address for privileged in accounts))
        found.append((entry, accounts))
    return found


def accounts_of(listed: Listed, entry: TargetEntryPoint) -> list[PrivilegedAccount]:
    """Return who may call an entry point."""
    owner = PrivilegedAccount(listed.owner, HolderKind.OWNER)
    if not entry.guards:
        admin = account_of(listed.engine, listed.token, PROXY_GUARD) if entry.selector in UPGRADES else None
        return [PrivilegedAccount(STRANGER, HolderKind.ANYONE), admin or owner]
    style, bound = listed.facts.layout.balances_style, code_bound(listed)
    accounts: dict[tuple[str, bool], PrivilegedAccount] = {}
    for holder in entry.guards:
        for privileged in (account_of(listed.engine, listed.token, holder), member_of(holder, style)):
            if privileged is not None and privileged.address not in bound:
                accounts.setdefault((privileged.address, privileged.entry is None), privileged)
    if not accounts and any(holder.kind is HolderKind.CONTRACT for holder in entry.guards):
        return [PrivilegedAccount(OWNER, HolderKind.CONTRACT)]  # another contract may know the deployer
    return list(accounts.values())


def suspects(listed: Listed) -> list[PrivilegedAccount]:
    """Return the accounts that the code or its owner fields name: it may treat them in ways that no guard shows."""
    written = [*constants(listed.engine.code(listed.token)), *compared(listed)]
    named = [PrivilegedAccount(address, HolderKind.FIXED_ADDRESS) for address in written]
    for (slot, low), kind in owner_fields(listed.facts).items():
        account = (listed.engine.storage(listed.token, slot) >> low) & ADDRESS_BITS
        if account:
            named.append(PrivilegedAccount(address_of(account), kind))
    bound = {listed.owner, *code_bound(listed)}
    accounts = {privileged.address: privileged for privileged in named if privileged.address not in bound}
    fund(listed.engine, *accounts)
    return list(accounts.values())[:SUSPECTS_MAX]


def code_bound(listed: Listed) -> frozenset[str]:
    """Return the token, its pool and the exchanges: contracts that do what their code says, at nobody's wish."""
    pool = [listed.market.pool] if listed.market is not None else []
    return EXCHANGES.union((listed.token, *pool))


def compared(listed: Listed) -> list[str]:
    """Return numbers that transfers are compared with and that could be addresses with leading zeros."""
    numbers = trading_numbers(listed.facts.entry_points, listed.engine.code(listed.token))
    return [address_of(value) for value in numbers if value > 0xFFFF]


def constants(code: bytes) -> list[str]:
    """Return the addresses that the code pushes, without those of exchanges and precompiled contracts."""
    found, at = [], 0
    while at < len(code):
        instruction = code[at]
        size = instruction - 0x5F if 0x60 <= instruction <= 0x7F else 0
        if instruction == PUSH20:
            address = "0x" + code[at + 1 : at + 21].ljust(20, b"\0").hex()
            if 0xFFFF < int(address, 16) < ADDRESS_BITS and address not in EXCHANGES:
                found.append(address)
        at += 1 + size
    return list(dict.fromkeys(found))
