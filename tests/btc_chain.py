"""A Bitcoin chain on loopback as tests drive it: fund, mine, reorganise. It asks with its own few lines.

Blocks of a reorganisation are made here, so that a test says which transactions they hold; at this network's difficulty
every second hash is good enough.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from embit import script
from embit.compact import to_bytes
from embit.ec import PrivateKey
from embit.finalizer import finalize_psbt
from embit.networks import NETWORKS
from embit.psbt import PSBT
from embit.script import Script, Witness
from embit.transaction import Transaction, TransactionInput, TransactionOutput

MINER = PrivateKey(sha256(b"miner of tests").digest())
MINER_SCRIPT = script.p2wpkh(MINER)
MINER_ADDRESS = MINER_SCRIPT.address(NETWORKS["regtest"])
COIN = 100_000_000
FEE = 2_000
FIRST_BLOCKS = 450  # the rules of SegWit are active from block 432 on
START_S = 20
STOP_S = 10
BITS = 0x207FFFFF


def double(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


class BtcChain:
    """One node whose coins are the miner's."""

    def __init__(self, url: str) -> None:
        self.url = url
        host = url.split("//")[1]
        credentials, self._place = host.split("@")
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(credentials.encode()).decode(),
            "Content-Type": "application/json",
        }
        self._spent = 0
        self._extra = 0

    def ask(self, method: str, *parameters: Any) -> Any:
        """Return the result of a method; raise where the node answers with an error."""
        body = json.dumps({"jsonrpc": "1.0", "id": 1, "method": method, "params": parameters}).encode()
        request = urllib.request.Request(f"http://{self._place}", body, self._headers)
        with urllib.request.urlopen(request, timeout=20) as response:
            answer = json.load(response)
        if answer["error"] is not None:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    @property
    def height(self) -> int:
        """Return the height of the best chain."""
        found: int = self.ask("getblockcount")
        return found

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks with what waits in the pool; answer when the node has them."""
        target = self.height + blocks
        self.ask("generate", blocks)
        assert self.height == target

    def coins(self) -> Iterator[tuple[str, int]]:
        """Yield (txid, satoshi) of the miner's coins, each once."""
        while True:
            self._spent += 1
            block = self.ask("getblock", self.ask("getblockhash", self._spent), 0)
            stream = BytesIO(bytes.fromhex(block)[80:])
            assert stream.read(1)
            first = Transaction.read_from(stream)
            yield first.txid().hex(), first.vout[0].value

    def pay(self, *payments: tuple[str, int], coin: tuple[str, int] | None = None, send: bool = True) -> bytes:
        """Pay addresses (satoshi each) from one coin of the miner's and return the transaction."""
        txid, value = coin or next(self.coins())
        rest = value - FEE - sum(amount for _, amount in payments)
        outputs = [TransactionOutput(amount, Script.from_address(to)) for to, amount in payments]
        outputs.append(TransactionOutput(rest, MINER_SCRIPT))
        spending = [TransactionInput(bytes.fromhex(txid), 0)]
        draft = PSBT(Transaction(2, spending, outputs, 0))
        draft.inputs[0].witness_utxo = TransactionOutput(value, MINER_SCRIPT)
        draft.sign_with(MINER)
        raw: bytes = finalize_psbt(draft).serialize()
        if send:
            self.ask("sendrawtransaction", raw.hex())
        return raw

    def reorganise(self, depth: int, *transactions: bytes) -> None:
        """Replace the newest blocks by one more of them; the first of the new ones holds these transactions."""
        height = self.height - depth
        previous = self.ask("getblockhash", height)
        when = self.ask("getblockheader", previous)["time"]
        for place in range(depth + 1):
            raw = self._block(previous, height + 1 + place, when + 1 + place, transactions if place == 0 else ())
            assert self.ask("submitblock", raw.hex()) is None
            previous = double(raw[:80])[::-1].hex()
        give_up = time.monotonic() + START_S
        while self.ask("getbestblockhash") != previous:
            assert time.monotonic() < give_up, "the node did not take the longer chain"
            time.sleep(0.02)

    def _block(self, previous: str, height: int, when: int, transactions: Sequence[bytes]) -> bytes:
        """Return a block that meets the target."""
        self._extra += 1
        parsed = [Transaction.parse(each) for each in transactions]
        leaves = [bytes(32), *(double(each) for each in transactions)]
        commitment = double(root(leaves) + bytes(32))
        number = height.to_bytes(4, "little").rstrip(b"\0")
        number += b"\0" if number[-1] & 0x80 else b""
        coinbase_script = bytes((len(number),)) + number + b"\x08" + self._extra.to_bytes(8, "little")
        start = TransactionInput(bytes(32), 0xFFFFFFFF, Script(coinbase_script), witness=Witness([bytes(32)]))
        outputs = [
            TransactionOutput((50 * COIN) >> (height // 150), MINER_SCRIPT),
            TransactionOutput(0, Script(b"\x6a\x24\xaa\x21\xa9\xed" + commitment)),
        ]
        coinbase = Transaction(2, [start], outputs, 0)
        txids = [coinbase.txid()[::-1], *(each.txid()[::-1] for each in parsed)]
        body = to_bytes(1 + len(parsed)) + coinbase.serialize() + b"".join(transactions)
        for nonce in range(1 << 16):
            header = struct.pack("<I", 0x20000000) + bytes.fromhex(previous)[::-1] + root(txids)
            header += struct.pack("<III", when, BITS, nonce)
            if int.from_bytes(double(header), "little") < 0x7FFFFF << 8 * 29:
                return header + body
        raise AssertionError("no nonce does")


def root(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a tree as Bitcoin makes it."""
    level = list(hashes)
    while len(level) > 1:
        level += level[-1:] if len(level) % 2 else []
        level = [double(level[at] + level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running_btcd(program: Path, home: Path, blocks: int = FIRST_BLOCKS) -> Iterator[BtcChain]:
    """Start a node of a private network, mine the first blocks, yield it, stop it."""
    folder = home / f"btcd-{time.monotonic_ns()}"
    folder.mkdir(parents=True)
    port = free_port()
    command = [program, "--regtest", "--notls", "--rpcuser=test", "--rpcpass=test", f"--rpclisten=127.0.0.1:{port}"]
    command += ["--nolisten", "--nodnsseed", "--txindex", f"--miningaddr={MINER_ADDRESS}"]
    command += [f"--datadir={folder}/data", f"--logdir={folder}/log"]
    with (folder / "output").open("wb") as output:
        environment = {**os.environ, "HOME": str(folder)}
        process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=output, env=environment)
    try:
        chain = BtcChain(f"http://test:test@127.0.0.1:{port}")
        wait_for(chain, process, folder / "output")
        if blocks:
            chain.mine(blocks)
        yield chain
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(chain: BtcChain, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the node answers."""
    give_up = time.monotonic() + START_S
    while time.monotonic() < give_up and process.poll() is None:
        try:
            chain.ask("getblockcount")
        except (OSError, urllib.error.URLError):
            time.sleep(0.02)
            continue
        return
    raise RuntimeError(f"btcd did not start within {START_S} s: {log.read_text(errors='replace')[-400:]}")
