"""The batched part of the gateway's bench: orders in the fixed form of /v1/orders/batch, a whole batch a request."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from urllib.parse import urlencode, urlsplit

import numpy as np

from tarazy.facility.gateway.native.order_batch import HEAD, ORDER, ORDERS_MAX, OUTCOME, BatchAction, BatchStatus

Key = tuple[str, str]
PRICE_TICKS, LOTS = 100, 10


def batch(first: int, count: int, side: int) -> bytes:
    """Return orders of one side, quantity and price."""
    orders = np.zeros(count, ORDER)
    orders["action"], orders["order_type"], orders["time_in_force"], orders["market_id"] = BatchAction.place, 1, 1, 1
    orders["client_order_id"] = np.arange(first, first + count)
    orders["side"], orders["price_ticks"], orders["quantity_lots"] = side, PRICE_TICKS, LOTS
    return orders.tobytes()


def request(key: Key, host: str, body: bytes) -> bytes:
    """Return a signed request with a batch."""
    stamp = time.time_ns() // 1_000
    query = urlencode({"sha256": hashlib.sha256(body).hexdigest(), "timestamp": stamp, "recvWindow": 60_000})
    signature = hmac.new(key[1].encode(), query.encode(), hashlib.sha256).hexdigest()
    head = f"POST /v1/orders/batch?{query}&signature={signature} HTTP/1.1\r\nHost: {host}\r\n"
    return f"{head}X-MBX-APIKEY: {key[0]}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def batch_client(url: str, key: Key, number: int, count: int, begin: asyncio.Barrier) -> list[float]:
    """Send whole batches one after the other; return the seconds that each order waited for its outcome.

    Every other client buys and the rest sell, so orders trade and few stay.
    """
    address = urlsplit(url)
    starts, side = range(1, count + 1, ORDERS_MAX), 1 + number % 2
    requests = [request(key, address.netloc, batch(at, min(ORDERS_MAX, count + 1 - at), side)) for at in starts]
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    took: list[float] = []
    await begin.wait()
    for each in requests:
        sent = time.perf_counter()
        writer.write(each)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readexactly(int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
        seconds = time.perf_counter() - sent
        if b" 200 " not in head[:16]:
            raise RuntimeError(f"expected a batch taken, found {head[:40]!r} {body!r}")
        outcomes = np.frombuffer(body, OUTCOME, offset=HEAD.itemsize)
        wrong = outcomes[outcomes["status"] > BatchStatus.filled]
        if len(wrong):
            raise RuntimeError(f"expected every order accepted, found {wrong[0]}")
        took += [seconds] * len(outcomes)
    writer.close()
    return took
