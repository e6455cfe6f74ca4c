"""Signed instructions to a facility that is served: handed in over loopback, through a folder, and the kill switch."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tarazy.cli.facility.publishing import published
from tarazy.cli.market_data.playing import KEY_NAMES
from tarazy.cli.output import Output
from tarazy.domain.records import CancelAll, MarketState, OrderType, PlaceOrder, SetMarketState, Side, TimeInForce
from tarazy.facility.officers.drafts import Document, Draft, DraftSigner, draft_as_json, sign_draft, write_draft
from tarazy.facility.officers.key_files import load_key_file
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import keys_folder
from tarazy.oversight.requests.order_requests import DEFAULT_PREVENTION
from tarazy.spec.venue import Venue

from ..trading_stage import Served, make_facility, new_key, refusals, served
from .conftest import Done
from .test_gateway_attacks import ORDER, Trader, code_of

Run = Callable[..., Done]
HALT = SetMarketState(market_state=MarketState.halted, market_id=1)
RESUME = tuple(  # a halted market opens through a call phase
    SetMarketState(market_state=state, market_id=1, reference_price_ticks=100)
    for state in (MarketState.pre_open, MarketState.continuous)
)
WAIT_S = 20.0


class Stage(NamedTuple):
    """A served facility, a trader of account 1, the folder of drafts and a paper."""

    gateway: Served
    trader: Trader
    drafts: Path
    paper: Path


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Serve a facility that follows a folder of drafts."""
    directory, drafts, paper = tmp_path / "facility", tmp_path / "drafts", tmp_path / "why.txt"
    make_facility(directory)
    drafts.mkdir()
    paper.write_text("A member's program runs wild.\n")
    with served(directory, "--drafts", str(drafts)) as running:
        yield Stage(running, Trader(running, *new_key(directory, 1)), drafts, paper)


