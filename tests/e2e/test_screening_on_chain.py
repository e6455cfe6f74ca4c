"""The screening on a development chain: an owner turns a trap on and the page shows it; safe tokens made and locked."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from Crypto.Hash import keccak
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.screening.dossier import open_dossier
from tarazy.screening.watch.record_file import read_records

from ..servers import rpc
from .conftest import Done

Run = Callable[..., Done]
CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "tokens"
CHAIN = "31337"
WAIT_S_MAX = 60.0
ASSET = "7"


def creation(name: str) -> str:
    """Return the creation code of a token of the corpus as hex."""
    code: str = json.loads((CORPUS / f"{name}.json").read_text())["contracts"]["Token"]["creation"]
    return code


def selector(signature: str) -> str:
    """Return the first four bytes of a signature's hash as hex."""
    return keccak.new(digest_bits=256, data=signature.encode()).hexdigest()[:8]


def until(ask: Callable[[], Any]) -> Any:
    """Ask until there is an answer."""
    ends = time.monotonic() + WAIT_S_MAX
    while time.monotonic() < ends:
        if found := ask():
            return found
        time.sleep(0.1)
    raise AssertionError(f"no answer in {WAIT_S_MAX} s")


class Owner:
    """The first account of a development chain, who deploys tokens and uses his powers."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.accounts: list[str] = rpc(url, "eth_accounts")

    def send(self, **transaction: str) -> dict[str, Any]:
        sent = rpc(self.url, "eth_sendTransaction", {"from": self.accounts[0], "gas": hex(5_000_000), **transaction})
        receipt: dict[str, Any] = until(lambda: rpc(self.url, "eth_getTransactionReceipt", sent))
        assert receipt["status"] == "0x1"
        return receipt

    def deploy(self, name: str) -> str:
        address: str = self.send(data=creation(name))["contractAddress"]
        return address.lower()

    def pause(self, token: str) -> str:
        receipt = self.send(to=token, data="0x" + selector("setPaused(bool)") + f"{1:064x}")
        return str(receipt["transactionHash"])


@pytest.fixture
def server(anvil: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """Start the service on a development chain, and stop it by its signal."""
    words = ["--port", "0", "--data", str(tmp_path / "data"), "--rpc", f"{CHAIN}={anvil}", "--poll", "0.2", "--json"]
    command = [sys.executable, "-m", "tarazy.cli.main", "screening", "serve", *words]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with httpx.Client(base_url=url, timeout=60) as client:
            yield client
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0, (tmp_path / "log").read_text()[-3000:]


def send_form(server: httpx.Client, page: str, path: str, **fields: str) -> httpx.Response:
    """Fill in a page's form and send it, as a browser does."""
    token = re.search(r'name="form_token" value="(\w+)"', server.get(page).text)
    assert token is not None
    return server.post(path, data={"form_token": token.group(1), **fields}, headers={"origin": str(server.base_url)})


def test_trap_that_the_owner_turns_on_is_seen_on_the_page_with_before_and_after(
    server: httpx.Client, anvil: str
) -> None:
    owner = Owner(anvil)
    token = owner.deploy("limit-pause/vulnerable")
    assert (
        send_form(
            server, "/screening/watch", "/screening/watch", address=token, chain=CHAIN, asset_id=ASSET
        ).status_code
        == 303
    )

    def followed() -> Any:
        listed = server.get("/screening/watch.json").json()["followed"]
        return listed and listed[0]["block_number"] is not None and listed[0]["verdict"] and listed

    assert until(followed)[0]["state"] == "following"
    before = server.get("/screening/watch.json").json()
    assert before["running"] is True
    assert [record for record in before["alerts"] if record["record"] == "alert"] == []
    transaction = owner.pause(token)

    def alerted() -> list[dict[str, Any]]:
        records = server.get("/screening/watch.json").json()["alerts"]
        return [record for record in records if record["record"] == "alert"]

    turned_on = until(alerted)
    assert {alert["address"] for alert in turned_on} == {token}
    assert transaction in {alert["transaction"] for alert in turned_on}
    assert all(alert["before"] != alert["after"] for alert in turned_on)
    assert all(alert["draft"] and alert["asset_id"] == int(ASSET) for alert in turned_on)
    assert turned_on[0]["title"] in server.get("/screening/watch").text
    shown = server.get(f"/screening/token/{CHAIN}/{token}.json").json()
    assert shown["alerts"]

    def screened_anew() -> Any:
        history = server.get(f"/screening/token/{CHAIN}/{token}.json").json()["history"]
        return len(history) >= 2 and history

    assert until(screened_anew)
    assert send_form(server, "/screening/watch", "/screening/watch/leave", address=token, chain=CHAIN).is_redirect
    assert server.get("/screening/watch.json").json()["followed"] == []


