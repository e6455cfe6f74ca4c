"""What the service answers to holders over a development chain: verdicts, words, revocations played."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tarazy.chains.evm.code import keccak256
from tarazy.screening.model import Report, Verdict
from tarazy.screening.request import ScreenRequest

from .... import servers
from ....devchain import DevChain
from ....servers import HostileNode
from ..service.application import Site, running
from ..service.examples import report
from .stage import ETHER, UNLIMITED, HolderStage, new_address

CHAIN_ID = 31337
WAIT_S = 120.0


@pytest.fixture
def stage(anvil_session: str) -> HolderStage:
    return HolderStage(DevChain(anvil_session))


def on_chain(stage: HolderStage, folder: Path, test: Callable[[Site], Awaitable[None]], **changes: Any) -> None:
    """Run a test against an application whose chain is the development chain."""

    async def run() -> None:
        given = {"nodes": {CHAIN_ID: stage.chain.url}, "simulation_wall_s": 60.0, "wallet_s": 60.0, **changes}
        async with running(folder, **given) as site:
            await asyncio.wait_for(test(site), WAIT_S)

    asyncio.run(run())


def with_words(words: dict[str, str]) -> Callable[[ScreenRequest], Report]:
    """Return a screener's answer: a verdict's word for each address, clear for any other."""

    def made(request: ScreenRequest) -> Report:
        verdict = Verdict(words.get(request.address or "", "clear"), "house", "2026-01-01", next_step="Look.")
        return replace(report(), verdict=verdict)

    return made


def selector(signature: str) -> str:
    """Return the four bytes of a function, by the rule of the ABI."""
    return keccak256(signature.encode())[:4].hex()


def word(address: str) -> str:
    """Return an address as a word of a call."""
    return address[2:].rjust(64, "0")


async def wallet_of(site: Site, stage: HolderStage) -> Any:
    """Return the wallet as the API answers it once every verdict is there."""
    while True:  # the test's own deadline ends it
        answer = await site.client.get(f"/v1/screening/wallets/{CHAIN_ID}/{stage.wallet}", timeout=WAIT_S)
        assert answer.status_code == 200, answer.text
        assert answer.headers["tarazy-signature"]
        found = answer.json()
        if not found["under_way"]:
            return found


async def post(site: Site, stage: HolderStage, what: str, **body: Any) -> Any:
    """Return the answer to a question about the wallet."""
    path = f"/v1/screening/wallets/{CHAIN_ID}/{stage.wallet}/{what}"
    answer = await site.client.post(path, json=body, timeout=WAIT_S)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_wallet_shows_the_dangerous_approval_and_the_malicious_token_first(stage: HolderStage, tmp_path: Path) -> None:
    harmless, malicious, listed = stage.token(held=5), stage.token(held=6), new_address()
    contract, key_holder = stage.token(), new_address()
    stage.approve(harmless, contract, 2)
    stage.approve(harmless, key_holder, UNLIMITED)
    stage.approve(harmless, listed, 1)
    (tmp_path / "list.json").write_text(
        json.dumps({"key": "phishing_activities", "source": "test", "complete": False, "addresses": [listed]})
    )

    async def test(site: Site) -> None:
        site.screener.made = with_words({malicious: "malicious", contract: "caution"})
        found = await wallet_of(site, stage)
        assert [each["address"] for each in found["tokens"]][:2] == [malicious, harmless]
        assert [each["verdict"]["word"] for each in found["tokens"]][:2] == ["malicious", "clear"]
        levels = {each["spender"]: each["level"] for each in found["approvals"]}
        assert levels == {key_holder: "high", listed: "high", contract: "medium"}
        assert found["approvals"][-1]["spender"] == contract
        by_spender = {each["spender"]: each for each in found["approvals"]}
        assert "listed as phishing activities" in by_spender[listed]["why"][0]
        assert "may take all" in by_spender[key_holder]["permits"]
        assert (found["dangerous_approvals"], found["malicious_tokens"], found["under_way"]) == (2, 1, 0)
        assert found["complete"] is True
        sent = by_spender[key_holder]["revocation"]["request"]["params"][0]
        expected = "0x" + selector("approve(address,uint256)") + word(key_holder) + "0" * 64
        assert (sent["from"], sent["to"], sent["data"], sent["value"]) == (stage.wallet, harmless, expected, "0x0")

    on_chain(stage, tmp_path, test, lists=(tmp_path / "list.json",))


def test_verdict_that_takes_long_is_under_way_and_there_with_a_later_question(
    stage: HolderStage, tmp_path: Path
) -> None:
    stage.token(held=5)

    async def test(site: Site) -> None:
        site.screener.gate.clear()
        site.screener.made = with_words({})
        reading = await site.app.state.holders.wallet(CHAIN_ID, stage.wallet, "holder", wait_s=0.1)
        assert [each["verdict"]["word"] for each in reading["tokens"]] == ["under way"]
        assert (reading["under_way"], reading["without_verdict"]) == (1, 1)
        site.screener.gate.set()
        found = await wallet_of(site, stage)
        assert [each["verdict"]["word"] for each in found["tokens"]] == ["clear"]

    on_chain(stage, tmp_path, test)


def test_signing_an_unlimited_approval_is_said_in_words_and_changes_nothing(stage: HolderStage, tmp_path: Path) -> None:
    token, spender, approved = stage.token(held=5 * ETHER), new_address(), new_address()
    stage.approve(token, approved, UNLIMITED)
    data = "0x" + selector("approve(address,uint256)") + word(spender) + "f" * 64

    async def test(site: Site) -> None:
        found = await post(site, stage, "transactions", to=token, data=data)
        assert found["level"] == "high"
        assert "Do not sign" in found["advice"]
        (change,) = found["changes"]
        assert "an account whose key somebody holds" in change
        assert 'may then take ALL you have of "WATER"' in change
        assert found["request"]["params"][0]["data"] == data
        assert found["request"]["params"][0]["chainId"] == hex(CHAIN_ID)
        moved = await post(
            site,
            stage,
            "transactions",
            to=token,
            data="0x" + selector("transfer(address,uint256)") + word(spender) + f"{2 * ETHER:064x}",
        )
        assert moved["changes"] == [
            f'You give away 2 "WATER" ({token[:6]}…{token[-4:]}); you have 3 "WATER" ({token[:6]}…{token[-4:]}) then.'
        ]
        again = await post(
            site,
            stage,
            "transactions",
            to=token,
            data="0x" + selector("approve(address,uint256)") + word(approved) + "f" * 64,
        )
        assert (again["level"], again["risks"][0]["code"]) == ("high", "standing_approval")
        assert "already now" in again["risks"][0]["text"]
        assert "No balance and no approval of yours changes" in again["changes"][0]
        ether = await post(site, stage, "transactions", to=spender, value=hex(ETHER))
        assert ether["changes"][0].startswith("You give away 1 of the native currency; ")
        refused = await post(
            site,
            stage,
            "transactions",
            to=token,
            data="0x" + selector("transfer(address,uint256)") + word(spender) + "f" * 64,
        )
        assert "It would fail" in refused["changes"][0]

    on_chain(stage, tmp_path, test)
    assert stage.chain.view(token, "allowance(address,address)", stage.wallet, spender) == 0
    assert stage.chain.view(token, "balanceOf(address)", stage.wallet) == 5 * ETHER


def test_revocation_of_each_kind_ends_the_approval_when_it_is_sent(stage: HolderStage, tmp_path: Path) -> None:
    token, shared, pieces = stage.token(held=9), stage.hostile("SharedAllowances"), stage.collection()
    spender = new_address()
    stage.approve(token, spender, 7)
    stage.approve(token, shared, UNLIMITED)
    stage.do(shared, "approve(address,address,uint160,uint48)", token, spender, 60, 2**47)
    stage.do(pieces, "make(uint256)", 4)
    stage.do(pieces, "approve(address,uint256)", spender, 4)
    stage.do(pieces, "setApprovalForAll(address,bool)", spender, True)

    async def test(site: Site) -> None:
        site.screener.made = with_words({})
        approvals = (await wallet_of(site, stage))["approvals"]
        assert {each["kind"] for each in approvals} == {"allowance", "through", "piece", "collection"}
        for each in approvals:
            key = {name: each[name] for name in ("kind", "token", "spender", "token_id", "through")}
            found = await post(site, stage, "revocations", **key)
            assert (found["effect"], found["nothing_stands"]) == ("ends", False), key
            assert found["request"] == each["revocation"]["request"]
            (sent,) = found["request"]["params"]
            stage.chain.send(sent["to"], sent["data"], sent["from"])
            again = await post(site, stage, "revocations", **key)
            assert again["nothing_stands"] is True
        assert (await wallet_of(site, stage))["approvals"] == []

    on_chain(stage, tmp_path, test)


def test_revocation_that_a_token_ignores_is_said_to_change_nothing(stage: HolderStage, tmp_path: Path) -> None:
    stubborn, silent, bomb, spender = (*map(stage.hostile, ("StubbornToken", "SilentToken", "GasBomb")), new_address())
    stage.approve(stubborn, spender, 5)
    stage.approve(silent, spender, 5)

    async def test(site: Site) -> None:
        kept = await post(site, stage, "revocations", token=stubborn, spender=spender)
        assert (kept["effect"], kept["level"], kept["amount"]) == ("stays", "high", 5)
        assert "does NOT end" in kept["risks"][0]["text"]
        unseen = await post(site, stage, "revocations", token=silent, spender=spender)
        assert (unseen["effect"], unseen["amount"]) == ("unseen", None)
        failing = await post(site, stage, "revocations", token=bomb, spender=spender)
        assert (failing["effect"], failing["level"]) == ("fails", "high")
        assert any("a usual revocation" in each["text"] for each in failing["risks"])

    on_chain(stage, tmp_path, test)


BAD = (
    ("get", "/v1/screening/wallets/31337/0x12", None, 422, "address_format"),
    ("get", "/v1/screening/wallets/1/0x" + "12" * 20, None, 404, "chain_unsupported"),
    ("get", "/v1/screening/wallets/77/0x" + "12" * 20, None, 404, "chain_unsupported"),
    ("get", "/v1/screening/wallets/solana/0x" + "12" * 20, None, 404, "chain_unsupported"),
    ("post", "transactions", {"to": "0x12"}, 422, "address_format"),
    ("post", "transactions", {"to": "0x" + "12" * 20, "data": "0xzz"}, 422, "bad_parameter"),
    ("post", "transactions", {"to": "0x" + "12" * 20, "value": -1}, 422, "bad_parameter"),
    ("post", "transactions", {"to": "0x" + "12" * 20, "key": "secret"}, 422, "bad_parameter"),
    ("post", "revocations", {"token": "0x" + "12" * 20}, 422, "bad_parameter"),
    ("post", "revocations", {"token": "0x1", "spender": "0x" + "12" * 20}, 422, "address_format"),
    (
        "post",
        "revocations",
        {"kind": "piece", "token": "0x" + "12" * 20, "spender": "0x" + "12" * 20},
        422,
        "bad_parameter",
    ),
    (
        "post",
        "revocations",
        {"kind": "allowance", "token": "0x" + "12" * 20, "spender": "0x" + "12" * 20, "through": "0x" + "12" * 20},
        422,
        "bad_parameter",
    ),
    (
        "post",
        "revocations",
        {"kind": "everything", "token": "0x" + "12" * 20, "spender": "0x" + "12" * 20},
        422,
        "bad_parameter",
    ),
)


def test_bad_questions_are_refused_with_what_was_expected(stage: HolderStage, tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        for method, path, body, status, code in BAD:
            path = path if path.startswith("/") else f"/v1/screening/wallets/{CHAIN_ID}/{stage.wallet}/{path}"
            asked = site.client.get(path) if method == "get" else site.client.post(path, json=body)
            answer = await asked
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), (path, body, answer.text)

    on_chain(stage, tmp_path, test)


def test_node_that_answers_nonsense_is_said_and_the_next_question_asks_it_again(
    stage: HolderStage, hostile_node: HostileNode, tmp_path: Path
) -> None:
    hostile_node.upstream = stage.chain.url
    place = f"/v1/screening/wallets/{CHAIN_ID}/{stage.wallet}"

    async def test(site: Site) -> None:
        hostile_node.behave = servers.garbage
        silent = await site.client.get(place, timeout=WAIT_S)
        assert (silent.status_code, silent.json()["error"]["code"]) == (503, "not_ready")
        hostile_node.behave = servers.honest
        assert (await site.client.get(place, timeout=WAIT_S)).status_code == 200

    on_chain(stage, tmp_path, test, nodes={CHAIN_ID: hostile_node.url})
