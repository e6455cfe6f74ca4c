"""`tarazy screening watch` as an operator runs it: a real chain, the real screening, killed and started again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from tarazy.screening.watch.record_file import read_records

from ..devchain import DevChain
from ..servers import running_anvil
from ..watching import ASSET_ID, World, make_world

WAIT_S = 60
BLOCK_S = 12  # as on the main chain


class Running:
    """The command while it runs; its records come as lines."""

    def __init__(self, world: World, tokens: Path, *options: str) -> None:
        command = [sys.executable, "-m", "tarazy.cli.main", "screening", "watch", "--json", "--poll", "0.1"]
        command += ["--rpc", world.chain.url, "--tokens", str(tokens), "--folder", str(world.folder), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines: Queue[tuple[str, str]] = Queue()
        self.readers = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in ("stdout", "stderr")]
        for reader in self.readers:
            reader.start()

    def _read(self, name: str) -> None:
        with getattr(self.process, name) as stream:
            for line in stream:
                self.lines.put((name, line))

    def wait_for(self, found: Callable[[str, str], bool]) -> str:
        """Return the first line of which something is so."""
        seen, give_up = [], time.monotonic() + WAIT_S
        while time.monotonic() < give_up:
            try:
                name, line = self.lines.get(timeout=0.5)
            except Empty:
                assert self.process.poll() is None, f"the command ended: {seen}"
                continue
            seen.append(line)
            if found(name, line):
                return line
        raise AssertionError(f"it did not say so in {WAIT_S} s: {seen}")

    def record(self, kind: str) -> dict[str, Any]:
        """Return the next record of a kind."""
        line = self.wait_for(lambda name, text: name == "stdout" and json.loads(text)["kind"] == kind)
        found: dict[str, Any] = json.loads(line)
        return found

    def started(self) -> None:
        """Wait until the first block was taken."""
        self.wait_for(lambda name, text: name == "stderr" and "watching 1 tokens" in text)

    def end(self, number: int) -> int:
        """Send a signal and return how it ended."""
        self.process.send_signal(number)
        code = self.process.wait(WAIT_S)
        for reader in self.readers:
            reader.join(WAIT_S)
        return code


@contextmanager
def watching(world: World, tokens: Path, *options: str) -> Iterator[Running]:
    """Run the command, and end it whatever happens."""
    running = Running(world, tokens, *options)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGKILL)


@pytest.fixture
def world(anvil: str, tmp_path: Path) -> World:
    """Return a token that trades freely."""
    return make_world(anvil, tmp_path / "watch")


@pytest.fixture
def tokens(world: World, tmp_path: Path) -> Path:
    """Return the file that lists the token."""
    path = tmp_path / "tokens.json"
    entry = {"address": world.token, "asset_id": ASSET_ID, "name": "Listed", "pools": [world.pair]}
    path.write_text(json.dumps([entry]))
    return path


def test_owner_who_turns_a_trap_on_is_caught_within_one_block_with_the_screening_beside_it(
    anvil_program: Path, tmp_path: Path
) -> None:
    with running_anvil(anvil_program, tmp_path, "--mixed-mining", "--block-time", str(BLOCK_S)) as url:
        world = make_world(url, tmp_path / "watch")
        listed = tmp_path / "tokens.json"
        listed.write_text(json.dumps([{"address": world.token, "asset_id": ASSET_ID, "pools": [world.pair]}]))
        with watching(world, listed) as running:
            running.started()
            before = time.time()
            receipt = world.do("setPaused(bool)", True)
            alert = running.record("transfers_blocked")
            assert running.end(signal.SIGTERM) == 0
    written = datetime.fromisoformat(alert["at"]).timestamp()
    assert written - before < BLOCK_S
    assert alert["transaction"] == receipt["transactionHash"]
    assert alert["block_hash"] == receipt["blockHash"]
    assert (alert["before"]["transfers"], alert["after"]["transfers"]) == ("go through", "refused")
    assert any(name.startswith("simulated") for name in alert["after"]), alert["after"]
    assert alert["report_id"]
    assert alert["draft"]["asset_id"] == ASSET_ID
    assert [each["id"] for each in read_records(world.folder / "alerts.jsonl")] == [alert["id"]]


def test_watch_that_is_killed_again_and_again_loses_and_doubles_nothing(world: World, tokens: Path) -> None:
    chain, taxes = world.chain, list(range(5, 65, 5))
    with watching(world, tokens, "--no-screening") as running:
        running.started()
        running.end(signal.SIGTERM)
    acts = threading.Thread(target=act, args=(world, taxes))
    acts.start()
    for life_s in (0.9, 1.3, 1.1, 1.6, 1.2):
        with watching(world, tokens, "--no-screening") as running:
            time.sleep(life_s)
            running.end(signal.SIGKILL)
    acts.join()
    with watching(world, tokens, "--no-screening", "--once") as running:
        assert running.process.wait(WAIT_S) == 0
    found = list(read_records(world.folder / "alerts.jsonl"))
    assert [each["after"]["sell_tax_ppm"] for each in found] == [percent * 10_000 for percent in taxes]
    assert len({each["block_number"] for each in found}) == len(taxes)
    assert len(list((world.folder / "drafts").glob("*.record"))) == len(taxes)
    assert chain.number >= max(each["block_number"] for each in found)


def act(world: World, taxes: list[int]) -> None:
    """Raise the fee again and again while the watch lives and dies."""
    chain = DevChain(world.chain.url)
    for percent in taxes:
        chain.do(world.token, "setFee(uint16)", percent)
        time.sleep(0.4)