def drafted(directory: Path, *commands: Any, signers: int = 2, papers: tuple[Path, ...] = ()) -> Draft:
    """Return a draft with the signatures of the first officers."""
    identity = load_identity(directory)
    keys = [load_key_file(keys_folder(directory) / f"{KEY_NAMES[at]}.key") for at in range(signers)]
    draft = Draft(
        facility=identity.name,
        facility_id=identity.facility_id,
        instruction_number=time.time_ns(),
        valid_until_ns=(time.time_ns() // 10**9 + 600) * 10**9,
        officers=tuple(DraftSigner(number, key.public_key) for number, key in enumerate(keys, 1)),
        commands=commands,
        documents=tuple(Document(path.name, sha256(path.read_bytes()).digest()) for path in papers),
    )
    for key in keys:
        draft = sign_draft(draft, key)
    return draft


def hand_in(gateway: Served, draft: Draft) -> httpx.Response:
    """Hand a draft in over HTTP."""
    return httpx.post(f"{gateway.url}/v1/instructions", json=draft_as_json(draft))


def resume(gateway: Served) -> None:
    """Let the market trade again, behind a call phase as long as its rules say: one second."""
    for command in RESUME:
        done = hand_in(gateway, drafted(gateway.directory, command)).json()
        assert done["refused"] == 0, done
        time.sleep(1.3)


def test_halt_and_resume_are_in_force_when_they_are_answered(stage: Stage) -> None:
    gateway, trader, _, _ = stage
    placed = trader.ask("POST", "/api/v3/order", **ORDER).json()
    done = hand_in(gateway, drafted(gateway.directory, HALT, signers=1)).json()
    assert [(each["command"], each["refused"]) for each in done["answers"]] == [
        ("PresentInstruction", ""),
        ("SetMarketState", ""),
    ]
    assert 0 < done["took_ms"] < 5_000
    refused = trader.ask("POST", "/api/v3/order", **ORDER)
    assert (code_of(refused), refused.json()["reject"]) == ((400, -1013), "market_not_open")
    trader.ask("GET", "/api/v3/account")
    status = httpx.get(f"{gateway.url}/api/v3/exchangeInfo").json()["symbols"][0]["status"]
    assert status == "CANCEL_ONLY"  # binance-spot-api-docs, changelog of 7 July 2026
    assert trader.ask("DELETE", "/api/v3/order", symbol="BTCUSD", orderId=placed["orderId"]).status_code == 200
    resume(gateway)
    assert trader.ask("POST", "/api/v3/order", **ORDER).status_code == 200


def test_an_instruction_works_once_and_one_that_is_not_whole_not_at_all(stage: Stage) -> None:
    gateway = stage.gateway
    draft = drafted(gateway.directory, HALT, signers=1)
    assert hand_in(gateway, draft).json()["refused"] == 0
    again = hand_in(gateway, draft).json()
    assert again["answers"][0]["refused"] == "instruction_number_used"
    resume = drafted(gateway.directory, *RESUME)
    unsigned = hand_in(gateway, resume._replace(signatures=resume.signatures[:1]))
    assert code_of(unsigned) == (400, -1130)
    assert "expected every signature" in unsigned.json()["msg"]
    forged = draft_as_json(resume)
    forged["signatures"][0]["signature"] = "00" * 64  # type: ignore[index]
    assert code_of(httpx.post(f"{gateway.url}/v1/instructions", json=forged)) == (400, -1130)
    four_eyes = hand_in(gateway, drafted(gateway.directory, *RESUME, signers=1)).json()
    assert four_eyes["answers"][1]["refused"] == "four_eyes_required"
    for body in (b"", b"[]", b"{}", b'{"format": 1}', b"\xff", b"[" * 10_000):
        answer = httpx.post(f"{gateway.url}/v1/instructions", content=body)
        assert answer.status_code == 400, (body[:20], answer.text)


def test_orders_are_canceled_for_a_client_under_a_paper_that_says_why(stage: Stage) -> None:
    gateway, trader, _, paper = stage
    placed = trader.ask("POST", "/api/v3/order", **ORDER).json()
    draft = drafted(gateway.directory, CancelAll(account_id=1), signers=1, papers=(paper,))
    assert hand_in(gateway, draft).json()["refused"] == 0
    now = trader.ask("GET", "/api/v3/order", symbol="BTCUSD", orderId=placed["orderId"]).json()
    assert now["status"] == "CANCELED"


def wait_for(path: Path) -> dict[str, Any]:
    """Return an outcome when it is there."""
    deadline = time.monotonic() + WAIT_S
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path.name}"
        time.sleep(0.05)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_complete_draft_in_the_folder_is_handed_in_once_also_after_a_kill(stage: Stage, tmp_path: Path) -> None:
    gateway, trader, drafts, _ = stage
    whole = drafted(gateway.directory, HALT, signers=1)
    write_draft(drafts / "halt.json", whole._replace(signatures=()), new=True)
    time.sleep(1.2)
    assert not (drafts / "halt.outcome").exists()  # it waits for its officer
    write_draft(drafts / "halt.json", whole, new=False)
    assert wait_for(drafts / "halt.outcome")["refused"] == 0
    assert trader.ask("POST", "/api/v3/order", **ORDER).json()["reject"] == "market_not_open"
    gateway.process.send_signal(signal.SIGKILL)
    gateway.process.wait()
    (drafts / "halt.outcome").unlink()  # as if it had been killed before it wrote the outcome
    with served(gateway.directory, "--drafts", str(drafts)):
        again = wait_for(drafts / "halt.outcome")
    assert again["answers"][0]["refused"] == "instruction_number_used"
    assert again["note"] == "the record had it before"


