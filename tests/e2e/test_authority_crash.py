"""The authority's server is killed in the middle of a form: what was typed is there, and the form is sent as it is."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .browser import Browser, Page
from .offices import Run
from .test_authority_site import Site, founded, sign, twin

WORDS = "Seven reasons, each weighed for an evening"


@contextmanager
def killable(folder: Path, port: int) -> Iterator[tuple[dict[str, str], subprocess.Popen[str]]]:
    """Serve an authority on a port that stays; what is left of the process ends with the test."""
    words = (sys.executable, "-m", "tarazy.cli.main", "authority", "serve", folder, "--port", port, "--json")
    server = subprocess.Popen([*map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    try:
        told = next((line for line in server.stdout if line.startswith("{")), None)
        assert told is not None, "the server ended before it was ready"
        yield json.loads(told), server
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def free_port() -> int:
    """Return a port that nobody has, of those that the system gives to nobody while the server is down."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as found:
            if found.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no port below 32000 is free")


def register(page: Page, apply: str) -> str:
    """Make an applicant's account, log in and return its access key."""
    page.open(apply)
    page.fill("#name", "Caspian DATF")
    page.fill("#contact", "desk@caspian.example")
    page.click("form button.main")
    page.wait("document.querySelector('#access-key') !== null")
    key = page.text("#access-key")
    page.click("main a.button")
    log_in(page, key)
    return key


def log_in(page: Page, key: str) -> None:
    """Log in with a key where the page asks for one."""
    page.fill("#key", key)
    page.click("form button.main")
    page.wait("document.querySelector('#begin-title') !== null")


def test_a_form_outlives_a_killed_server_at_the_desk_and_at_the_portal(tarazy: Run, tmp_path: Path) -> None:
    folder, keys = founded(tarazy, tmp_path)
    port = free_port()
    with Browser() as browser:
        desk, portal = browser.page(1280), browser.page(1280)
        with killable(folder, port) as (told, server):
            site = Site(told["url"], told["desk"], folder, keys)
            key = register(portal, told["apply"])
            portal.select("#kind", "dossier.open")
            portal.click("form button.main")
            portal.wait("document.querySelector('#draft') !== null")
            portal.fill("#field-issuer", WORDS)
            portal.wait("document.querySelector('#autosave').textContent === 'Saved.'")
            desk.open(f"{site.desk}acts/parameter.set")
            desk.fill("#subject", "capital.datf_min_usd")
            for name, value in {"value": "1", "unit": "USD", "from": "2030-01-01", "source": WORDS}.items():
                desk.fill(f"#field-{name}", value)
            os.kill(server.pid, signal.SIGKILL)
            server.wait()
        portal.fill("#field-name", "typed while nobody answered")
        portal.wait("document.querySelector('#autosave').textContent.includes('What you typed is still here')")
        with killable(folder, port):
            desk.click("form.sheet button.main")  # the form that was open when the server was killed
            sign(desk, site, 1)
            (proposal,) = twin(f"{site.desk}index.json")["proposals"]
            assert WORDS in json.dumps(proposal)

            other = portal.driven.context.new_page()  # logs in again in another tab, as the draft's page says
            again = Page(other)
            again.open(f"{told['apply']}login")
            log_in(again, key)
            portal.fill("#field-symbol", "BTC")
            portal.wait("document.querySelector('#autosave').textContent === 'Saved.'")
            portal.driven.reload()
            kept = {name: portal.run(f"document.querySelector('#field-{name}').value") for name in ("issuer", "name")}
            assert kept == {"issuer": WORDS, "name": "typed while nobody answered"}
    assert tarazy("authority", "verify", folder, "--json").json["ok"] is True
