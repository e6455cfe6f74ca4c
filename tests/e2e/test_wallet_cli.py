"""`tarazy screening wallet` on a development chain: real tokens, real screenings, and bad input told in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ..devchain import DevChain
from ..unit.screening.holder.stage import ETHER, UNLIMITED, HolderStage, new_address
from .conftest import Done

Run = Callable[..., Done]
A = "0x" + "12" * 20


@pytest.fixture
def stage(anvil_session: str) -> HolderStage:
    return HolderStage(DevChain(anvil_session))


def test_wallet_is_shown_with_verdicts_and_its_revocation_ends_the_approval(tarazy: Run, stage: HolderStage) -> None:
    token, spender = stage.token(held=5 * ETHER), new_address()
    stage.approve(token, spender, UNLIMITED)
    words = ("screening", "wallet", "--rpc", stage.chain.url, "--address", stage.wallet)
    done = tarazy(*words, "--time-limit", "60", "--json")
    assert done.code == 0
    assert len(done.out.splitlines()) == 1
    (held,) = done.json["tokens"]
    assert held["verdict"]["word"] in ("clear", "caution", "unknown")  # no code of this token is malicious
    (found,) = done.json["approvals"]
    assert (found["spender"], found["level"], found["unlimited"]) == (spender, "high", True)
    shown = tarazy(*words, "--time-limit", "60", "--no-screening")
    assert "high: " in shown.out
    assert 'may take all "WATER"' in shown.out
    assert '5 "WATER"' in shown.out
    ended = tarazy(*words, "--revoke", token, "--spender", spender, "--json").json
    assert (ended["effect"], ended["data"]) == ("ends", found["revocation"]["data"])
    stage.chain.send(ended["to"], ended["data"], stage.wallet)
    assert tarazy(*words, "--time-limit", "60", "--no-screening", "--json").json["approvals"] == []
    again = tarazy(*words, "--revoke", token, "--spender", spender)
    assert "there is nothing to revoke" in again.out


def test_transaction_is_said_in_words_and_a_listed_receiver_is_named(
    tarazy: Run, stage: HolderStage, tmp_path: Path
) -> None:
    receiver = new_address()
    listed = {"key": "phishing_activities", "source": "test", "complete": False, "addresses": [receiver]}
    (tmp_path / "list.json").write_text(json.dumps(listed))
    words = ("screening", "wallet", "--rpc", stage.chain.url, "--address", stage.wallet)
    done = tarazy(*words, "--to", receiver, "--value", str(ETHER), "--list", tmp_path / "list.json")
    assert done.code == 0
    assert "Do not sign" in done.out
    assert "You give away 1 of the native currency" in done.out
    assert f"{receiver}: it is listed as phishing_activities" in done.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--address", "0x12"), "expected 0x and 40 hexadecimal digits"),
        (("--address", A, "--spender", A), "expected --revoke TOKEN with --spender"),
        (("--address", A, "--revoke", A), "expected --revoke TOKEN with --spender A"),
        (("--address", A, "--revoke", A, "--spender", A, "--collection", "--token-id", "1"), "at most one of"),
        (("--address", A, "--value", "1"), "expected --to A with --data or --value"),
        (("--address", A, "--to", A, "--value", "-1"), "expected a whole number of at most 256 bits"),
        (("--address", A, "--to", A, "--data", "0xz"), "expected"),
        (("--address", A, "--list", "/nowhere.json"), "expected a file of JSON"),
    ],
)
def test_bad_input_is_told_in_one_line(tarazy: Run, words: tuple[str, ...], expected: str) -> None:
    done = tarazy("screening", "wallet", "--rpc", "http://127.0.0.1:9", *words, "--json")
    assert done.code in (1, 2)
    assert expected in done.json["error"]
    assert "defect" not in done.json["error"]


def test_node_that_is_not_there_is_told_in_one_line(tarazy: Run) -> None:
    done = tarazy("screening", "wallet", "--rpc", "http://127.0.0.1:9", "--address", A, "--json")
    assert done.code == 1
    assert "cannot be reached" in done.json["error"]
