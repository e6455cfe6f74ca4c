"""freqtrade, a bot that others wrote, in an environment of its own: its dependencies and ours do not fit together.

`bot_environment` installs what tools/freqtrade/requirements.lock names into var/tools/freqtrade-HASH, once per lock
file. `fast_clock` compiles a wall clock that runs faster. Where either cannot be had a test is skipped with the reason,
but where the variable CI is set it fails instead.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .servers import ROOT, unavailable

LOCK_FILE = ROOT / "tools" / "freqtrade" / "requirements.lock"
EXAMPLE = ROOT / "examples" / "freqtrade"
CLOCK_SOURCE = Path(__file__).with_name("fast_clock.c")
INSTALL_S, START_S, STOP_S, ASK_S = 600, 150, 30, 20
MOST_STARTS = 3
USER, PASSWORD = "test", "on-loopback-only"


def bot_environment() -> Path:
    """Return the folder of the environment; skips the test where it cannot be installed."""
    digest = hashlib.sha256(LOCK_FILE.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = ROOT / "var" / "tools" / f"freqtrade-{digest}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (folder / ".complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            pip = [
                str(folder / "bin" / "python"),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--retries",
                "1",
                "--timeout",
                "15",
            ]
            run_step([sys.executable, "-m", "venv", str(folder)])
            run_step([*pip, "--require-hashes", "-r", str(LOCK_FILE)])
            (folder / ".complete").touch()
    return folder


def run_step(command: list[str]) -> None:
    """Run a step of an installation; skips the test where it fails, with its words."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        unavailable(f"freqtrade: `{command[0]}` took over {INSTALL_S} s; is the package index reachable?")
        return
    if done.returncode:
        unavailable(f"freqtrade cannot be installed here: {done.stderr.strip()[-1000:]}")


def fast_clock(folder: Path, factor: int) -> dict[str, str]:
    """Return the environment in which a process sees the time run faster; skips where no C compiler is."""
    compiler = shutil.which("cc")
    if compiler is None:
        unavailable("cc is not here: install a C compiler to run this test")
        raise AssertionError
    library = folder / "fast_clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(CLOCK_SOURCE)], check=True)
    settings = {"FAST_CLOCK_FROM_NS": str(time.time_ns()), "FAST_CLOCK_FACTOR": str(factor)}
    return {**os.environ, "LD_PRELOAD": str(library), **settings, "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    """Return a port of loopback that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Bot:
    """A bot under a service manager, as its makers advise; its own interface is asked what it believes."""

    def __init__(self, command: list[str], port: int, config: Path, log: Path, environment: dict[str, str]) -> None:
        self.command, self.port, self.config, self.log, self.environment = command, port, config, log, environment
        self.starts = 0
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start its process, which goes on with the trades in its database."""
        self.starts += 1
        folder = self.config.parent
        with self.log.open("a") as output:
            return subprocess.Popen(self.command, cwd=folder, env=self.environment, stdout=output, stderr=output)

    def keep(self) -> None:
        """Start it again where its process has ended; raises AssertionError with its log where that comes too often."""
        status = self.process.poll()
        if status is not None:
            assert self.starts < MOST_STARTS, f"the bot ended with {status}: {self.log.read_text()[-4000:]}"
            self.process = self.start()

    def trade(self, seconds: float) -> None:
        """Let it trade for so long."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            time.sleep(0.5)
            self.keep()
        self.wait()

    def end(self) -> None:
        """End its process."""
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ask(self, path: str, body: bytes | None = None) -> Any:
        """Ask its interface; a body makes it a POST."""
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1/{path}", body, headers)
        with urllib.request.urlopen(request, timeout=ASK_S) as answer:
            return json.load(answer)

    def begin_again(self) -> None:
        """Let it forget what it keeps in memory, find its trades and balances anew, and open no further trade."""
        config = json.loads(self.config.read_text()) | {"initial_state": "paused"}
        self.config.write_text(json.dumps(config))
        starts = self.log.read_text().count("to: PAUSED")
        self.ask("reload_config", b"")
        give_up = time.monotonic() + START_S
        while self.log.read_text().count("to: PAUSED") == starts and time.monotonic() < give_up:
            time.sleep(0.2)
        self.wait()

    def wait(self) -> None:
        """Wait until it answers, and keep it running."""
        give_up = time.monotonic() + START_S
        while time.monotonic() < give_up:
            self.keep()
            try:
                self.ask("ping")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise AssertionError(f"the bot did not start: {self.log.read_text()[-2000:]}")


@contextmanager
def running_bot(folder: Path, url: str, key: tuple[str, str], environment: dict[str, str]) -> Iterator[Bot]:
    """Let the example's bot trade at a gateway until the block ends.

    Changed in the example's configuration: the address, the key, and what a clock that runs faster asks for.
    """
    port = free_port()
    (folder / "user").mkdir()
    config = json.loads((EXAMPLE / "config.json").read_text().replace("127.0.0.1:8080", url.split("//")[1]))
    config["exchange"] |= {"key": key[0], "secret": key[1]}
    config["exchange"]["ccxt_config"]["options"]["recvWindow"] = 60_000
    config["internals"]["process_throttle_secs"] = 2
    config["db_url"] = f"sqlite:///{folder}/trades.sqlite"
    interface = {"enabled": True, "listen_ip_address": "127.0.0.1", "listen_port": port, "verbosity": "error"}
    config["api_server"] = interface | {"username": USER, "password": PASSWORD, "jwt_secret_key": "x" * 40}
    path, log = folder / "config.json", folder / "bot.log"
    path.write_text(json.dumps(config))
    command = [str(bot_environment() / "bin" / "freqtrade"), "trade", "--config", str(path)]
    command += ["--userdir", str(folder / "user"), "--strategy", "StopOnTheExchange"]
    command += ["--strategy-path", str(EXAMPLE / "strategies")]
    bot = Bot(command, port, path, log, environment)
    try:
        bot.wait()
        yield bot
    finally:
        bot.end()
