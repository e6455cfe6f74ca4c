"""The FIX part of the gateway's bench: one session, orders under way, each told as placed when it is durable."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import common

sys.path.insert(0, str(common.ROOT))

from tests.fix_wire import FixKey, sending_time, wire

FIX_UNDER_WAY = 512
LIMITS = "messages_per_ten_seconds = 100000000\n"
ACCOUNTS = "[facility.gateway]\norders_per_ten_seconds = 100000000\n[facility.gateway.fix]\n"
SOH = b"\x01"


def fix_configuration(folder: Path) -> Path:
    """Write a configuration whose limits are beyond what is measured."""
    path = folder / "bench.toml"
    path.write_text(f"{ACCOUNTS}{LIMITS}")
    return path


def order(seq: int, number: int) -> bytes:
    """Return an order; buys and sells take turns at prices that meet neither each other nor those of other parts."""
    side, price = (1, 90) if number % 2 else (2, 110)
    terms: list[tuple[int, object]] = [(55, "BTCUSD"), (54, side), (40, 2), (38, "0.01"), (44, price), (59, 1)]
    return wire("D", seq, "BENCH", sending_time(), [(25000, 60_000), (11, f"f{number}"), *terms])


async def fix_client(url: str, key: FixKey, count: int) -> dict[str, float]:
    """Place orders with some under way; return the rate, and how long each took to be told as placed."""
    address, at = urlsplit(url), sending_time()
    signature = key.signature("A", "BENCH", "SPOT", "1", at)
    logon: list[tuple[int, object]] = [(98, 0), (108, 60), (95, len(signature)), (96, signature), (141, "Y")]
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1 << 22)
    writer.write(wire("A", 1, "BENCH", at, [*logon, (553, key.key_id), (25035, 2)]))
    await reader.readuntil(SOH + b"10=")
    orders = [order(number + 2, number) for number in range(count)]
    sent, took, told, at_next = [0.0] * count, list[float](), 0, 0
    rest = b""
    started = time.perf_counter()
    while told < count:
        until = min(count, told + FIX_UNDER_WAY)
        if at_next < until:
            now = time.perf_counter()
            sent[at_next:until] = [now] * (until - at_next)
            writer.write(b"".join(orders[at_next:until]))
            at_next = until
        rest += await reader.read(1 << 20)
        parts = rest.split(SOH + b"10=")
        now, rest = time.perf_counter(), parts.pop()
        for part in parts:
            if SOH + b"35=8" + SOH in part:
                if SOH + b"150=0" + SOH not in part:
                    raise RuntimeError(f"expected an order accepted, found {part!r}")
                number = int(part.split(SOH + b"11=f", 1)[1].split(SOH, 1)[0])
                took.append(now - sent[number])
                told += 1
    rate = count / (time.perf_counter() - started)
    writer.close()
    found = {f"p{share}_ms": round(1_000 * common.percentile(sorted(took), share / 100), 2) for share in (50, 99)}
    return {"orders_per_s": round(rate), **found}
