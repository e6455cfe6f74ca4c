"""`tarazy proof`, the script that ships with it, and the page: each checks the same files and refuses the same
forgeries.
"""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.main import main
from tarazy.spec.venue import Venue

from .browser import Browser
from .records import Record, made_record

Forge = Callable[[Any], None]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return made_record(tmp_path_factory.mktemp("solvency"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def script(record: Record, *arguments: Any) -> subprocess.CompletedProcess[str]:
    """Run the stand-alone script as a client does: another process, no package of ours, nothing of the environment."""
    tool = record.proofs / "verify_solvency_proof.py"
    command = [sys.executable, "-I", "-S", str(tool), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def change(proof: Any, place: str, value: Any) -> None:
    """Put a value in a place such as `balances.0.amount_minor`."""
    *path, last = [int(word) if word.isdecimal() else word for word in place.split(".")]
    for word in path:
        proof = proof[word]
    proof[last] = value(proof[last]) if callable(value) else value


def flipped(text: str) -> str:
    """Return hexadecimal digits, the first of them another."""
    return ("0" if text[0] != "0" else "1") + text[1:]


def one_more(text: str) -> str:
    """Return the next number."""
    return str(int(text) + 1)


FORGERIES = {
    "a balance one higher": ("balances.0.amount_minor", one_more),
    "a negative balance": ("balances.0.amount_minor", "-5"),
    "a balance that is no text": ("balances.0.amount_minor", 5),
    "a balance beyond 128 bits": ("balances.0.amount_minor", str(1 << 128)),
    "a sibling that wraps the sum around": ("balances.0.path.0.amount_minor", str((1 << 128) - 1)),
    "a sibling with another amount": ("balances.0.path.3.amount_minor", one_more),
    "a sibling with another hash": ("balances.0.path.3.hash", flipped),
    "an amount below the zero hash": ("balances.0.path.3.hash", "00" * 32),
    "another account's place": ("account_id", lambda number: number + 1),
    "another salt": ("salt", flipped),
    "an asset twice": ("balances", lambda rows: [rows[0], *rows]),
    "assets out of order": ("balances", lambda rows: rows[::-1]),
    "an asset's number twice": ("assets.1.asset_id", 1),
    "a shorter path": ("balances.0.path", lambda path: path[:-1]),
    "a total that is another": ("assets.0.accounts.amount_minor", one_more),
    "another root": ("root", flipped),
    "another command": ("seq", one_more),
    "another key": ("facility_key", flipped),
    "a statement with another signature": ("statement", lambda text: text[:-2] + flipped(text[-2:])),
    "a statement about another root": ("statement", lambda text: text[:192] + flipped(text[192:])),
    "a missing field": ("balances", None),
}


def test_proof_holds_for_verb_and_script_and_says_the_balance_that_a_replay_gives(
    record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """Oracle: the readable engine's balances, read by another path than the trees."""
    from tarazy.journal.replay import state_at

    venue = state_at(record.directory, Venue, record.seq)
    state = venue.state if isinstance(venue, Venue) else None
    assert state is not None
    owed = {
        str(asset.asset_id): str(balance.available.minor + balance.held.minor)
        for asset in state.assets
        if (balance := state.ledger.balances.get(record.account_id << 32 | asset.asset_id))
    }
    file = record.proofs / f"proof-{record.seq}-account-{record.account_id}.json"
    capsys.readouterr()
    assert main(["proof", "verify", str(file), "--journal", str(record.directory), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (shown["balances"], shown["signed"], shown["replayed"]) == (owed, True, True)
    key = record.proof["facility_key"]
    told = script(record, file, "--account", record.account_id, "--facility-key", key)
    assert told.returncode == 0, told.stdout + told.stderr
    codes = {"1": "BTC", "2": "USD"}
    assert all(f"asset {asset} {codes[asset]}: {minor} minor units" in told.stdout for asset, minor in owed.items())


def test_report_adds_up_to_what_the_ledger_says(record: Record) -> None:
    """CONSERVE by hand: custody + shortfall = liabilities + fees + float."""
    for row in record.report["assets"]:
        ledger = row["ledger"]
        has = sum(map(int, ledger["client_custody_minor"].values())) + int(ledger["shortfall_minor"])
        rest = int(ledger["fees_earned_minor"]) + int(ledger["network_float_minor"])
        assert has == int(row["liabilities_minor"]) + rest


def test_client_is_not_shown_another_accounts_proof(record: Record) -> None:
    file = record.proofs / f"proof-{record.seq}-account-{record.account_id}.json"
    told = script(record, file, "--account", record.account_id + 1)
    assert told.returncode == 1
    assert "NOT PROVED: the proof is for account" in told.stdout


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_proof_is_refused_by_verb_and_script(
    record: Record, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = copy.deepcopy(record.proof)
    change(proof, *FORGERIES[name])
    file = tmp_path / "forged.json"
    file.write_text(json.dumps(proof))
    assert main(["proof", "verify", str(file)]) == 1
    assert "Traceback" not in capsys.readouterr().err
    told = script(record, file)
    assert (told.returncode, told.stderr) == (1, "")
    assert told.stdout.startswith("NOT PROVED: ")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "tarazy solvency proof 1"}', "[" * 200_000, '{"a":1,"a":2}']
)
def test_what_is_no_proof_is_refused_in_one_line(record: Record, text: str, tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    file.write_text(text)
    told = script(record, file)
    assert (told.returncode, told.stderr, told.stdout.count("\n")) == (1, "", 1)


def test_point_that_was_never_signed_is_held_but_not_proved(record: Record, tmp_path: Path) -> None:
    """Exit code 3: who has the journal can compare; who has not cannot."""
    made = ["proof", "make", str(record.directory), "--at", "300", "--account", "5", "--out", str(tmp_path)]
    assert main([*made, "--json"]) == 0
    file = tmp_path / "proof-300-account-5.json"
    assert main(["proof", "verify", str(file)]) == 3
    assert main(["proof", "verify", str(file), "--journal", str(record.directory)]) == 0
    assert script(record, file).returncode == 3


def test_same_point_gives_the_same_bytes(record: Record, tmp_path: Path) -> None:
    assert (
        main(["proof", "make", str(record.directory), "--at", str(record.seq), "--out", str(tmp_path), "--json"]) == 0
    )
    name = f"report-{record.seq}.json"
    assert (tmp_path / name).read_bytes() == (record.proofs / name).read_bytes()


def test_page_checks_a_proof_in_the_browser_without_asking_anybody(
    record: Record, browser: Browser, tmp_path: Path
) -> None:
    page = browser.page(390)
    page.driven.goto((record.proofs / "verify_solvency_proof.html").resolve().as_uri())
    file = record.proofs / f"proof-{record.seq}-account-{record.account_id}.json"
    page.driven.fill("#key", record.proof["facility_key"])
    page.driven.set_input_files("#file", file)
    page.driven.wait_for_selector("#answer.proved", timeout=20_000)
    shown = page.driven.inner_text("#balances")
    assert all(row["amount_minor"] in shown for row in record.proof["balances"])
    for name, (place, value) in FORGERIES.items():
        proof = copy.deepcopy(record.proof)
        change(proof, place, value)
        page.driven.evaluate("document.getElementById('answer').className = ''")
        forged = {"name": "forged.json", "mimeType": "application/json", "buffer": json.dumps(proof).encode()}
        page.driven.set_input_files("#file", forged)  # type: ignore[arg-type]
        page.driven.wait_for_selector("#answer.refused", timeout=20_000)
        assert "this browser cannot check it" not in page.driven.inner_text("#detail"), name
    page.driven.set_input_files("#file", file)
    page.driven.wait_for_selector("#answer.proved", timeout=20_000)
    page.driven.screenshot(path=tmp_path / "page.png", full_page=True)
    assert not page.complaints
    assert all(url.startswith(("file:", "blob:")) for url in page.requested)
    page.close()
