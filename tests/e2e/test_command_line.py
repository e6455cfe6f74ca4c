"""Every verb on a small journal: its words, its JSON, and what it says about wrong input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tarazy.cli.main import VERBS

from .conftest import COLLAR_SEQ, LAST_SEQ, POOR_SEQ, TRADE_SEQ, WITHDRAWAL_SEQ, Done

Run = Callable[..., Done]


def test_no_verb_shows_the_list_of_verbs(tarazy: Run) -> None:
    done = tarazy()
    assert done.code == 2
    assert all(name in done.out for name in VERBS)


def test_unknown_verb_is_named_with_those_that_exist(tarazy: Run) -> None:
    done = tarazy("verifi")
    assert done.code == 2
    assert "verify" in done.err
    assert "'verifi'" in done.err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(tarazy: Run, verb: str) -> None:
    done = tarazy(verb, "--help")
    assert done.code == 0
    assert f"tarazy {verb}" in done.out


def test_whole_journal_verifies(tarazy: Run, recorded: Path) -> None:
    done = tarazy("verify", recorded, "--json")
    assert done.code == 0
    assert done.json["ok"] is True
    assert (done.json["commands"], done.json["checkpoints"], done.json["snapshots"]) == (LAST_SEQ, 2, 2)


def test_verify_accepts_the_head_that_it_printed(tarazy: Run, recorded: Path) -> None:
    first = tarazy("verify", recorded, "--json").json
    known = f"{first['head_frame']}:{first['head_hash']}"
    assert tarazy("verify", recorded, "--known-head", known, "--public-key", first["public_key"]).code == 0
    wrong = f"{first['head_frame']}:{'0' * 64}"
    assert tarazy("verify", recorded, "--known-head", wrong).code == 1


def test_changed_byte_fails_verification_and_names_segment_and_frame(tarazy: Run, journal: Path) -> None:
    segment = journal / "segments" / "00000001.seg"
    data = bytearray(segment.read_bytes())
    at = data.index(b"USD")
    data[at] ^= 1
    segment.write_bytes(data)
    done = tarazy("verify", journal, "--json")
    assert done.code == 1
    assert done.json["ok"] is False
    assert (done.json["damage"]["segment"], done.json["damage"]["frame"]) == (1, 1)
    assert "frame 1" in done.err
    assert tarazy("replay", journal, "--json").json["agrees"] is False


@pytest.mark.parametrize("more", [[], ["--from-checkpoints", "--jobs", "2"]])
def test_replay_by_spec_agrees(tarazy: Run, recorded: Path, more: list[str]) -> None:
    done = tarazy("replay", recorded, "--engine", "spec", "--json", *more)
    assert done.code == 0
    assert (done.json["agrees"], done.json["commands"], done.json["checkpoints"]) == (True, LAST_SEQ, 2)


def test_replay_gives_the_same_digest_with_and_without_checkpoints(tarazy: Run, recorded: Path) -> None:
    digests = {tarazy("replay", recorded, "--json", *more).json["digest"] for more in ([], ["--from-checkpoints"])}
    assert len(digests) == 1


def test_book_shows_the_rest_of_the_sell_order(tarazy: Run, recorded: Path) -> None:
    done = tarazy("book", recorded, "--market", 1, "--json")
    assert done.json["asks"] == [{"price_ticks": 7_800, "visible_lots": 30, "remaining_lots": 30, "orders": 1}]
    assert done.json["bids"] == []


def test_book_before_the_trade_shows_the_whole_order(tarazy: Run, recorded: Path) -> None:
    done = tarazy("book", recorded, "--at", TRADE_SEQ - 1, "--json")
    assert done.json["asks"][0]["remaining_lots"] == 50
    assert done.json["last_price_ticks"] == 0


def test_explain_tells_a_trade_in_five_stages_with_balances(tarazy: Run, recorded: Path) -> None:
    done = tarazy("explain", recorded, TRADE_SEQ)
    assert done.code == 0
    assert [word for word in ("GATE", "HOLD", "MATCH", "POST", "EMIT") if word in done.out] == [
        "GATE",
        "HOLD",
        "MATCH",
        "POST",
        "EMIT",
    ]
    assert "0.02000000 BTC at 78,000" in done.out
    assert "1,560.00 USD to account 2" in done.out


def test_explain_balances_of_a_trade_add_up(tarazy: Run, recorded: Path) -> None:
    done = tarazy("explain", recorded, TRADE_SEQ, "--json")
    moved: dict[int, int] = {}
    for row in done.json["balances"]:
        moved[row["asset_id"]] = moved.get(row["asset_id"], 0) + row["after"] - row["before"]
    assert moved == {1: 0, 2: 0}


@pytest.mark.parametrize(
    ("seq", "code", "stage"),
    [(COLLAR_SEQ, "price_outside_collar", "GATE"), (POOR_SEQ, "insufficient_balance", "HOLD")],
)
def test_explain_tells_why_a_command_was_refused(tarazy: Run, recorded: Path, seq: int, code: str, stage: str) -> None:
    done = tarazy("explain", recorded, seq, "--json")
    assert done.json["refused"] == code
    assert any(code in line for line in done.json["stages"][stage])
    assert done.json["balances"] == []


def test_explain_shows_a_withdrawal_moving_to_held(tarazy: Run, recorded: Path) -> None:
    done = tarazy("explain", recorded, WITHDRAWAL_SEQ)
    assert "50.00 USD move from available to held" in done.out


@pytest.mark.parametrize("seq", [0, "x", LAST_SEQ + 1])
def test_explain_refuses_a_number_that_is_not_there(tarazy: Run, recorded: Path, seq: object) -> None:
    done = tarazy("explain", recorded, seq)
    assert done.code == 2
    assert "expected" in done.err
    assert "found" in done.err


def test_book_refuses_a_market_that_is_not_there(tarazy: Run, recorded: Path) -> None:
    done = tarazy("book", recorded, "--market", 9)
    assert done.code == 2
    assert "expected a market from 1 to 1" in done.err


@pytest.mark.parametrize("words", [["verify"], ["replay"], ["book"], ["explain", 1]])
def test_folder_without_a_journal_is_said_so(tarazy: Run, tmp_path: Path, words: list[object]) -> None:
    done = tarazy(words[0], tmp_path, *words[1:])
    assert done.code == 1
    assert "there is no facility in this folder" in done.err


def test_error_with_json_is_an_object_too(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("verify", tmp_path / "nothing", "--json")
    assert "facility.json" in done.json["error"]


def test_explain_lists_the_events_of_a_trade(tarazy: Run, recorded: Path) -> None:
    done = tarazy("explain", recorded, TRADE_SEQ, "--json")
    assert [event["event"] for event in done.json["events"]] == ["OrderAccepted", "TradeExecuted"]
