"""gateway: orders over loopback to their durable answer, by REST, the WebSocket API and FIX, beside bare peers.

Each client signs its requests before the clock starts and sends the next one when the one before is answered; over
WebSocket some are under way on each connection. `value` is REST orders a second.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import common

sys.path.insert(0, str(common.ROOT))
from gateway_batch import batch_client
from gateway_fix import fix_client, fix_configuration
from gateway_peers import SECRET

from tests.fix_wire import FixKey
from tests.trading_stage import make_facility, new_key, remember_client_ids, served

CLIENTS = 16
UNDER_WAY = 8
BATCH_CLIENTS, BATCHED = 4, 100  # batched orders of each of them for each order of the others
TERMS = {"symbol": "BTCUSD", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "100"}
Key = tuple[str, str]


def signed(key: Key, number: int, with_key: bool) -> dict[str, Any]:
    """Return the parameters of an order; buys and sells take turns, so orders trade and few stay."""
    values: dict[str, Any] = {**TERMS, "side": "BUY" if number % 2 else "SELL"}
    values |= {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000, "newClientOrderId": f"o{time.time_ns()}"}
    if with_key:
        values["apiKey"] = key[0]
    payload = urlencode(sorted(values.items()))
    return {
        **dict(sorted(values.items())),
        "signature": hmac.new(key[1].encode(), payload.encode(), hashlib.sha256).hexdigest(),
    }


async def rest_client(url: str, key: Key, first: int, count: int, begin: asyncio.Barrier) -> list[float]:
    """Place orders one after the other on one connection; return the seconds of each."""
    address = urlsplit(url)
    head = f" HTTP/1.1\r\nHost: {address.netloc}\r\nX-MBX-APIKEY: {key[0]}\r\nContent-Length: 0\r\n\r\n"
    requests = [
        f"POST /api/v3/order?{urlencode(signed(key, first + each, False))}{head}".encode() for each in range(count)
    ]
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    took = []
    await begin.wait()
    for request in requests:
        sent = time.perf_counter()
        writer.write(request)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = int(answer.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        body = await reader.readexactly(size)
        took.append(time.perf_counter() - sent)
        if b" 200 " not in answer[:16]:
            raise RuntimeError(f"expected an order accepted, found {answer[:40]!r} {body!r}")
    writer.close()
    return took


async def ws_client(url: str, key: Key, first: int, count: int, begin: asyncio.Barrier) -> list[float]:
    """Place orders on one WebSocket with some under way; return the seconds of each."""
    from websockets.asyncio.client import connect

    orders = [{"method": "order.place", "params": signed(key, first + each, True)} for each in range(count)]
    requests = [json.dumps({"id": number, **order}) for number, order in enumerate(orders)]
    sent, took = [0.0] * count, []
    async with connect(url.replace("http", "ws", 1) + "/ws-api/v3", compression=None) as socket:
        await begin.wait()
        for number in range(count + UNDER_WAY):
            if number >= UNDER_WAY:
                answer = json.loads(await socket.recv())
                took.append(time.perf_counter() - sent[answer["id"]])
                if answer.get("status", 200) != 200:
                    raise RuntimeError(f"expected an order accepted, found {answer}")
            if number < count:
                sent[number] = time.perf_counter()
                await socket.send(requests[number])
    return took


Client = Callable[[str, Key, int, int, asyncio.Barrier], Awaitable[list[float]]]


async def load(client: Client, url: str, keys: list[Key], count: int) -> dict[str, float]:
    """Run all clients; return the rate and percentiles."""
    begin = asyncio.Barrier(len(keys) + 1)
    tasks = [asyncio.ensure_future(client(url, key, number, count, begin)) for number, key in enumerate(keys)]
    running = asyncio.gather(*tasks)
    first: set[asyncio.Future[Any]] = {running, asyncio.ensure_future(begin.wait())}
    await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
    started = time.perf_counter()
    took = sorted(each for part in await running for each in part)
    rate = len(took) / (time.perf_counter() - started)
    found = {f"p{share}_ms": round(1_000 * common.percentile(took, share / 100), 2) for share in (50, 99)}
    return {"orders_per_s": round(rate), **found}


@contextmanager
def peers(folder: Path, count: int) -> Iterator[str]:
    """Serve the peers in a process of their own."""
    command = [sys.executable, str(Path(__file__).with_name("gateway_peers.py")), str(folder), str(count)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(30)


def one_run(folder: Path, count: int) -> dict[str, Any]:
    """Measure the gateway, then its peers."""
    desk = make_facility(folder / "facility", CLIENTS, "core")
    remember_client_ids(folder / "facility", desk, "core")
    keys = [new_key(folder / "facility", account) for account in range(1, CLIENTS + 1)]
    found: dict[str, Any] = {}
    with served(folder / "facility", "--engine", "core") as running:
        found["rest"] = asyncio.run(load(rest_client, running.url, keys, count))
        found["ws"] = asyncio.run(load(ws_client, running.url, keys, count))
    fix_key, config = FixKey(folder / "facility", 1), str(fix_configuration(folder))
    with served(folder / "facility", "--engine", "core", "--fix-port", "0", "--config", config) as running:
        found["fix"] = asyncio.run(fix_client(running.fix["orders"], fix_key, CLIENTS * count))
    with served(folder / "facility", "--engine", "core", "--config", config) as running:
        found["batched"] = asyncio.run(load(batch_client, running.url, keys[:BATCH_CLIENTS], BATCHED * count))
    bare = [("bench", SECRET.decode())] * CLIENTS
    with peers(folder / "peers", CLIENTS * count) as url:
        found["bare_rest"] = asyncio.run(load(rest_client, url, bare, count))
        found["echo"] = asyncio.run(load(ws_client, url, bare, count))
    return found


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.set_defaults(runs=1)
    made.add_argument("--orders", type=int, default=300, help=f"of each of {CLIENTS} clients and part (default 300)")
    chosen = made.parse_args()
    runs = []
    for _ in range(chosen.runs):
        with common.scratch() as scratch:
            runs.append(one_run(scratch, chosen.orders))
    facts: dict[str, Any] = {"load_average": os.getloadavg()[0], "runs": runs}
    for part in ("rest", "ws", "fix", "batched", "bare_rest", "echo"):
        for name in ("orders_per_s", "p50_ms", "p99_ms"):
            facts[f"{part}_{name}"] = common.median([run[part][name] for run in runs])
    facts["rest_of_bare"] = round(facts["rest_orders_per_s"] / facts["bare_rest_orders_per_s"], 3)
    facts["ws_of_echo"] = round(facts["ws_orders_per_s"] / facts["echo_orders_per_s"], 3)
    common.finish(chosen, "gateway", facts["rest_orders_per_s"], "orders/s", **facts)


if __name__ == "__main__":
    main()
