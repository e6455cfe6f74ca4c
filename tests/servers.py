"""Servers that tests start on loopback: a development chain (anvil), the npm tools, and a node that misbehaves.

`node_tools` has scripts/node_tools.py install what tools/node locks; parallel runs wait for one another. Where npm is
missing a test is skipped with the reason, but where the variable CI is set it fails instead.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
INSTALLER = ROOT / "scripts" / "node_tools.py"
START_S = 20
STOP_S = 5


def unavailable(reason: str) -> None:
    """Skip the test with the reason, or fail it where everything must run."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


# ---------------------------------------------------------------- npm tools


@pytest.fixture(scope="session")
def node_tools() -> Path:
    """Return the folder whose `node_modules` hold solc, anvil and the npm SDK in their locked versions."""
    if not shutil.which("npm"):
        unavailable("npm is not here: install node and npm to run this test")
    done = subprocess.run([sys.executable, str(INSTALLER)], capture_output=True, text=True, check=False)
    if done.returncode:
        unavailable(done.stderr.strip())
    return Path(done.stdout.strip())


# ---------------------------------------------------------------- anvil


def anvil_binary(node_tools: Path) -> Path:
    """Return the program that ships inside the npm package."""
    found = sorted((node_tools / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil"))
    if not found:
        unavailable("anvil has no program for this machine in its npm package")
    return found[0]


@contextmanager
def running_anvil(binary: Path, home: Path, *arguments: str) -> Iterator[str]:
    """Start a development chain on a free port of loopback, yield its URL, stop it."""
    log = home / f"anvil-{threading.get_native_id()}-{time.monotonic_ns()}.log"
    command = [str(binary), "--port", "0", "--threads", "1", "--color", "never", *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, "HOME": str(home)})
    try:
        yield wait_for_anvil(process, log)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_anvil(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the URL once the program says on which port it listens."""
    give_up = time.monotonic() + START_S
    while time.monotonic() < give_up and process.poll() is None:
        _, found, rest = log.read_text(errors="replace").partition("Listening on ")
        if found and "\n" in rest:
            return f"http://{rest.split()[0]}"
        time.sleep(0.02)
    raise RuntimeError(f"anvil did not start within {START_S} s: {log.read_text(errors='replace')[-400:]}")


@pytest.fixture(scope="session")
def anvil_program(node_tools: Path) -> Path:
    """Return the path of anvil, for tests that start it with arguments of their own."""
    return anvil_binary(node_tools)


@pytest.fixture
def anvil(anvil_program: Path, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a fresh development chain that no other test sees."""
    with running_anvil(anvil_program, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def anvil_session(anvil_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of one development chain for the whole run: deploy under own addresses, never reset it."""
    with running_anvil(anvil_program, tmp_path_factory.mktemp("anvil")) as url:
        yield url


def rpc(url: str, method: str, *parameters: Any, timeout_s: float = 10) -> Any:
    """Ask a node without the client under test; raise where it answers with an error."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout_s) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RuntimeError(f"{method}: {answer['error']}")
    return answer["result"]


# ---------------------------------------------------------------- a node that misbehaves

Behaviour = Callable[["_Handler", Any], None]


class HostileNode:
    """A node on loopback that does what `behave` says; without a behaviour it passes all to `upstream`.

    `lies` maps a method to a function (parameters, true result) -> result, so that a node may lie about one thing.
    """

    def __init__(self, upstream: str | None = None) -> None:
        self.upstream = upstream
        self.behave: Behaviour = honest
        self.lies: dict[str, Callable[[Any, Any], Any]] = {}
        self.requests: list[Any] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.node = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; requests that hang end."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(STOP_S)

    def true_answer(self, request: Any) -> Any:
        """Return what upstream answers, with the lies put in."""
        if isinstance(request, list):
            return [self.true_answer(each) for each in request]
        if self.upstream is None:
            result = None
        else:
            try:
                result = rpc(self.upstream, request["method"], *request["params"])
            except RuntimeError as error:
                return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32000, "message": str(error)}}
        lie = self.lies.get(request["method"])
        return {"jsonrpc": "2.0", "id": request["id"], "result": lie(request["params"], result) if lie else result}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    @property
    def node(self) -> HostileNode:
        """Return the node this request came to."""
        node: HostileNode = self.server.node
        return node

    def do_POST(self) -> None:
        """Read one request and let the behaviour answer it."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.node.requests.append(request)
        with suppress(ConnectionError):
            self.node.behave(self, request)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def answer(self, body: bytes, status: int = 200, length: int | None = None) -> None:
        """Send headers and body; `length` may lie."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


def honest(handler: _Handler, request: Any) -> None:
    """Answer as upstream does."""
    handler.answer(json.dumps(handler.node.true_answer(request)).encode())


def hang(handler: _Handler, request: Any) -> None:
    """Take the request and never answer."""
    handler.node.closing.wait()
    handler.close_connection = True


def garbage(handler: _Handler, request: Any) -> None:
    """Answer with bytes that are no JSON."""
    handler.answer(b"\xff\xfe<html>\x00 it works </html>")


def oversize(handler: _Handler, request: Any) -> None:
    """Answer with text that never ends, without saying how long it is."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    handler.wfile.write(b'{"jsonrpc":"2.0","id":1,"result":"0x')
    while not handler.node.closing.is_set():
        handler.wfile.write(b"00" * 32_768)


def announced_oversize(handler: _Handler, request: Any) -> None:
    """Announce an answer of a tebibyte."""
    handler.answer(b"{", length=1 << 40)
    handler.close_connection = True


def deep(handler: _Handler, request: Any) -> None:
    """Answer with brackets nested a hundred thousand deep."""
    handler.answer(b"[" * 100_000 + b"]" * 100_000)


def wrong_id(handler: _Handler, request: Any) -> None:
    """Answer someone else's request."""
    answer = handler.node.true_answer(request)
    answer["id"] = 10_000_000
    handler.answer(json.dumps(answer).encode())


def slow_drip(handler: _Handler, request: Any) -> None:
    """Send the answer a byte at a time: each arrives in time, the whole never does."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.close_connection = True
    while not handler.node.closing.wait(0.02):
        handler.wfile.write(b" ")


def slow_headers(handler: _Handler, request: Any) -> None:
    """Send the headers a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    handler.close_connection = True
    while not handler.node.closing.wait(0.02):
        handler.wfile.write(b"a")


def close_mid_answer(handler: _Handler, request: Any) -> None:
    """Announce a whole answer, send half of it, close."""
    body = json.dumps(handler.node.true_answer(request)).encode()
    handler.answer(body[: len(body) // 2], length=len(body))
    handler.close_connection = True


def redirect(handler: _Handler, request: Any) -> None:
    """Send the client elsewhere."""
    handler.send_response(307)
    handler.send_header("Location", "http://127.0.0.1:1/")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@contextmanager
def running_hostile_node(upstream: str | None = None) -> Iterator[HostileNode]:
    """Start a hostile node, yield it, stop it."""
    node = HostileNode(upstream)
    try:
        yield node
    finally:
        node.close()


@pytest.fixture
def hostile_node() -> Iterator[HostileNode]:
    """Return a node without a chain behind it; give it one by setting `upstream`."""
    with running_hostile_node() as node:
        yield node
