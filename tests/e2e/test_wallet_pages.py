"""A holder's pages in Chromium, as narrow as a phone, over a development chain, with a wallet in the browser.

It connects, an approval is seen, a transaction is read before it is signed, a revocation ends the approval.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tarazy.chains.evm.own_contracts import contract

from ..devchain import DevChain
from ..unit.screening.holder.stage import ETHER, UNLIMITED, HolderStage, new_address
from .browser import Browser, Page
from .console_server import serving

CHAIN_ID = 31337
HOSTILE_SYMBOL = '"><img src=x onerror=alert(1)>\u202e'
# As a wallet's extension puts itself into a page: requests go out, and an error is an object with a code (EIP-1193).
PROVIDER = """
window.ethereum = {
  request: async ({ method, params }) => {
    const answer = JSON.parse(await window.walletIsAsked(method, JSON.stringify(params ?? [])));
    if (answer.error) throw answer.error;
    return answer.result;
  },
};
"""

# Two wallets that announce themselves as EIP-6963 has it: when they load, and again when the page asks. The first one
# refuses everything; its name would do harm as HTML. Nothing is at window.ethereum.
ANNOUNCED = """
const answered = async ({ method, params }) => {
  const answer = JSON.parse(await window.walletIsAsked(method, JSON.stringify(params ?? [])));
  if (answer.error) throw answer.error;
  return answer.result;
};
const refused = async () => { throw { code: 4001, message: "no" }; };
const known = [
  ["350670db-19fa-4704-a166-e52e178b59d2", "<img src=x onerror=alert(1)>", refused],
  ["c3d1f2a0-6a0d-4b9e-9b0c-7f3a2d1e0f11", "Willow", answered],
];
const announce = () => known.forEach(([uuid, name, request]) => {
  const detail = Object.freeze({ info: { uuid, name, icon: "", rdns: "x" }, provider: { request } });
  dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
});
addEventListener("eip6963:requestProvider", announce);
announce();
"""


@dataclass
class BrowserWallet:
    """A wallet in the browser: it notes what it is asked, and signs where `consents`, on the development chain."""

    chain: DevChain
    account: str
    chain_id: int = CHAIN_ID
    consents: bool = True
    switches: bool = True
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def put_into(self, page: Page, script: str = PROVIDER) -> None:
        """Be the provider of every page that is opened from now on."""
        page.driven.expose_function("walletIsAsked", self.answer)
        page.driven.add_init_script(script)

    def answer(self, method: str, parameters: str) -> str:
        """Answer a request as EIP-1193 has it."""
        given = json.loads(parameters)
        self.asked.append((method, given))
        try:
            return json.dumps({"result": self.result(method, given)})
        except PermissionError as error:
            return json.dumps({"error": {"code": int(str(error)), "message": "as the wallet says it"}})

    def result(self, method: str, given: list[Any]) -> Any:
        """Return the result of a request.

        Raises: PermissionError with the code of EIP-1193.
        """
        if method == "eth_requestAccounts":
            return [self.account]
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "wallet_switchEthereumChain" and self.switches:
            self.chain_id = int(given[0]["chainId"], 16)
            return None
        if method == "wallet_switchEthereumChain":
            raise PermissionError(4902)
        if method == "eth_sendTransaction" and self.consents:
            return self.chain.ask(method, *given)
        raise PermissionError(4001)


@pytest.fixture
def stage(anvil_session: str) -> HolderStage:
    return HolderStage(DevChain(anvil_session))


@pytest.fixture(scope="module")
def pages(anvil_session: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("wallets")
    (folder / "tarazy.toml").write_text("[screening.limits]\nwallet_s = 120.0\nsimulation_wall_s = 60.0\n")
    words = ("--rpc", f"{CHAIN_ID}={anvil_session}", "--config", str(folder / "tarazy.toml"))
    with serving(folder, *words) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.page(390, 844)
    yield opened
    opened.close()
    assert not opened.complaints
    assert not opened.from_elsewhere()


@pytest.fixture
def wallet(stage: HolderStage, page: Page) -> BrowserWallet:
    found = BrowserWallet(stage.chain, stage.wallet)
    found.put_into(page)
    return found


def test_holder_connects_sees_a_dangerous_approval_and_takes_it_back(
    stage: HolderStage, pages: str, page: Page, wallet: BrowserWallet
) -> None:
    token, spender = stage.token(held=5 * ETHER), new_address()
    stage.approve(token, spender, UNLIMITED)
    page.open(f"{pages}/wallet")
    page.wait("!document.querySelector('#connect').hidden")
    page.click("#connect")
    page.wait("document.querySelector('.approvals .is-high')", 60)
    assert "may take all" in page.text(".approvals")
    assert "no code says when it takes" in page.text(".approvals")
    assert '5 "WATER"' in page.text(".holdings")
    page.wait("document.querySelector('.holdings .pill')", 120)  # the screening ends and the page sees it by itself
    assert not page.overflow()
    page.click(".approvals .is-high a.button")
    page.wait("document.querySelector('#sign') && !document.querySelector('#sign').hidden", 60)
    assert "this ends the approval" in page.text("main")
    assert not page.overflow()
    wallet.asked.clear()
    page.click("#sign")
    page.wait("document.querySelector('#wallet-says').textContent.startsWith('Sent: 0x')", 60)
    assert [method for method, _ in wallet.asked] == ["eth_requestAccounts", "eth_chainId", "eth_sendTransaction"]
    (sent,) = wallet.asked[-1][1]
    data = "0x095ea7b3" + spender[2:].rjust(64, "0") + "0" * 64  # 095ea7b3: approve(address,uint256)
    assert sent == {"from": stage.wallet, "to": token, "value": "0x0", "data": data, "chainId": hex(CHAIN_ID)}
    assert stage.chain.view(token, "allowance(address,address)", stage.wallet, spender) == 0
    page.open(f"{pages}/wallet/{CHAIN_ID}/{stage.wallet}")
    assert "No approval stands" in page.text("main")


def test_wallet_that_declines_or_is_on_another_chain_or_account_sends_nothing(
    stage: HolderStage, pages: str, page: Page, wallet: BrowserWallet
) -> None:
    token, spender = stage.token(held=5), new_address()
    stage.approve(token, spender, 3)
    page.open(f"{pages}/wallet/{CHAIN_ID}/{stage.wallet}/revoke?token={token}&spender={spender}")
    wallet.consents = False
    page.click("#sign")
    page.wait("document.querySelector('#wallet-says').textContent.includes('You declined it')")
    wallet.chain_id, wallet.switches = 1, False
    page.click("#sign")
    page.wait("document.querySelector('#wallet-says').textContent.includes('does not know this chain')")
    wallet.asked.clear()
    wallet.switches, wallet.consents = True, True
    wallet.account = new_address()
    page.click("#sign")
    page.wait("document.querySelector('#wallet-says').textContent.includes('another account')")
    assert [method for method, _ in wallet.asked] == ["eth_requestAccounts"]
    wallet.account = stage.wallet
    page.click("#sign")
    page.wait("document.querySelector('#wallet-says').textContent.startsWith('Sent: 0x')", 60)
    assert wallet.chain_id == CHAIN_ID
    assert stage.chain.view(token, "allowance(address,address)", stage.wallet, spender) == 0


def test_wallets_that_announce_themselves_are_offered_and_the_chosen_one_is_asked(
    stage: HolderStage, pages: str, page: Page
) -> None:
    wallet = BrowserWallet(stage.chain, stage.wallet)
    wallet.put_into(page, ANNOUNCED)
    page.open(f"{pages}/wallet")
    page.wait("!document.querySelector('#connect').hidden")
    assert page.run("typeof window.ethereum") == "undefined"
    assert page.run("[...document.querySelectorAll('#wallet-choice option')].map((each) => each.textContent)") == [
        "<img src=x onerror=alert(1)>",
        "Willow",
    ]
    assert page.run("document.querySelectorAll('main img').length") == 0
    assert page.driven.locator("#wallet-choice").is_visible()
    page.click("#connect")
    page.wait("document.querySelector('#wallet-says').textContent.includes('You declined it')")
    assert wallet.asked == []
    page.driven.select_option("#wallet-choice", label="Willow")
    page.click("#connect")
    page.wait("document.querySelector('.holdings') || document.querySelector('#tokens-title')", 60)
    assert [method for method, _ in wallet.asked] == ["eth_requestAccounts", "eth_chainId"]


def test_transaction_is_read_before_it_is_signed_and_the_symbol_of_a_token_is_only_read(
    stage: HolderStage, pages: str, page: Page
) -> None:
    made = contract("FixedToken").deployment("Silk", HOSTILE_SYMBOL, 18, 10**24, stage.wallet)
    token, spender = stage.chain.deploy_code("0x" + made.hex()), new_address()
    page.open(f"{pages}/wallet/{CHAIN_ID}/{stage.wallet}/sign")
    page.fill("#to", token)
    page.fill("#data", "0x095ea7b3" + spender[2:].rjust(64, "0") + "f" * 64)
    page.click("main form button")
    page.wait("document.querySelector('#result')", 60)
    shown = page.text("#result")
    assert "Do not sign" in shown
    assert "may then take ALL you have of" in shown
    assert "<img src=x" in shown
    assert "\u202e" not in page.text()
    assert page.run("document.querySelectorAll('main img').length") == 0
    assert not page.overflow()
    assert page.run("document.querySelector('.holder-risks code').textContent.length") < 20
    copied = page.run("[...document.querySelectorAll('.holder-risks [data-copy]')].map((each) => each.dataset.copy)")
    assert {spender, token} <= set(copied)
    assert stage.chain.view(token, "allowance(address,address)", stage.wallet, spender) == 0
    page.open(f"{pages}/wallet/{CHAIN_ID}/{stage.wallet}/sign?language=kk")
    page.fill("#to", token)
    page.fill("#data", "0x095ea7b3" + spender[2:].rjust(64, "0") + "f" * 64)
    page.click("main form button")
    page.wait("document.querySelector('#result')", 60)
    assert "қол қоймаңыз" in page.text("#result")
    assert "БӘРІН ала алады" in page.text("#result")
    assert not page.overflow()


def test_page_without_a_wallet_and_without_scripts_still_gives_what_to_copy(
    stage: HolderStage, pages: str, browser: Browser
) -> None:
    token, spender = stage.token(held=5), new_address()
    stage.approve(token, spender, 3)
    page = browser.page(390, 844, scripts=False)
    page.open(f"{pages}/wallet/{CHAIN_ID}/{stage.wallet}/revoke?token={token}&spender={spender}")
    assert "095ea7b3" in page.text("main")
    assert not page.driven.locator("#sign").is_visible()
    page.open(f"{pages}/wallet")
    assert not page.driven.locator("#connect").is_visible()
    page.close()
