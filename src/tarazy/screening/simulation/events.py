"""Events in words: name and arguments where the first topic is that of a well-known event."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from tarazy.screening.simulation.abi import decoded, topic
from tarazy.screening.simulation.engine import EmittedLog

# name(type argument, ...), with ! for arguments that are topics; one event may have several forms.
FORMS = """
Transfer(address !from, address !to, uint256 value)
Transfer(address !from, address !to, uint256 !token_id)
Approval(address !owner, address !spender, uint256 value)
Approval(address !owner, address !spender, uint256 !token_id)
Approval(address !owner, address !token, address !spender, uint160 value, uint48 expiration)
ApprovalForAll(address !owner, address !operator, bool approved)
TransferSingle(address !operator, address !from, address !to, uint256 id, uint256 value)
TransferBatch(address !operator, address !from, address !to, uint256[] ids, uint256[] values)
Deposit(address !to, uint256 value)
Withdrawal(address !from, uint256 value)
Swap(address !sender, uint256 amount0_in, uint256 amount1_in, uint256 amount0_out, uint256 amount1_out, address !to)
Swap(address !sender, address !to, int256 amount0, int256 amount1, uint160 price, uint128 liquidity, int24 tick)
Sync(uint112 reserve0, uint112 reserve1)
Mint(address !sender, uint256 amount0, uint256 amount1)
Burn(address !sender, uint256 amount0, uint256 amount1, address !to)
PairCreated(address !token0, address !token1, address pair, uint256 count)
OwnershipTransferred(address !from, address !to)
OwnershipTransferStarted(address !from, address !to)
RoleGranted(bytes32 !role, address !account, address !sender)
RoleRevoked(bytes32 !role, address !account, address !sender)
Upgraded(address !implementation)
AdminChanged(address from, address to)
BeaconUpgraded(address !beacon)
Paused(address account)
Unpaused(address account)
Permit(address !owner, address !token, address !spender, uint160 value, uint48 expiration, uint48 nonce)
""".strip().splitlines()


@dataclass(frozen=True, slots=True)
class DecodedEvent:
    """One event. `name` is None where it is not known; then `topics` and `data` are all that there is."""

    address: str
    name: str | None
    arguments: tuple[tuple[str, Any], ...]
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True)
class EventForm:
    """How a well-known event is written."""

    name: str
    indexed: tuple[tuple[str, str], ...]  # (type, name)
    plain: tuple[tuple[str, str], ...]
    order: tuple[str, ...]


@functools.cache
def forms() -> dict[tuple[bytes, int], EventForm]:
    """Return forms by first topic and number of topics."""
    found = {}
    for line in FORMS:
        name, _, rest = line.rstrip(")").partition("(")
        parts = [part.split() for part in rest.split(", ")]
        indexed = tuple((kind, word[1:]) for kind, word in parts if word.startswith("!"))
        plain = tuple((kind, word) for kind, word in parts if not word.startswith("!"))
        first = topic(f"{name}({','.join(kind for kind, _ in parts)})")
        found[first, 1 + len(indexed)] = EventForm(name, indexed, plain, tuple(word.lstrip("!") for _, word in parts))
    return found


def event_of(log: EmittedLog) -> DecodedEvent:
    """Return an event with its name and arguments where they are known."""
    topics, data = tuple("0x" + each.hex() for each in log.topics), "0x" + log.data.hex()
    form = forms().get((log.topics[0], len(log.topics))) if log.topics else None
    if form is None:
        return DecodedEvent(log.address, None, (), topics, data)
    try:
        values = {
            name: decoded([kind], each)[0] for (kind, name), each in zip(form.indexed, log.topics[1:], strict=True)
        }
        read = decoded([kind for kind, _ in form.plain], log.data)
        values |= {name: value for (_, name), value in zip(form.plain, read, strict=True)}
    except ValueError:
        return DecodedEvent(log.address, None, (), topics, data)
    shown = {name: "0x" + value.hex() if isinstance(value, bytes) else value for name, value in values.items()}
    return DecodedEvent(log.address, form.name, tuple((name, shown[name]) for name in form.order), topics, data)
