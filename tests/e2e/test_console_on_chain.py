"""The pages in Chromium over a development chain: addresses, hostile names, the watch as it alerts, safe tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.chains.evm.own_contracts import contract

from ..devchain import DevChain
from .browser import Browser, Page
from .console_server import built, serving

CHAIN_ID = 31337
ASSET_ID = 7
HOSTILE_NAME = "<script>alert(1)</script>\u202eUSDT\u202c"
HOSTILE_SYMBOL = '" onmouseover="alert(2)'


@pytest.fixture
def chain(anvil: str) -> DevChain:
    """Return a fresh development chain."""
    return DevChain(anvil)


@pytest.fixture
def pages(chain: DevChain, tmp_path: Path) -> Iterator[str]:
    """Return the address of the pages of a server on this chain."""
    with serving(tmp_path, "--rpc", f"{CHAIN_ID}={chain.url}", "--poll", "0.2") as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    """Return a page as narrow as a phone; what it complains of or asks of others fails the test."""
    with Browser() as browser:
        opened = browser.page(390)
        yield opened
        assert not opened.complaints
        assert not opened.from_elsewhere()


def send(page: Page, **fields: str) -> None:
    """Fill in a form by the ids of its fields and send it."""
    for name, value in fields.items():
        page.fill(f"#{name}", value)
    page.run("document.getElementById(" + repr(next(iter(fields))) + ").form.querySelector('button').click()")


def test_token_with_a_hostile_name_is_screened_and_its_name_only_read(page: Page, pages: str, chain: DevChain) -> None:
    made = contract("FixedToken").deployment(HOSTILE_NAME, HOSTILE_SYMBOL, 18, 10**24, chain.accounts[0])
    token = chain.deploy_code("0x" + made.hex())
    page.open(f"{pages}/")
    send(page, address=token)
    page.wait("document.querySelector('#verdict')", 60)
    assert "<script>alert(1)</script>[U+202E]USDT[U+202C]" in page.text("h1")
    assert "\u202e" not in page.text()
    assert not page.overflow()
    page.open(f"{pages}/token/{CHAIN_ID}/{token}")
    assert "[U+202E]" in page.text("h1")
    assert page.text("#verdict-title").strip() in ("Clear", "Caution", "Unknown")
    assert not page.overflow()


def test_trap_that_the_owner_turns_on_appears_on_the_open_page(page: Page, pages: str, chain: DevChain) -> None:
    token = chain.deploy_code(built("limit-pause")["creation"])
    page.open(f"{pages}/watch")
    send(page, address=token, asset_id=str(ASSET_ID))
    page.wait("document.querySelector('#followed')?.innerText.includes('seen to block')", 60)
    assert "No change for the worse" in page.text("#alerts")
    page.run("window.neverLoadedAgain = true")
    chain.do(token, "setPaused(bool)", True)
    page.wait("document.querySelector('#alerts .alert .draft')", 60)
    assert page.run("window.neverLoadedAgain") is True
    alerts = page.text("#alerts")
    assert "Before" in alerts
    assert "After" in alerts
    assert "Draft, not sent" in alerts
    assert "SuspendAsset" in alerts
    assert "an officer decides" in alerts
    assert not page.overflow()
    page.wait("document.querySelector('#followed .pill')", 60)  # the first screening is done, so that there is a page
    # What has not changed stays as it is, or a reader's click and focus would be lost with every look.
    page.run(
        "window.shown = document.querySelector('#alerts .alert'); window.looks = 0; const ask = window.fetch;"
        " window.fetch = (...words) => { window.looks += 1; return ask(...words); }; 0"
    )
    page.wait("window.looks > 3", 60)
    assert page.run("window.shown.isConnected") is True
    page.click("#alerts .alert a")
    page.wait("location.pathname.includes('/token/') && document.querySelector('#alerts .alert')", 30)
    assert not page.overflow()


def test_safe_token_is_created_locked_and_found_clean_on_the_page(page: Page, pages: str, chain: DevChain) -> None:
    page.open(f"{pages}/safe-token")
    send(page, name="Quiet Harbour", symbol="QHB", supply=str(10**24), holder=chain.accounts[0])
    page.wait("document.querySelector('#created .pill')", 60)
    assert "Quiet Harbour" in page.text("#created")
    assert "malicious" not in page.text("#created")
    token = str(page.run("document.querySelector('#created code').textContent"))
    send(page, token=token, amount=str(10**23), owner=chain.accounts[0], days="400")
    page.wait("document.querySelector('#locks tbody')", 30)
    assert token in page.text("#locks")
    assert f"{10**23:,}" in page.text("#locks")
    assert not page.overflow()


def test_address_without_code_says_so(page: Page, pages: str) -> None:
    page.open(f"{pages}/")
    send(page, address="0x" + "12" * 20)
    page.wait("document.querySelector('[role=alert]')", 60)
    assert "The screening failed" in page.text("main")
