"""The report of a stablecoin behind a proxy, printed from Chromium: two pages that a listing officer takes along."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from ..devchain import DevChain
from .browser import Browser
from .console_server import built, serving

CHAIN_ID = 31337
PAGES_MAX = 2
SLOTS = 16  # of the stablecoin's own fields


def stablecoin_behind_a_proxy(chain: DevChain) -> str:
    """Deploy what USDC is like: an issuer's token with minters, pauser and blacklister, behind an upgradeable proxy."""
    token = chain.deploy_code(built("plain-stablecoin", "plain")["creation"])
    proxy = chain.deploy_code(built("proxy-transparent")["creation"])
    chain.do(proxy, "upgradeTo(address)", token)
    for slot in range(SLOTS):  # as an initialiser would set them
        value = chain.ask("eth_getStorageAt", token, hex(slot), "latest")
        chain.ask("anvil_setStorageAt", proxy, f"0x{slot:064x}", value)
    return proxy


@pytest.fixture
def pages(anvil_session: str, tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path, "--rpc", f"{CHAIN_ID}={anvil_session}") as address:
        yield address


def test_report_of_a_stablecoin_behind_a_proxy_prints_on_two_pages(anvil_session: str, pages: str) -> None:
    token = stablecoin_behind_a_proxy(DevChain(anvil_session))
    with Browser() as browser:
        page = browser.page(1280)
        page.open(f"{pages}/")
        page.fill("#address", token)
        page.click("main form button.main")
        page.wait("document.querySelector('#verdict')", 120)
        printed = PdfReader(io.BytesIO(page.printed()))
        word = page.text("#verdict-title").strip()
    assert len(printed.pages) <= PAGES_MAX
    text = "\n".join(each.extract_text() for each in printed.pages)
    for words in (
        word,
        "Next:",
        "Powers",
        "Blacklist",
        "Trading can be paused",
        "New tokens can be made",
        "can replace the code",
        token,
    ):
        assert words in text, words
