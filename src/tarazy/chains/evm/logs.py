"""Logs over long ranges, in chunks that fit what the node is willing to answer, within bounds.

A refused, late or too large chunk is halved; one that came is doubled. What could not be read ends the scan with its
reason: logs that are missing are never taken for logs that are not there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tarazy.chains.errors import NodeRefusedError, NodeTimeoutError, NodeTooLargeError
from tarazy.chains.evm.blocks import ChainLog
from tarazy.chains.evm.node import Node

FIRST_CHUNK_BLOCKS = 10_000
CHUNK_BLOCKS_MAX = 1_000_000
WIDE_CHUNK_BLOCKS = 50_000  # of logs of few accounts, whichever contract wrote them


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a chain is read for one token."""

    requests_max: int = 2_000
    logs_max: int = 100_000
    holders_max: int = 2_000
    seconds: float = 60.0


DEFAULT_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found. `reason` is empty where it covers the whole range."""

    logs: tuple[ChainLog, ...]
    reason: str = ""


def scan_logs(
    node: Node,
    address: str,
    topics: Sequence[str | list[str] | None],
    first_block: int,
    last_block: int,
    bounds: Bounds = DEFAULT_BOUNDS,
    clock: Callable[[], float] = time.monotonic,
) -> Scan:
    """Return the logs of an address in a range, in order.

    Raises: NodeInconsistentError.
    """
    found: list[ChainLog] = []
    ends_at, requests = clock() + bounds.seconds, 0
    start, chunk = first_block, FIRST_CHUNK_BLOCKS
    while start <= last_block:
        if requests >= bounds.requests_max:
            return Scan(tuple(found), f"more than {bounds.requests_max} requests from block {start} on")
        if clock() >= ends_at:
            return Scan(tuple(found), f"more than {bounds.seconds:g} seconds from block {start} on")
        end = min(start + chunk - 1, last_block)
        requests += 1
        try:
            part = node.logs(address, topics, start, end)
        except (NodeRefusedError, NodeTooLargeError, NodeTimeoutError) as error:
            if end == start:
                return Scan(tuple(found), f"block {start}: {error}")
            chunk = max(1, (end - start + 1) // 2)
            continue
        found += part
        if len(found) > bounds.logs_max:
            return Scan(tuple(found[: bounds.logs_max]), f"more than {bounds.logs_max} logs from block {start} on")
        start, chunk = end + 1, min(chunk * 2, CHUNK_BLOCKS_MAX)
    return Scan(tuple(found))


def newest_logs(
    node: Node,
    topics: Sequence[str | list[str] | None],
    first_block: int,
    last_block: int,
    logs_max: int,
    ends_s: float,
    clock: Callable[[], float] = time.monotonic,
) -> Scan:
    """Return the logs of any contract with these topics, in order; the newest ranges are read first.

    Units: `ends_s` on the clock. What a bound leaves out are the oldest.
    Raises: NodeError, but for what a node says of ranges.
    """
    found: list[ChainLog] = []
    end, chunk = last_block, WIDE_CHUNK_BLOCKS
    while end >= first_block:
        start = max(first_block, end - chunk + 1)
        if clock() > ends_s or len(found) > logs_max:
            return Scan(in_order(found), f"blocks before {end + 1} were not looked at")
        try:
            found += node.logs(None, topics, start, end)
        except (NodeRefusedError, NodeTooLargeError, NodeTimeoutError) as error:
            if start == end:
                return Scan(in_order(found), f"block {start}: {type(error).__name__}")
            chunk = max(1, (end - start + 1) // 2)
            continue
        end, chunk = start - 1, min(chunk * 2, CHUNK_BLOCKS_MAX)
    return Scan(in_order(found))


def in_order(logs: Iterable[ChainLog]) -> tuple[ChainLog, ...]:
    """Return logs as the chain wrote them."""
    return tuple(sorted(logs, key=lambda log: (log.block_number, log.index)))
