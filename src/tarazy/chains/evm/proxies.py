"""Where a contract's code really is: the proxies in use, resolved from code and storage.

Storage is always that of the proxy, also behind several; code is that of the last implementation.
A slot that is filled is no proxy by itself: the code must be able to delegate a call.
Known limits: a target that is computed (diamonds, registries) is not resolved; the reading says so.
Source: ERC-1167, ERC-1822, ERC-1967, ERC-897, EIP-7702.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tarazy.chains.evm import abi, values
from tarazy.chains.evm.code import Code, keccak256
from tarazy.chains.evm.state import ChainState

DELEGATECALL = 0xF4
PUSH15, PUSH20 = 0x6E, 0x73
DEPTH_MAX = 4
MINIMAL_BYTES_MAX = 120  # a minimal proxy is 44 to 60 bytes in all its variants
MINIMAL_PREFIX = bytes.fromhex("363d3d373d3d3d363d73")
DELEGATION_PREFIX = bytes.fromhex("ef0100")


def _slot(text: str, less: int = 0) -> int:
    return int.from_bytes(keccak256(text.encode()), "big") - less


IMPLEMENTATION_SLOT = _slot("eip1967.proxy.implementation", 1)
BEACON_SLOT = _slot("eip1967.proxy.beacon", 1)
ADMIN_SLOT = _slot("eip1967.proxy.admin", 1)
PROXIABLE_SLOT = _slot("PROXIABLE")
OLD_IMPLEMENTATION_SLOT = _slot("org.zeppelinos.proxy.implementation")
OLD_ADMIN_SLOT = _slot("org.zeppelinos.proxy.admin")
TARGET_SLOTS = {"erc1967": IMPLEMENTATION_SLOT, "erc1822": PROXIABLE_SLOT, "zeppelinos": OLD_IMPLEMENTATION_SLOT}

# What reads code for the slots from which it takes the target of a delegated call.
SlotReader = Callable[[bytes], Sequence[int]]


@dataclass(frozen=True, slots=True)
class ResolvedProxy:
    """How one contract stands before another.

    `slot` is where the target is kept; None where it stands in the code or is computed. `admin_owner` is who owns
    the admin where the admin is a contract with an owner.
    """

    kind: str  # "erc1967", "beacon", "erc1822", "zeppelinos", "minimal", "eip7702", "slot", "erc897"
    implementation: str
    slot: int | None = None
    beacon: str | None = None
    beacon_owner: str | None = None
    admin: str | None = None
    admin_owner: str | None = None


def delegates(code: bytes) -> bool:
    """Return whether the code can delegate a call."""
    return any(each.opcode == DELEGATECALL for each in Code(code).instructions)


def fixed_target(code: bytes) -> str | None:
    """Return the target that a minimal proxy has in its code."""
    if code.startswith(MINIMAL_PREFIX):
        return values.as_hex(code[10:30]) if len(code) >= 45 else None
    if len(code) > MINIMAL_BYTES_MAX or not delegates(code):
        return None
    pushed = [each.operand for each in Code(code).instructions if PUSH15 <= each.opcode <= PUSH20]
    return f"0x{pushed[0]:040x}" if len(pushed) == 1 and pushed[0] else None


def no_slots(code: bytes) -> tuple[int, ...]:
    """Return no slots: the code is not read."""
    return ()


def resolve(state: ChainState, target_slots: SlotReader = no_slots) -> tuple[ResolvedProxy, ...]:
    """Return the proxies from the contract inwards; none where it is no proxy.

    Besides the standard places, slots are looked at from which the code itself takes its target, as `target_slots`
    reads them from the code.
    """
    found: list[ResolvedProxy] = []
    code = state.code()
    seen = {state.address}
    while len(found) < DEPTH_MAX:
        proxy = _proxy(state, code, target_slots, bool(found))
        if proxy is None or proxy.implementation in seen:
            break
        found.append(proxy)
        seen.add(proxy.implementation)
        code = state.code(proxy.implementation)
    return tuple(found)


def _proxy(state: ChainState, code: bytes, target_slots: SlotReader, inner: bool) -> ResolvedProxy | None:
    if code.startswith(DELEGATION_PREFIX) and len(code) == 23:
        return ResolvedProxy("eip7702", values.as_hex(code[3:]))
    target = fixed_target(code)
    if target is not None and state.code(target):
        return ResolvedProxy("minimal", target)
    if not delegates(code):
        return None
    found = _by_known_slot(state) or _by_beacon(state) or _by_given_slot(state, target_slots(code))
    if found or inner:
        return found
    return _by_answer(state)


def _by_known_slot(state: ChainState) -> ResolvedProxy | None:
    for kind, slot in TARGET_SLOTS.items():
        target = _contract_in(state, slot)
        if target is not None:
            admin, owner = read_admin(state)
            return ResolvedProxy(kind, target, slot, admin=admin, admin_owner=owner)
    return None


def _by_beacon(state: ChainState) -> ResolvedProxy | None:
    beacon = _contract_in(state, BEACON_SLOT)
    if beacon is None:
        return None
    target = _asked(state, "implementation()", beacon)
    if target is None or not state.code(target):
        return None
    return ResolvedProxy("beacon", target, BEACON_SLOT, beacon, _asked(state, "owner()", beacon), *read_admin(state))


def _by_given_slot(state: ChainState, slots: Sequence[int]) -> ResolvedProxy | None:
    for slot in slots:
        target = _contract_in(state, slot)
        if target is not None:
            return ResolvedProxy("slot", target, slot)
    return None


def _by_answer(state: ChainState) -> ResolvedProxy | None:
    target = _asked(state, "implementation()", state.address)
    if target is None or not _is_contract(state, target):
        return None
    return ResolvedProxy("erc897", target, admin=_asked(state, "admin()", state.address))


def read_admin(state: ChainState) -> tuple[str | None, str | None]:
    """Return the admin in its slot, old or new, and the admin's owner where the admin is a contract with one."""
    admin = state.address_in(ADMIN_SLOT) or state.address_in(OLD_ADMIN_SLOT)
    if admin is None or not state.code(admin):
        return admin, None
    return admin, _asked(state, "owner()", admin)


def _contract_in(state: ChainState, slot: int) -> str | None:
    target = values.address_of_word(state.storage(slot))
    return target if target is not None and _is_contract(state, target) else None


def _is_contract(state: ChainState, target: str) -> bool:
    return target not in (state.address, values.ZERO_ADDRESS) and bool(state.code(target))


def _asked(state: ChainState, signature: str, to: str) -> str | None:
    answer = state.call(abi.selector(signature), to)
    found = abi.address(answer) if answer is not None else None
    return None if found == values.ZERO_ADDRESS else found
