"""Custody is killed again and again at random moments: no deposit counts twice, no withdrawal is paid twice or lost.

TARAZY_CUSTODY_KILLS sets how many kills there are, TARAZY_CUSTODY_SEED the seed; both are in every failure.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tarazy.chains.adapter import NATIVE
from tarazy.domain.records import CustodyLocation, FundHouse, LendFloat
from tarazy.facility.custody.outputs import outputs
from tarazy.facility.custody.withdrawal_rows import withdrawals
from tarazy.facility.projections.effects import Pool
from tarazy.journal.verify import verify
from tarazy.spec.venue import Venue

from ..btc_chain import COIN, running_btcd
from ..custody_stage import BTC, Stage
from .custody_writer import AMOUNT, SWEPT, WITHDRAWALS, destination, life

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("TARAZY_CUSTODY_KILLS", "12"))
SEED = int(os.environ.get("TARAZY_CUSTODY_SEED", "1"))
DELAY_MS = (30, 1200)
LIVES_MAX = 20
HOT, COLD = int(CustodyLocation.hot), int(CustodyLocation.cold)
DEPOSITS = (3 * COIN, COIN, 2 * COIN)


def killed_lives(folder: Path, url: str, chance: random.Random) -> int:
    """Run lives that are killed at random moments; return how many were."""
    command = [sys.executable, "-m", "tests.simulation.custody_writer"]
    killed = 0
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(KILLS):
            process.stdin.write(f"{folder} {url} {chance.randint(*DELAY_MS)}\n")
            process.stdin.flush()
            answer = process.stdout.readline().strip()
            assert answer in ("killed", "done", "not yet"), f"{answer}; seed {SEED}, {folder}"
            killed += answer == "killed"
        process.stdin.close()
    return killed


@pytest.mark.slow
def test_kills_at_any_moment_lose_and_double_nothing(btcd: Path, tmp_path: Path) -> None:
    with running_btcd(btcd, tmp_path) as btc:
        stage = Stage(tmp_path, Venue, btc=btc)
        stage.found()
        with stage.open():
            when = stage.sequencer.engine.last_ts_ns
            stage.people(
                FundHouse(HOT, 0, BTC, when, COIN, b"\1" * 32), LendFloat(HOT, HOT, 0, BTC, when, COIN, b"\2" * 32)
            )
            address = stage.deposit_address(1).address
        for amount in DEPOSITS:
            btc.pay((address, amount))
        btc.mine(2)
        assert killed_lives(tmp_path, btc.url, random.Random(SEED)) >= min(1, KILLS)
        assert any(life(tmp_path, btc.url) for _ in range(LIVES_MAX)), f"seed {SEED}, {tmp_path}"
        check(stage)
    report = verify(stage.journal)
    assert report.ok


def check(stage: Stage) -> None:
    """Compare the chain, the ledger and the store."""
    with stage.open():
        stage.poll()
        paid = [arrivals_at(stage, destination(number)) for number in range(WITHDRAWALS)]
        assert paid == [[AMOUNT]] * WITHDRAWALS, f"seed {SEED}"
        assert stage.balance(1, BTC) == (sum(DEPOSITS) - WITHDRAWALS * AMOUNT, 0)
        assert [row.state for row in withdrawals(stage.store)] == ["done"] * WITHDRAWALS
        fees = COIN - stage.view.pool_minor(BTC, Pool.network_float)
        hot = stage.view.custody_minor(BTC, HOT)
        assert stage.view.custody_minor(BTC, COLD) == SWEPT
        assert hot == sum(DEPOSITS) + COIN - WITHDRAWALS * AMOUNT - SWEPT - fees
        unspent = outputs(stage.store, "height IS NOT NULL AND spent_height IS NULL")
        assert (
            sum(row.amount_minor for row in unspent) == hot + SWEPT - COIN
        )  # the lent coin is in the ledger alone here
        assert stage.view.pool_minor(BTC, Pool.shortfall) == 0


def arrivals_at(stage: Stage, address: str) -> list[int]:
    """Return every amount that the chain has paid to an address since the stage began."""
    adapter = stage.adapters[0]
    found = []
    for height in range(stage.first_height(), adapter.height() + 1):
        changes = adapter.changes(adapter.block(height), frozenset({address}), frozenset({NATIVE}))
        found += [each.amount_minor for each in changes.arrivals]
    return found
