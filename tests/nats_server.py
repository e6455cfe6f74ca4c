"""A NATS server on loopback that tests start, kill, start again, and cut off from its client."""

from __future__ import annotations

import contextlib
import gc
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

START_S = 20
STOP_S = 10
CONFIGURATION = """
host: 127.0.0.1
port: {port}
jetstream {{
  store_dir: "{folder}"
  sync_interval: always
  max_file_store: 1GB
  max_memory_store: 16MB
}}
"""


class NatsServer:
    """One server with its own folder; every write is synced before it is acknowledged."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program, self._log = program, folder / "server.log"
        self.port = free_port()
        self._configuration = folder / "server.conf"
        self._configuration.write_text(CONFIGURATION.format(port=self.port, folder=folder / "store"))
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Return where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        with self._log.open("ab") as log:
            command = [str(self._program), "--config", str(self._configuration)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the NATS server did not start:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        """Say whether the server greets a connection."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            return connection.recv(4) == b"INFO"
        return False

    def kill(self) -> None:
        """End the server with SIGKILL: it cannot finish anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_S)

    def restart(self) -> None:
        """Kill the server and start it on the same folder and port."""
        self.kill()
        self.start()


class Wire:
    """What lies between a client and a server: it can swallow the server's answers, and break."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.swallows = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Return where clients connect."""
        return f"nats://127.0.0.1:{self._listener.getsockname()[1]}"

    def break_off(self) -> None:
        """Break every connection; the next ones work."""
        self.swallows = False
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            close(*pair)

    def close(self) -> None:
        """Take no more connections and break those there are."""
        close(self._listener)
        self.break_off()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._server_port), 5)
                except OSError:
                    close(client)
                    continue
                self._pairs.append((client, server))
                threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if not (is_answer and self.swallows):
                    target.sendall(data)
        close(source, target)


def close(*sockets: socket.socket) -> None:
    """Close sockets and wake whoever reads from them."""
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def nats(nats_server: Path, tmp_path: Path) -> Iterator[NatsServer]:
    """Return a running server of this test's own."""
    folder = tmp_path / "nats"
    folder.mkdir()
    server = NatsServer(nats_server, folder)
    yield server
    server.kill()
    gc.collect()
