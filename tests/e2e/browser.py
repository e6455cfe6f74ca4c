"""Debian's Chromium driven by Playwright: pages as a person sees them, with what they load and complain of."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Error, Playwright, Request, sync_playwright
from playwright.sync_api import Page as DrivenPage

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"]
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
    """One headless browser; a context manager that ends it. Every page has a profile of its own."""

    def __init__(self) -> None:
        program = chromium_path()
        self._driver: Playwright = sync_playwright().start()
        try:
            self._browser = self._driver.chromium.launch(
                executable_path=program, args=FLAGS, timeout=START_S * 1_000, chromium_sandbox=False
            )
        except BaseException:
            self._driver.stop()
            raise

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def page(self, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True) -> Page:
        """Return a new page of this size."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            is_mobile=width < 600,  # phones are narrower than a window may be
        )
        context.set_default_timeout(ANSWER_S * 1_000)
        return Page(context.new_page())

    def close(self) -> None:
        """End the browser and its driver."""
        self._browser.close()
        self._driver.stop()


class Page:
    """One page. `complaints` are errors of the console and of scripts, `requested` every address it asked for,
    `sent` the bodies of its forms."""

    def __init__(self, driven: DrivenPage) -> None:
        self.driven = driven
        self.complaints: list[str] = []
        self.requested: list[str] = []
        self.sent: list[str] = []
        driven.on("request", self._note_request)
        driven.on("pageerror", lambda error: self.complaints.append(str(error)[:600]))
        driven.on("console", self._note)

    def _note_request(self, request: Request) -> None:
        self.requested.append(request.url)
        if request.post_data_buffer:
            self.sent.append(request.post_data_buffer.decode("latin-1"))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(f"{message.text[:600]} {message.location.get('url', '')}")

    def resize(self, width: int, height: int = 900) -> None:
        """Make the page this large."""
        self.driven.set_viewport_size({"width": width, "height": height})

    def open(self, url: str) -> None:
        """Load an address and wait until it is there."""
        self.driven.goto(url)

    def run(self, script: str) -> Any:
        """Return the value of an expression."""
        return self.driven.evaluate(script)

    def wait(self, condition: str, seconds: float = ANSWER_S) -> None:
        """Wait until an expression is true.

        Raises: AssertionError with what the page shows then.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.run(f"Boolean({condition})"):
                    return
            except Error:  # the page is being changed for another
                pass
            self.driven.wait_for_timeout(50)
        shown = self.run("location.href + '\\n' + document.body.innerText")
        raise AssertionError(f"after {seconds:g} s not yet: {condition}\n{shown[:3000]}")

    def text(self, selector: str = "body") -> str:
        """Return the text that a person sees of an element."""
        found = self.driven.locator(selector)
        return found.first.inner_text() if found.count() else ""

    def fill(self, selector: str, value: str) -> None:
        """Put text into a field as a person does."""
        self.driven.locator(selector).first.fill(value)

    def select(self, selector: str, value: str) -> None:
        """Select an entry of a list."""
        self.driven.locator(selector).first.select_option(value)

    def type(self, text: str) -> None:
        """Type text where the keyboard is."""
        self.driven.keyboard.insert_text(text)

    def reduce_motion(self) -> None:
        """Show the page to somebody who wants nothing to move."""
        self.driven.emulate_media(reduced_motion="reduce")

    def choose(self, selector: str, path: Path) -> None:
        """Choose a file in a field for files."""
        self.driven.locator(selector).first.set_input_files(path)

    def click(self, selector: str) -> None:
        """Click on an element, where a person could."""
        self.driven.locator(selector).first.click()

    def press(self, key: str) -> None:
        """Press and release a key."""
        self.driven.keyboard.press(key)

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
        self.driven.screenshot(path=path, full_page=whole)

    def printed(self) -> bytes:
        """Return the page as a printer gets it, on A4, as PDF."""
        return self.driven.pdf(format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "15mm"))

    def close(self) -> None:
        """Leave the page."""
        self.driven.context.close()


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
