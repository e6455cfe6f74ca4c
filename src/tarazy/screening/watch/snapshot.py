"""What a token is at one block: code, owners, the fields that privileges write, trials, pools and locks.

Plain data: a snapshot goes to disk as JSON and comes back the same.
What could not be read is in `unknown` and its value is None; a comparison never takes None for a value.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tarazy.chains.evm import abi, values
from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.contract import Reading, read_owner, read_token
from tarazy.chains.evm.holders import BURNED
from tarazy.chains.evm.pools import LockReader, read_locks
from tarazy.chains.evm.proxies import ResolvedProxy, read_admin, resolve
from tarazy.chains.evm.state import ChainState, StateQuestion
from tarazy.screening.bytecode.delegation import target_slots
from tarazy.screening.watch.options import ListedToken
from tarazy.screening.watch.privileges import Privileges
from tarazy.screening.watch.probes import ProbeOutcome, run_trials, trials
from tarazy.screening.watch.thresholds import PPM


@dataclass(frozen=True)
class PoolState:
    """What lies in a pool. Units: minor units; `locked_ppm` of the LP tokens, None where that is not known."""

    quote: str
    quote_held: int
    token_held: int
    locked_ppm: int | None = None


@dataclass(frozen=True)
class TokenSnapshot:
    """One token at one block."""

    code_hash: str
    implementation: str | None = None
    implementation_hash: str = ""
    proxy_kind: str = ""
    admin: str | None = None
    admin_owner: str | None = None
    owner: str | None = None
    owner_fields: Mapping[str, str | None] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    gates: Mapping[str, bool | None] = field(default_factory=dict)
    name: str | None = None
    symbol: str | None = None
    decimals: int | None = None
    total_supply: int | None = None
    trials: Mapping[str, ProbeOutcome] = field(default_factory=dict)
    pools: Mapping[str, PoolState] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    blind: str = ""  # why nothing was read at this block: then the rest is what was last read
    blind_since: int | None = None  # the first block at which nothing was read
    screening: Mapping[str, Any] | None = None  # summary of the newest report
    screening_due: bool = False  # something happened since that report, and there was no time for a new one

    def to_text(self) -> str:
        """Return the snapshot as JSON."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_text(text: str) -> TokenSnapshot:
        """Read what `to_text` wrote."""
        given = json.loads(text)
        given["trials"] = {key: ProbeOutcome(**each) for key, each in given["trials"].items()}
        given["pools"] = {key: PoolState(**each) for key, each in given["pools"].items()}
        given["unknown"] = tuple(given["unknown"])
        return TokenSnapshot(**given)


@dataclass(frozen=True)
class Read:
    """A snapshot with what it was read by: the code that runs, its privileges, the questions to ask ahead next time."""

    snapshot: TokenSnapshot
    code: bytes
    privileges: Privileges
    questions: tuple[StateQuestion, ...]


def hash_of(code: bytes) -> str:
    """Return keccak-256 of code; "" where there is none."""
    return values.as_hex(keccak256(code)) if code else ""


class PrivilegesByCode:
    """Powers of each code, read once."""

    def __init__(self, read: Any) -> None:
        self._read = read
        self._known: dict[str, Privileges] = {}

    def of(self, code: bytes) -> Privileges:
        """Return the privileges of the code."""
        key = hash_of(code)
        if key not in self._known:
            privileges: Privileges = self._read(code)
            self._known[key] = privileges
        return self._known[key]


