"""Every verb on a small journal: its words, its JSON, and what it says about wrong input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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
    assert (done.json["damage"]["segment"], done.json["damage"]["frame"]) == (1, 2)
    assert "frame 2" in done.err
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
    assert done.json["asks"] == [{"price_ticks": 7_800, "visible_lots": 30, "leaves_lots": 30, "orders": 1}]
    assert done.json["bids"] == []


def test_book_before_the_trade_shows_the_whole_order(tarazy: Run, recorded: Path) -> None:
    done = tarazy("book", recorded, "--at", TRADE_SEQ - 1, "--json")
    assert done.json["asks"][0]["leaves_lots"] == 50
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


def test_export_writes_one_file_per_kind_with_integer_columns(tarazy: Run, recorded: Path, tmp_path: Path) -> None:
    done = tarazy("export", recorded, "--parquet", tmp_path / "tables", "--engine", "spec", "--json")
    assert done.code == 0
    assert done.json["rows"]["commands/place_order.parquet"] == 4
    assert done.json["rows"]["events/trade_executed.parquet"] == 1
    trade = pq.read_table(tmp_path / "tables" / "events" / "trade_executed.parquet")
    assert trade.column("price_ticks").to_pylist() == [7_800]
    assert not any(pa.types.is_floating(field.type) for field in trade.schema)


def test_export_refuses_a_folder_with_files(tarazy: Run, recorded: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = tarazy("export", recorded, "--parquet", tmp_path)
    assert done.code == 2
    assert "expected an empty or new folder" in done.err


BITSTAMP_ORDERS = """id,timestamp,exchange_timestamp,price,volume,action,direction
1,1000,1000,100.00,1.5,created,ask
2,1000,1000,99.00,2.0,created,bid
3,2000,2000,100.00,0.5,created,bid
3,2000,2000,100.00,0.0,deleted,bid
1,2000,2000,100.00,1.0,changed,ask
2,3000,3000,99.00,2.0,deleted,bid
"""


def test_import_of_a_bitstamp_file_lets_the_trade_happen(tarazy: Run, tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(BITSTAMP_ORDERS)
    done = tarazy("import", "bitstamp", orders, "--out", tmp_path / "out", "--engine", "spec", "--json")
    assert done.code == 0, done.err
    assert done.json["trades"] == 1
    assert tarazy("events", "check", tmp_path / "out").code == 0
    assert tarazy("head", tmp_path / "out").code == 0
    replayed = tarazy("replay", tmp_path / "out", "--engine", "spec", "--json").json
    assert (replayed["agrees"], replayed["digest"]) == (True, done.json["digest"])


def test_import_names_the_line_that_is_wrong(tarazy: Run, tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(BITSTAMP_ORDERS.replace("99.00,2.0,created", "99.00,two,created"))
    done = tarazy("import", "bitstamp", orders, "--out", tmp_path / "out")
    assert done.code == 1
    assert "line 3" in done.err


def test_import_of_a_missing_file_is_said_so(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("import", "bitstamp", tmp_path / "none.csv", "--out", tmp_path / "out")
    assert done.code == 1
    assert "none.csv" in done.err
    assert not (tmp_path / "out").exists()


def test_import_does_not_overwrite_a_folder(tarazy: Run, recorded: Path, tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(BITSTAMP_ORDERS)
    done = tarazy("import", "bitstamp", orders, "--out", recorded)
    assert done.code == 2
    assert "expected an empty or new folder" in done.err
