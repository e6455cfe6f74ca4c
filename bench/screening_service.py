"""screening-service: cached answers a second, and the published volume held at once for a time.

    tarazy bench screening-service --json                 cached answers alone, ten seconds a run
    tarazy bench screening-service --minutes 10 --json    and 385 token calls/s with 135 transaction simulations/s

The service runs as `tarazy screening serve` does, on tokens of the repository's own corpus that stand on a development
chain (anvil). Cached answers are asked by wrk where it is found, else by a client in Python, which is then the limit.
The volume: token calls over many addresses, the popular ones far more often (Zipf), some to addresses never seen
before, which really are screened; simulations of transfers and approvals, each a request that no cache answers. Server,
workers, chain and load share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import hashlib
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import common
import screening_load as load

from tarazy.platform.web.serving import new_loop

CHAIN = 31337
CORPUS = common.ROOT / "tests" / "corpus" / "tokens"
PEAK_TOKEN_CALLS, SIMULATIONS = 385.0, 135.0
KNOWN, FRESH_MAX = 100, 20_000
ZIPF = 1.1
BLOCK_S = 12
FREE = 1e6
TOKEN_PATH = f"/api/v1/token_security/{CHAIN}?contract_addresses="
SIMULATION_PATH = "/api/v1/transaction_simulation"
TRANSFER, APPROVE = "a9059cbb", "095ea7b3"


def parser() -> argparse.ArgumentParser:
    """Return the bench's arguments."""
    made = common.parser(__doc__ or "")
    made.add_argument("--seconds", type=float, default=10, help="of each run of cached answers (default 10)")
    made.add_argument("--connections", type=int, default=64, help="that ask for cached answers (default 64)")
    made.add_argument("--minutes", type=float, default=0, help="hold the volume for so long (default: leave it out)")
    made.add_argument("--tokens", type=float, default=PEAK_TOKEN_CALLS, help="token calls a second (default 385)")
    made.add_argument("--simulations", type=float, default=SIMULATIONS, help="simulations a second (default 135)")
    made.add_argument("--new", type=float, default=0.35, help="never seen addresses a second (0.35: 30,000 a day)")
    made.add_argument("--known", type=int, default=KNOWN, help=f"tokens that are asked for again ({KNOWN})")
    made.add_argument("--no-cached", action="store_true", help="leave the cached answers out")
    return made


# ---------------------------------------------------------------- chain and service