def take(state: ChainState, token: ListedToken, known: PrivilegesByCode, lock_readers: Sequence[LockReader]) -> Read:
    """Read a token at the block of a state.

    Raises: NodeError where its code or its storage cannot be read.
    """
    reading = Reading()
    code = state.code()
    proxies = resolve(state, target_slots) if code else ()
    running = state.code(proxies[-1].implementation) if proxies else code
    privileges = known.of(running)
    if privileges.reason:
        reading.unknown.append(privileges.reason)
    admin, admin_owner = read_admin(state) if proxies else (None, None)
    words = {slot: state.storage(slot) for slot in privileges.slots}
    said = read_token(state, reading)
    supply = said.total_supply
    pools = {each: found for each in token.pools if (found := read_pool(state, each, token, lock_readers, reading))}
    snapshot = TokenSnapshot(
        code_hash=hash_of(code),
        implementation=proxies[-1].implementation if proxies else None,
        implementation_hash=hash_of(running),
        proxy_kind=" ".join(each.kind for each in proxies),
        admin=admin,
        admin_owner=beacon_owner(proxies) or admin_owner,
        owner=read_owner(state),
        owner_fields={f"{slot:#x}+{offset}": state.address_in(slot, offset) for slot, offset in privileges.owners},
        fields={hex(slot): values.as_hex(word) for slot, word in words.items()},
        gates={str(gate.field): gate.is_open(words[gate.field.root or 0]) for gate in privileges.guards},
        name=said.name,
        symbol=said.symbol,
        decimals=said.decimals,
        total_supply=supply,
        trials=try_transfers(state, token, privileges, supply, reading),
        pools=pools,
        unknown=tuple(reading.unknown),
    )
    return Read(snapshot, running, privileges, state.questions)


def beacon_owner(proxies: Sequence[ResolvedProxy]) -> str | None:
    """Return who owns the beacon, for a proxy that asks one."""
    return next((each.beacon_owner for each in proxies if each.beacon_owner), None)


def try_transfers(
    state: ChainState, token: ListedToken, privileges: Privileges, supply: int | None, reading: Reading
) -> dict[str, ProbeOutcome]:
    """Try the transfers of a token."""
    if not supply:
        reading.unknown.append("transfers are not tried: the token does not say its supply")
        return {}
    if not token.pools:
        reading.unknown.append("purchases and sales are not tried: no pool was given, and none was found")
    can_give = privileges.layout is not None and privileges.layout.balances is not None
    if not can_give and not token.holders:
        reading.unknown.append("no stranger's transfer is tried: the code does not show where balances are kept")
    asked = trials(supply, token.pools, token.holders, can_give)
    return reading.attempt("trials", lambda: run_trials(state, privileges.layout, asked)) or {}


def read_pool(
    state: ChainState, pool: str, token: ListedToken, lock_readers: Sequence[LockReader], reading: Reading
) -> PoolState | None:
    """Read what lies in a pool and how much of its LP tokens is locked."""

    def ask(to: str, signature: str, *arguments: str) -> bytes:
        return state.call(abi.call_data(signature, *arguments), to) or b""

    sides = [abi.address(ask(pool, f"token{side}()")) for side in (0, 1)]
    quote = next((each for each in sides if each and each != state.address), None)
    if state.address not in sides or quote is None:
        reading.unknown.append(f"{pool} is no pool of the token")
        return None
    held = [abi.number(ask(each, "balanceOf(address)", pool)) for each in (quote, state.address)]
    if held[0] is None or held[1] is None:
        reading.unknown.append(f"what lies in {pool} is unknown")
        return None
    return PoolState(quote, held[0], held[1], locked_ppm(state, pool, token, lock_readers))


def locked_ppm(state: ChainState, pool: str, token: ListedToken, lock_readers: Sequence[LockReader]) -> int | None:
    """Return the share of LP tokens that is burned or locked at the block; None for a pool without LP tokens."""
    supply = abi.number(state.call(abi.selector("totalSupply()"), pool) or b"")
    if not supply:
        return None
    burned = [state.call(abi.call_data("balanceOf(address)", each), pool) or b"" for each in sorted(BURNED)]
    locked = sum(abi.number(each) or 0 for each in burned)
    for locker in token.lockers:
        for amount, _, end_s in read_locks(state, locker, pool, lock_readers) or ():
            locked += amount if end_s > state.block.timestamp_s else 0
    return min(PPM, locked * PPM // supply)
