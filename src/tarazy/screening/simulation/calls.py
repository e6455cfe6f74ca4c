"""The calls that a transaction makes inside, seen by playing it a second time with recorders in front of the contracts.

Each contract's code is moved to another address, and a few bytes stand in its place that report the call to a recorder
and then run the moved code in their own context, so that storage, sender and value are as before. The recorder writes
what it hears as an event; the events, in order, are the calls. Not seen: calls from views (no events are possible
there), calls that failed, and calls within contracts that the transaction itself created.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from tarazy.chains.evm.code import keccak256
from tarazy.screening.simulation.actors import actor
from tarazy.screening.simulation.engine import CallOutcome, EmittedLog, address_of
from tarazy.screening.simulation.selectors import signature_of

RECORDER = actor("recorder")
RECORDER_CODE = bytes.fromhex("365f5f37365fa000")  # LOG0 of the call data
LEAVING = 1 << 255  # marks the report of a call that ended
GAS_FACTOR = 4  # recorders cost gas that the transaction itself does not need


@dataclass(frozen=True, slots=True)
class InnerCall:
    """One call. `depth` 0 is the transaction's own; `code` is whose code ran, for delegate calls not that of `to`."""

    depth: int
    kind: str  # "call" | "delegatecall"
    caller: str
    to: str
    code: str
    value: int
    selector: str | None
    signature: str | None


@functools.lru_cache(maxsize=4_096)
def moved(address: str) -> str:
    """Return where a contract's code is put while a recorder stands in its place."""
    return "0x" + keccak256(b"tarazy moved " + address.encode())[12:].hex()


def recorder_for(address: str) -> bytes:
    """Return the code that reports a call and then runs the moved code."""
    here, there = bytes.fromhex(address[2:]), bytes.fromhex(moved(address)[2:])
    report = bytes.fromhex("5f73") + bytes.fromhex(RECORDER[2:]) + bytes.fromhex("6010360261138801f150")
    enter = b"\x73" + here + bytes.fromhex("5f52306020523360405234606052365f608037")
    # CALL(gas, recorder, 0, 0, 128 + data, 0, 0)
    enter += bytes.fromhex("5f5f366080015f") + report
    run = bytes.fromhex("365f5f375f5f365f73") + there + bytes.fromhex("5af4")
    # keep the answer at 32, report the end, hand the answer on
    leave = bytes.fromhex("3d805f60203e") + b"\x73" + here + bytes.fromhex("600160ff1b175f52")
    leave += bytes.fromhex("5f5f60205f") + report
    body = enter + run + leave + bytes.fromhex("9060")
    target = len(body) + 1 + 1 + 3
    return body + bytes([target]) + bytes.fromhex("576020fd5b6020f3")


def calls_from(logs: Sequence[EmittedLog]) -> tuple[InnerCall, ...]:
    """Return the calls that recorders reported, in order of their beginning."""
    found: list[InnerCall] = []
    depth = 0
    for log in logs:
        if log.address != RECORDER or len(log.data) < 32:
            continue
        first = int.from_bytes(log.data[:32], "big")
        if first & LEAVING:
            depth -= 1
            continue
        found.append(inner_call(depth, log.data))
        depth += 1
    return tuple(found)


def inner_call(depth: int, data: bytes) -> InnerCall:
    """Return one reported call."""
    code, to, caller, value = (int.from_bytes(data[at : at + 32], "big") for at in (0, 32, 64, 96))
    chosen = "0x" + data[128:132].hex() if len(data) >= 132 else None
    kind = "call" if code == to else "delegatecall"
    name = signature_of(chosen) if chosen else None
    sent = value if kind == "call" else 0
    return InnerCall(depth, kind, address_of(caller), address_of(to), address_of(code), sent, chosen, name)


def same(first: CallOutcome, second: CallOutcome) -> bool:
    """Return whether playing it with recorders did the same."""
    logs = tuple(log for log in second.logs if log.address != RECORDER)
    return (first.succeeded, first.output, first.logs) == (second.succeeded, second.output, logs)
