"""Runs over a facility's record: one that agrees, one with a break, their papers, and who reviews and lifts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.main import main
from tarazy.cli.market_data.playing import KEY_NAMES
from tarazy.domain.records import CustodyLocation, Estate
from tarazy.journal.keys import keys_folder
from tarazy.journal.replay import state_at
from tarazy.spec.state import State
from tarazy.spec.venue import Venue

from .browser import Browser
from .records import Record, made_record

HOSTILE = '<script>alert("x")</script>'


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return made_record(tmp_path_factory.mktemp("reconciled"))


def last_state(record: Record) -> State:
    """Return the readable state at the end."""
    venue = state_at(record.directory, Venue, record.seq)
    assert isinstance(venue, Venue)
    return venue.state


def sides(record: Record, folder: Path, less_minor: int = 0, entry: dict[str, Any] | None = None) -> list[str]:
    """Write both sides, one account for each place, as the ledger has them; the outside has less of the first place."""
    state, lines = last_state(record), []
    for asset in state.assets:
        for location in CustodyLocation:
            minor = state.ledger.custody(Estate.client, location, asset.asset_id).minor
            if minor and location is not CustodyLocation.transit:
                key = {"asset_id": asset.asset_id, "location": location.name, "account": f"{location.name} {HOSTILE}"}
                lines.append({"line": "balance", "amount_minor": str(minor), "at_ns": str(state.last_ts_ns), **key})
    book, outside = folder / "book.jsonl", folder / "outside.jsonl"
    book.write_text("".join(json.dumps(line) + "\n" for line in lines))
    lines[0] = lines[0] | {
        "amount_minor": str(int(lines[0]["amount_minor"]) - less_minor),
        "evidence_sha256": "cd" * 32,
    }
    if entry is not None:
        lines.append({"line": "entry", **{key: lines[0][key] for key in ("asset_id", "location", "account")}, **entry})
    outside.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return [
        str(record.directory),
        "--book",
        str(book),
        "--outside",
        str(outside),
        *officer(record, 1, "--prepared-by", "--prepared-key"),
    ]


def officer(record: Record, number: int, *names: str) -> list[str]:
    """Return how an officer of the made-up market acts: its number and its key file, which the demo writes."""
    path = keys_folder(record.directory) / f"{KEY_NAMES[number - 1]}.key"
    first, second = names or ("--officer", "--key")
    return [first, str(number), second, str(path)]


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return the JSON object of the last verb."""
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_run_that_agrees_reviewed_by_another(
    record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(tmp_path / "runs.sqlite")]
    arguments = [*sides(record, tmp_path), *store, "--out", str(tmp_path / "out"), "--json"]
    capsys.readouterr()
    assert main(["reconciliation", "run", *arguments]) == 0
    made = answer(capsys)
    assert all(not place["is_break"] for place in made["places"])
    assert made["commands"] == len(made["places"])
    assert made["funding"] == []
    review = ["reconciliation", "review", str(record.directory), str(made["run"]), *store]
    assert main([*review, *officer(record, 1)]) == 1
    wrong = officer(record, 1)[2:]
    assert main([*review, "--officer", "2", *wrong]) == 2  # a key that is not the officer's
    assert main([*review, *officer(record, 2), "--remark", "seen"]) == 0
    capsys.readouterr()
    assert main(["reconciliation", "items", *store, "--json"]) == 0
    shown = answer(capsys)
    assert (shown["items"], shown["runs"][0]["reviewed_by"]) == ([], "officer 2")


def test_missing_coin_is_a_break_with_a_command_for_the_machine_and_a_funding_instruction(
    record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """20 BTC are missing. By individual balances the fees and the float of the estate cover a part; by our book, which
    has them
    as client money, nothing does: the larger counts."""
    store, out = ["--store", str(tmp_path / "runs.sqlite")], tmp_path / "out"
    less = 20 * 10**8
    arguments = sides(record, tmp_path, less, {"reference": "", "amount_minor": "-7", "at_ns": "1", "text": HOSTILE})
    capsys.readouterr()
    assert main(["reconciliation", "run", *arguments, *store, "--out", str(out), "--json"]) == 1
    made = answer(capsys)
    place = made["places"][0]
    assert (place["difference_minor"], place["is_break"]) == (str(-less), True)
    assert made["items"] == {"break": 1}
    ledger = record.report["assets"][0]["ledger"]
    spare = int(ledger["fees_earned_minor"]) + int(ledger["network_float_minor"])
    assert [each["amount_minor"] for each in made["funding"]] == [str(less)]
    btc = made["client_money"][0]
    by_balances, by_book = int(btc["by_individual_balances_minor"]), int(btc["by_negative_add_back_minor"])
    assert (by_book - by_balances, by_book - int(btc["resource_minor"])) == (spare, less)
    commands = json.loads((out / "reconciliation-1-commands.json").read_text())
    assert commands[0]["command"] == "ReportBalance"
    assert commands[0]["evidence_hash"] == made["sha256"]
    draft = ["instruct", "draft", str(tmp_path / "draft.json"), "--facility", str(record.directory), "--officer", "1"]
    assert main([*draft, "--from", str(out / "reconciliation-1-commands.json")]) == 0
    assert (out / "reconciliation-1.pdf").read_bytes().startswith(b"%PDF")
    page = (out / "reconciliation-1.html").read_text()
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_lift_without_an_open_break_is_refused(record: Record, tmp_path: Path) -> None:
    more = ["--asset", "1", "--location", "cold", "--approved-by", "2", "--reason", "it was found again"]
    assert main(["reconciliation", "lift", *sides(record, tmp_path), *more, "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


def test_page_of_a_run_at_two_widths(record: Record, tmp_path: Path) -> None:
    store, out = ["--store", str(tmp_path / "runs.sqlite")], tmp_path / "out"
    main(["reconciliation", "run", *sides(record, tmp_path, 5), *store, "--out", str(out)])
    with Browser() as browser:
        for width in (1280, 390):
            page = browser.page(width)
            page.open((out / "reconciliation-1.html").resolve().as_uri())
            page.driven.screenshot(path=tmp_path / f"page-{width}.png", full_page=True)
            assert page.run("document.documentElement.scrollWidth") <= width
            assert not page.complaints
            page.close()
