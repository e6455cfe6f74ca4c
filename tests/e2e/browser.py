"""Chromium driven over its DevTools protocol: pages as a person sees them, with what they load and complain of."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --disable-extensions --disable-dev-shm-usage --remote-debugging-port=0"
    " --remote-allow-origins=*"
).split()
START_S, ANSWER_S = 30.0, 20.0
OWN_SCHEMES = ("about", "blob", "chrome", "data", "devtools")


def chromium_path() -> str:
    """Return the browser; skip the test where there is none, but fail under CI."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        reason = f"none of {', '.join(NAMES)} is installed"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}: CI must look at the pages")
        pytest.skip(reason)
    return found


class Browser:
    """One headless browser with a profile of its own; a context manager that ends it."""

    def __init__(self) -> None:
        program = chromium_path()
        self._profile = tempfile.TemporaryDirectory(prefix="tarazy-browser-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._pages: list[Page] = []
        try:
            self._port = self._read_port()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_port(self) -> int:
        written = Path(self._profile.name) / "DevToolsActivePort"
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the browser ended with {self._process.returncode} before it was ready")
            if written.exists() and (lines := written.read_text().splitlines()):
                return int(lines[0])
            time.sleep(0.05)
        raise TimeoutError(f"the browser was not ready after {START_S:g} s")

    def page(self, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True) -> Page:
        """Return a new page of this size."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(asked, timeout=ANSWER_S) as answer:
            target = json.loads(answer.read())
        page = Page(target["webSocketDebuggerUrl"], width, height, dark, scripts)
        self._pages.append(page)
        return page

    def close(self) -> None:
        """End the browser and remove its profile."""
        for page in self._pages:
            page.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._profile.cleanup()


class Page:
    """One page. `complaints` are errors of the console and of scripts, `requested` every address it asked for,
    `sent` the bodies of its forms."""

    def __init__(self, url: str, width: int, height: int, dark: bool, scripts: bool) -> None:
        self._socket = websocket.create_connection(url, timeout=ANSWER_S)
        self._number = 0
        self.complaints: list[str] = []
        self.requested: list[str] = []
        self.sent: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        if not scripts:
            self.call("Emulation.setScriptExecutionDisabled", value=True)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to one command; events that come before it are noted."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        method, what = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requested.append(what["request"]["url"])
            if what["request"].get("hasPostData"):
                self.sent.append(what["request"].get("postData", ""))
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(what["exceptionDetails"])[:600])
        elif method == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(what["args"])[:600])
        elif method == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{what['entry']['text']} {what['entry'].get('url', '')}")

    def resize(self, width: int, height: int = 900) -> None:
        """Make the page this large; phones are narrower than a window may be."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def open(self, url: str) -> None:
        """Load an address and wait until it is there."""
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script: str) -> Any:
        """Return the value of an expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script[:120]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: float = ANSWER_S) -> None:
        """Wait until an expression is true.

        Raises: AssertionError with what the page shows then.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.run(f"Boolean({condition})"):
                    return
            except RuntimeError:  # the page is being changed for another
                pass
            time.sleep(0.05)
        shown = self.run("location.href + '\\n' + document.body.innerText")
        raise AssertionError(f"after {seconds:g} s not yet: {condition}\n{shown[:3000]}")

    def text(self, selector: str = "body") -> str:
        """Return the text that a person sees of an element."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def fill(self, selector: str, value: str) -> None:
        """Put text into a field as typing does."""
        self.run(
            f"(() => {{ const f = document.querySelector({json.dumps(selector)}); f.value = {json.dumps(value)};"
            " f.dispatchEvent(new Event('input', {bubbles: true})); f.dispatchEvent(new Event('change',"
            " {bubbles: true})); })()"
        )

    def choose(self, selector: str, path: Path) -> None:
        """Choose a file in a field for files."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def click(self, selector: str) -> None:
        """Click on an element."""
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def press(self, key: str) -> None:
        """Press and release a key."""
        what = {"key": key, "code": key, "windowsVirtualKeyCode": KEY_CODES[key]}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=TYPED.get(key, ""), **what)
        self.call("Input.dispatchKeyEvent", type="keyUp", **what)

    def overflow(self) -> list[str]:
        """Return the elements that stand out of the page to the right, but for those in a box that scrolls."""
        found: list[str] = self.run(OVERFLOW)
        return found

    def from_elsewhere(self) -> list[str]:
        """Return the addresses asked for that are not on this machine's loopback."""
        return [
            url
            for url in self.requested
            if urlsplit(url).scheme not in OWN_SCHEMES and urlsplit(url).hostname not in ("127.0.0.1", "localhost")
        ]

    def screenshot(self, path: Path, whole: bool = True) -> None:
        """Write a picture of the page."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def close(self) -> None:
        """Leave the page."""
        self._socket.close()


KEY_CODES = {"Tab": 9, "Enter": 13}
TYPED = {"Enter": "\r"}
OVERFLOW = """(() => {
  const page = document.documentElement, width = page.clientWidth, found = [];
  if (page.scrollWidth > width) found.push(`the page is ${page.scrollWidth} wide`);
  const scrolls = (e) => {
    for (let p = e; p; p = p.parentElement)
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(p).overflowX)) return true;
    return false;
  };
  for (const e of document.querySelectorAll('body *')) {
    const box = e.getBoundingClientRect();
    if (box.width && box.right > width + 1 && !scrolls(e))
      found.push(`${e.tagName} ${e.getAttribute('class') ?? ''} ${e.textContent.slice(0, 60)}`);
  }
  return found.slice(0, 10);
})()"""