def test_kill_switch_stops_market_venue_and_account_and_says_how_fast(stage: Stage, tarazy: Run) -> None:
    gateway, trader, _, paper = stage
    common = [gateway.directory, "--url", gateway.url, "--officer", 1]
    common += ["--key", keys_folder(gateway.directory) / f"{KEY_NAMES[0]}.key", "--reason", paper]
    placed = trader.ask("POST", "/api/v3/order", **ORDER).json()
    for what in (["--market", 1], ["--venue"]):
        done = tarazy("instruct", "kill", *common, *what, "--json")
        assert (done.code, done.json["refused"]) == (0, 0), done.err
        assert done.json["took_ms"] <= done.json["total_ms"]
        assert trader.ask("POST", "/api/v3/order", **ORDER).json()["reject"] == "market_not_open"
        resume(gateway)
        trader.ask("GET", "/api/v3/account")
    done = tarazy("instruct", "kill", *common, "--account", 1, "--json")
    assert done.code == 0, done.err
    gone = trader.ask("GET", "/api/v3/order", symbol="BTCUSD", orderId=placed["orderId"]).json()
    assert (gone["status"], gone["expiryReason"]) == ("EXPIRED", "ACCOUNT_STATE")
    assert trader.ask("POST", "/api/v3/order", **ORDER).json()["reject"] == "not_available"
    other = Trader(gateway, *new_key(gateway.directory, 2))
    assert other.ask("POST", "/api/v3/order", **ORDER).status_code == 200
    wrong = tarazy("instruct", "kill", *common, "--session", 3, "--venue", "--json")
    assert (wrong.code, "expected --session together" in wrong.json["error"]) == (2, True)


def test_kill_of_a_session_cancels_its_orders_alone_and_the_account_trades_on(tmp_path: Path, tarazy: Run) -> None:
    """Sessions 3 and 4 of account 1, and session 3 of account 2, each rest one order; one officer kills the first."""
    directory, paper = tmp_path / "facility", tmp_path / "why.txt"
    make_facility(directory)
    paper.write_text("One of a member's connections runs wild.\n")
    numbers = rested(directory, (1, 3), (1, 4), (2, 3))
    with served(directory) as gateway:
        terms = [gateway.directory, "--url", gateway.url, "--officer", 1, "--reason", paper, "--json"]
        terms += ["--key", keys_folder(directory) / f"{KEY_NAMES[0]}.key"]
        done = tarazy("instruct", "kill", *terms, "--account", 1, "--session", 3)
        assert (done.code, done.json["refused"]) == (0, 0), done.err
        assert done.json["took_ms"] <= done.json["total_ms"]
        traders = {number: Trader(gateway, *new_key(directory, number)) for number in (1, 2)}
        asked = [(1, numbers[0]), (1, numbers[1]), (2, numbers[2])]
        answers = [traders[account].ask("GET", "/api/v3/order", symbol="BTCUSD", orderId=n) for account, n in asked]
        assert [each.json()["status"] for each in answers] == ["CANCELED", "NEW", "NEW"]
        assert traders[1].ask("POST", "/api/v3/order", **ORDER).status_code == 200
        again = tarazy("instruct", "kill", *terms, "--account", 1, "--session", 3)
        assert (again.code, again.json["refused"]) == (0, 0), again.err  # nothing is left to cancel, which is no fault


def rested(directory: Path, *sessions: tuple[int, int]) -> list[int]:
    """Let a sell of each account and session rest at 140; return the numbers of the orders."""
    sequencer = Sequencer.open(directory, Venue)
    with published(sequencer, directory, Output(as_json=True)):
        common = {"order_type": OrderType.limit, "side": Side.sell, "time_in_force": TimeInForce.gtc, "market_id": 1}
        common |= {"self_trade_prevention": DEFAULT_PREVENTION.value, "price_ticks": 140, "quantity_lots": 1}
        orders = [PlaceOrder(**common, account_id=account, session_id=number) for account, number in sessions]
        events = sequencer.execute(b"".join(order.pack() for order in orders))
        assert not refusals(events)
        return [sequencer.engine.next_seq - len(sessions) + at for at in range(len(sessions))]


def test_submit_hands_a_draft_to_the_facility_that_is_served(stage: Stage, tarazy: Run, tmp_path: Path) -> None:
    gateway = stage.gateway
    write_draft(tmp_path / "halt.json", drafted(gateway.directory, HALT, signers=1), new=True)
    busy = tarazy("instruct", "submit", gateway.directory, tmp_path / "halt.json", "--json")
    assert (busy.code, "with --url" in busy.json["error"]) == (2, True)
    done = tarazy("instruct", "submit", gateway.directory, tmp_path / "halt.json", "--url", gateway.url, "--json")
    assert (done.code, done.json["refused"]) == (0, 0), done.err
    nobody = tarazy(
        "instruct", "submit", gateway.directory, tmp_path / "halt.json", "--url", "http://127.0.0.1:1", "--json"
    )
    assert nobody.code == 2