def test_token_created_from_the_page_is_screened_locked_and_answered_to_lockers(
    server: httpx.Client, anvil: str
) -> None:
    owner = Owner(anvil)
    given = {
        "name": "Quiet Harbour",
        "symbol": "QHB",
        "decimals": "18",
        "supply": "1000000",
        "holder": owner.accounts[0],
    }
    page = "/screening/safe-token"
    sent = send_form(server, page, page, template="fixed", chain=CHAIN, **given)
    assert sent.status_code == 303, re.sub(r"<[^>]+>|\s+", " ", sent.text)[:2000]

    def screened() -> Any:
        created = server.get(f"{page}.json").json()["created"]
        return created and created[0]["verdict"] and created[0]

    token = until(screened)
    assert (token["name"], token["symbol"]) == ("Quiet Harbour", "QHB")
    report = server.get(f"/screening/report/{token['report_id']}.json").json()
    assert [power for power, found in report["capabilities"].items() if found["answer"] == "yes"] == ["known_code"]
    verdict = report["verdict"]  # no exchange is known on this chain, so its pools are an open question
    assert (verdict["word"], verdict["deciding"]) == ("caution", ["market"])
    lock = {"token": token["address"], "amount": "400000", "owner": owner.accounts[0], "days": "30"}
    assert send_form(server, page, f"{page}/lock", chain=CHAIN, **lock).status_code == 303
    (shown,) = server.get(f"{page}.json").json()["locks"]
    assert (shown["token"], shown["amount"]) == (token["address"], 400_000)
    asked = {"chainId": CHAIN, "tokenAddress": token["address"], "chain_id": CHAIN, "token_address": token["address"]}
    answer = server.get("/open/api/v1/locks/token", params={**asked, "pageNum": 1, "pageSize": 10}).json()
    assert answer["code"] == 1, answer
    dossier = server.get(f"/screening/report/{token['report_id']}/dossier").json()
    key = bytes.fromhex(server.get("/v1/screening/key").json()["public_key"])
    assert open_dossier(dossier, key)["identity"]["address"] == token["address"]


def test_lock_of_more_than_anybody_holds_is_refused_in_words(server: httpx.Client, anvil: str) -> None:
    owner = Owner(anvil)
    token = owner.deploy("limit-pause/benign")
    fields = {"token": token, "amount": str(10**30), "owner": owner.accounts[0], "days": "30"}
    sent = send_form(server, "/screening/safe-token", "/screening/safe-token/lock", chain=CHAIN, **fields)
    assert sent.status_code == 422
    assert "expected an account of the node that holds" in sent.text


def test_watch_from_the_command_line_signs_alerts_and_drafts_a_suspension(
    tarazy: Run, anvil: str, tmp_path: Path
) -> None:
    owner = Owner(anvil)
    token = owner.deploy("limit-pause/vulnerable")
    words = ["screening", "watch", "--rpc", anvil, "--token", f"{token}={ASSET}", "--folder", tmp_path / "w", "--once"]
    began = tarazy(*words, "--json")
    assert began.code == 0
    transaction = owner.pause(token)
    done = tarazy(*words, "--json")
    assert done.code == 0, done.err
    records = [json.loads(line) for line in (began.out + done.out).splitlines()]
    alerts = [record for record in records if record["record"] == "alert"]
    assert transaction in {alert["transaction"] for alert in alerts}
    assert all(alert["asset_id"] == int(ASSET) and alert["draft"] for alert in alerts)
    kept = list(read_records(tmp_path / "w" / "alerts.jsonl"))
    assert [record["id"] for record in kept] == [record["id"] for record in records]
    drafts = sorted(path.stem for path in (tmp_path / "w" / "drafts").glob("*.record"))
    assert drafts == sorted(alert["id"] for alert in alerts)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rpc", "http://127.0.0.1:1"], "found no token to follow"),
        (["--rpc", "http://127.0.0.1:1", "--token", "0x12"], "40 hexadecimal digits"),
        (["--rpc", "http://127.0.0.1:1", "--token", "0x" + "11" * 20 + "=x"], "its number at the venue"),
        (["--rpc", "http://127.0.0.1:1", "--token", "0x" + "11" * 20, "--once"], "127.0.0.1:1"),
        (["--rpc", "http://127.0.0.1:1", "--tokens", "HERE/list"], "expected a JSON list"),
    ],
)
def test_wrong_usage_of_the_watch_says_what_was_expected(
    tarazy: Run, tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "list").write_text("{}")
    given = [word.replace("HERE", str(tmp_path)) for word in words]
    done = tarazy("screening", "watch", "--folder", tmp_path / "w", *given)
    assert done.code in (1, 2)
    assert said in done.err
    assert "Traceback" not in done.err