@contextmanager
def chain(home: Path) -> Iterator[str]:
    """Run a development chain and give its URL."""
    sys.path.insert(0, str(common.ROOT))
    sys.path.insert(0, str(common.ROOT / "scripts"))
    from node_tools import node_tools

    from tests.servers import running_anvil

    found = sorted((node_tools() / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil"))
    if not found:
        raise SystemExit("expected anvil in the npm tools, found no program for this machine: run on Linux, x86-64")
    with running_anvil(found[0], home) as url:
        yield url


@contextmanager
def service(home: Path, rpc: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the service and give its process and URL."""
    words = ["--port", "0", "--data", str(home / "data"), "--rpc", f"{CHAIN}={rpc}", "--no-console", "--json"]
    command = [sys.executable, "-m", "tarazy.cli.main", "screening", "serve", *words]
    with (home / "service.log").open("w") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as run:
        assert run.stdout is not None
        line = run.stdout.readline()
        if not line:
            raise SystemExit(f"the service did not start: {(home / 'service.log').read_text()[-1000:]}")
        try:
            yield run, json.loads(line)["url"]
        finally:
            run.terminate()
            run.wait(60)


def rpc_call(url: str, method: str, *parameters: Any) -> Any:
    """Return what the chain answers."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = json.load(answer)
    if "error" in found:
        raise SystemExit(f"{method}: {found['error']}")
    return found["result"]


def contracts() -> list[dict[str, str]]:
    """Return creation and runtime code of every token of the corpus."""
    found = []
    for path in sorted(CORPUS.glob("*/*.json")):
        token = json.loads(path.read_text())["contracts"].get("Token")
        if token and token["creation"]:
            found.append({name: "0x" + token[name].removeprefix("0x") for name in ("creation", "runtime")})
    return found


class Tokens:
    """The addresses that are asked for: known ones by popularity, and never seen ones in order."""

    def __init__(self, url: str, codes: list[dict[str, str]], known: int, seed: int = 7) -> None:
        self.url = url
        self.random = random.Random(seed)
        self.holder = rpc_call(url, "eth_accounts")[0]
        self.real = [address for code in codes if (address := self.deploy(code["creation"]))]
        self.known = self.real + [self.place(codes[i % len(codes)]["runtime"], "aa", i) for i in range(known)]
        self.known = self.known[:known]
        self.fresh = iter([f"0x{'bb' * 10}{i:020x}" for i in range(FRESH_MAX)])
        self.codes = itertools.cycle(code["runtime"] for code in codes)
        weights = [1 / (rank + 1) ** ZIPF for rank in range(len(self.known))]
        self.totals = list(itertools.accumulate(weights))

    def deploy(self, creation: str) -> str | None:
        """Deploy a token and return its address; None where the constructor refuses."""
        sent = {"from": self.holder, "data": creation, "gas": hex(12_000_000)}
        transaction = rpc_call(self.url, "eth_sendTransaction", sent)
        while (receipt := rpc_call(self.url, "eth_getTransactionReceipt", transaction)) is None:
            time.sleep(0.01)
        return str(receipt["contractAddress"]).lower() if receipt and receipt["status"] == "0x1" else None

    def place(self, runtime: str, prefix: str, number: int) -> str:
        """Put code at an address without running a constructor."""
        address = f"0x{prefix * 10}{number:020x}"
        rpc_call(self.url, "anvil_setCode", address, runtime)
        return address

    def popular(self) -> str:
        """Return a known address, the first most often."""
        return self.known[bisect.bisect_left(self.totals, self.random.random() * self.totals[-1])]

    def never_seen(self) -> str:
        """Return an address that was not asked before, with code at it."""
        address = next(self.fresh)
        rpc_call(self.url, "anvil_setCode", address, next(self.codes))
        return address

    def transaction(self) -> dict[str, Any]:
        """Return a transaction to simulate: a transfer of a random amount or an approval, by a holder."""
        method = TRANSFER if self.random.random() < 0.7 else APPROVE
        other, amount = self.random.getrandbits(160), self.random.getrandbits(60)
        data = f"0x{method}{other:064x}{amount:064x}"
        return {"chain_id": str(CHAIN), "from": self.holder, "to": self.random.choice(self.real), "data": data}


def access_token(url: str, home: Path) -> str:
    """Make a key without limits and return an access token for it."""
    operator = (home / "data" / "admin.key").read_text().strip()
    body = {"name": "bench", "per_second": FREE, "burst": FREE}
    key = http(f"{url}/v1/screening/keys", body, operator)
    now = int(time.time())
    text = f"{key['app_key']}{now}{key['app_secret']}"
    sign = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    answer = http(f"{url}/api/v1/token", {"app_key": key["app_key"], "time": now, "sign": sign}, None)
    return str(answer["result"]["access_token"])


def http(url: str, body: dict[str, Any] | None, authorization: str | None) -> Any:
    """Return the JSON of one answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": authorization} if authorization else {})
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


# ---------------------------------------------------------------- cached answers


def cached(url: str, token: str, address: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return how many cached answers a second, and how soon."""
    target = TOKEN_PATH + address
    http(url + target, None, token)
    runs = []
    for number in range(arguments.runs):
        runs.append(cached_run(url, target, token, arguments))
        common.say(f"cached {number + 1}: {runs[-1]['per_second']:,.0f}/s, p99 {runs[-1]['p99_ms']} ms")
    ordered = sorted(runs, key=lambda each: each["per_second"])
    return {**ordered[len(ordered) // 2], "all_per_second": [each["per_second"] for each in runs]}


def cached_run(url: str, target: str, token: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return one run, by wrk where it is found."""
    if shutil.which("wrk") is None:
        host, port = url.removeprefix("http://").split(":")
        request = load.get(target, token)
        asked = load.closed(host, int(port), lambda: request, arguments.connections, arguments.seconds)
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return {"client": "python", **runner.run(asked).facts(arguments.seconds)}
    command = ["wrk", "-t1", f"-c{arguments.connections}", f"-d{arguments.seconds:g}s", "--latency"]
    done = subprocess.run(
        [*command, "-H", f"Authorization: {token}", url + target], capture_output=True, text=True, check=True
    )
    found = dict(re.findall(r"^ +(50|99)% +(\S+)$", done.stdout, re.MULTILINE))
    rate = re.search(r"Requests/sec: +(\S+)", done.stdout)
    assert rate is not None, done.stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    return {
        "client": "wrk",
        "per_second": float(rate.group(1)),
        "p50_ms": milliseconds(found["50"]),
        "p99_ms": milliseconds(found["99"]),
        "errors": int(wrong.group(1)) if wrong else 0,
    }


def milliseconds(text: str) -> float:
    """Return a time as wrk writes it."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return round(float(number) * {"us": 0.001, "ms": 1, "s": 1_000}[unit], 3)


# ---------------------------------------------------------------- the volume


def volume(url: str, token: str, tokens: Tokens, run: subprocess.Popen[bytes], arguments: argparse.Namespace) -> Any:
    """Hold the rates for the time and return what was seen."""
    host, port = url.removeprefix("http://").split(":")
    began = time.monotonic()
    warm(url, token, tokens)
    screened_s = (time.monotonic() - began) / len(tokens.known)
    common.say(f"volume: {len(tokens.known)} tokens screened first, {screened_s:.2f} s each")
    seconds = arguments.minutes * 60
    kinds = {
        "tokens": (
            max(0.0, arguments.tokens - arguments.new),
            lambda: load.get(TOKEN_PATH + tokens.popular(), token),
        ),
        "new_tokens": (arguments.new, lambda: load.get(TOKEN_PATH + tokens.never_seen(), token)),
        "simulations": (arguments.simulations, lambda: load.post(SIMULATION_PATH, token, tokens.transaction())),
    }
    client = load.Open(host, int(port))
    memory = [memory_bytes(run.pid)]

    async def hold() -> None:
        beside = [asyncio.create_task(watch_memory(run.pid, memory)), asyncio.create_task(mine(tokens.url))]
        await client.run(kinds, seconds)
        for task in beside:
            task.cancel()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(hold())
    return {
        "seconds": seconds,
        **{name: seen.facts(seconds) for name, seen in client.seen.items()},
        "no_connection": client.overrun,
        "memory_mib_first": memory[0] // 2**20,
        "memory_mib_last": memory[-1] // 2**20,
        "memory_mib_most": max(memory) // 2**20,
    }


def warm(url: str, token: str, tokens: Tokens) -> None:
    """Have every known token screened, as it would have been long ago."""
    for address in tokens.known:
        for _ in range(60):
            if http(url + TOKEN_PATH + address, None, token)["code"] != 2:
                break
            time.sleep(0.2)


async def mine(rpc: str) -> None:
    """Mine a block as often as the main network does; simulations then rest on it."""
    while True:
        await asyncio.sleep(BLOCK_S)
        await asyncio.to_thread(rpc_call, rpc, "anvil_mine", "0x1")


async def watch_memory(pid: int, seen: list[int]) -> None:
    """Note the memory of the service and its workers every few seconds."""
    while True:
        await asyncio.sleep(5)
        seen.append(memory_bytes(pid))


def memory_bytes(pid: int) -> int:
    """Return the memory that a process and its children hold, shared pages counted in part."""
    total = 0
    for each in (pid, *children(pid)):
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        found = re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)
        total += int(found.group(1)) * 1024 if found else 0
    return total


def children(pid: int) -> list[int]:
    """Return the processes that a process started, theirs among them."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *children(child)]
    return found


def main() -> None:
    """Run the bench."""
    arguments = parser().parse_args()
    with common.scratch() as home, chain(home) as rpc, service(home, rpc) as (run, url):
        began = time.monotonic()
        tokens = Tokens(rpc, contracts(), arguments.known)
        common.say(f"chain and service: {len(tokens.real)} tokens deployed in {time.monotonic() - began:.1f} s")
        token = access_token(url, home)
        facts: dict[str, Any] = {}
        if not arguments.no_cached:
            facts["cached"] = cached(url, token, tokens.known[0], arguments)
        if arguments.minutes:
            facts["volume"] = volume(url, token, tokens, run, arguments)
    value = facts["cached"]["per_second"] if "cached" in facts else facts["volume"]["tokens"]["per_second"]
    unit = "cached answers/s" if "cached" in facts else "token calls/s"
    common.finish(arguments, "screening-service", value, unit, **facts)


if __name__ == "__main__":
    main()