def test_token_and_lock_from_the_command_line(tarazy: Run, anvil: str) -> None:
    owner = Owner(anvil).accounts[0]
    token = ["screening", "token", "--rpc", anvil, "--json"]
    values = {"name": "Quiet Harbour", "symbol": "QHB", "decimals": 18, "supply": 10**24, "holder": owner}
    made = tarazy(
        *token, "--create", "fixed", *(word for k, v in values.items() for word in ("--set", f"{k}={v}"))
    ).json
    lock = tarazy(*token, "--create-lock").json["time_lock"]
    locked = tarazy(*token, "--lock", made["address"], "--time-lock", lock, "--amount", 600, "--days", 10).json
    (found,) = tarazy(*token, "--locks", made["address"], "--time-lock", lock).json["locks"]
    assert (found["id"], found["amount"], found["unlocked"]) == (locked["lock"], 600, 0)
    early = tarazy(*token, "--withdraw", int(locked["lock"]) or 1, "--time-lock", lock)
    assert early.code == 1
    assert "nothing was sent" in early.err
    rpc(anvil, "evm_increaseTime", 11 * 86_400)
    rpc(anvil, "evm_mine")
    screened = tarazy("screen", "--rpc", anvil, "--address", made["address"], "--json").json
    assert [power for power, answer in screened["capabilities"].items() if answer == "yes"] == ["known_code"]
    assert (screened["verdict"], screened["verdict_detail"]["deciding"]) == ("caution", ["market"])
    assert screened["input"] == "chain"


def test_address_on_a_chain_names_who_holds_the_power(tarazy: Run, anvil: str) -> None:
    owner = Owner(anvil)
    token = owner.deploy("mint-lying-name/vulnerable")
    done = tarazy("screen", "--rpc", anvil, "--address", token, "--json")
    assert done.code == 0
    assert done.json["capabilities"]["mint"] == "yes"
    assert done.json["evidence"]["mint"]["holders"][0]["address"] == owner.accounts[0].lower()
    assert done.json["block_number"] == 1


def test_address_without_code_is_unknown_with_the_reason(tarazy: Run, anvil: str) -> None:
    done = tarazy("screen", "--rpc", anvil, "--address", "0x" + "12" * 20, "--json")
    assert done.code == 0
    assert set(done.json["capabilities"].values()) == {"unknown"}
    assert "not a contract" in done.json["evidence"]["mint"]["reason"]


def test_dossier_from_a_report_is_signed(tarazy: Run, tmp_path: Path) -> None:
    code = tmp_path / "token.hex"
    code.write_text(
        json.loads((CORPUS / "mint-lying-name" / "vulnerable.json").read_text())["contracts"]["Token"]["runtime"]
    )
    report = tmp_path / "report.json"
    report.write_text(tarazy("screen", "--bytecode", code, "--json").out)
    words = ["screening", "dossier", report, "--key", tmp_path / "key", "--dti", "X9J9K872S"]
    signed = tarazy(*words, "--json").json
    key = bytes.fromhex(signed["signature"]["public_key"])
    assert Ed25519PublicKey.from_public_bytes(key)
    dossier = open_dossier(signed, key)
    assert dossier["identity"]["dti"] == "X9J9K872S"
    assert {power["power"]: power["answer"] for power in dossier["powers"]}["mint"] == "yes"
    again = tarazy("screening", "dossier", report, "--key", tmp_path / "key", "--dti", "X9J9K872X")
    assert again.code == 1
    assert "X9J9K872X" in again.err


def test_dossier_of_what_is_no_report_is_refused(tarazy: Run, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"id": 1}')
    done = tarazy("screening", "dossier", tmp_path / "report.json", "--key", tmp_path / "key")
    assert done.code == 2
    assert "expected one report" in done.err
