"""A facility on two chains and with a bank is killed again and again at random moments: nothing is lost and nothing is
doubled.

TARAZY_ASSETS_KILLS sets how many kills there are, TARAZY_ASSETS_SEED the seed; both are in every failure. Several
hundred: `TARAZY_ASSETS_KILLS=300 pytest tests/simulation/test_assets_crash.py`.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tarazy.chains.adapter import NATIVE
from tarazy.facility.banking.items import items
from tarazy.facility.custody.withdrawal_rows import withdrawals
from tarazy.facility.projections.effects import Pool
from tarazy.facility.reconciliation.comparing import three_way
from tarazy.facility.reconciliation.joined import joined_sides
from tarazy.facility.reconciliation.matching import ItemState, MatchingTerms
from tarazy.facility.reconciliation.running import client_custody
from tarazy.journal.verify import verify
from tarazy.spec.snapshot import decode
from tarazy.spec.state import State

from ..bank_stage import FolderBank, ledger
from ..btc_chain import COIN, BtcChain, running_btcd
from ..devchain import DevChain
from ..joint_stage import BTC, ETH, ETHER, KZT, USDT, JointStage
from .assets_writer import BTC_AMOUNT, EACH, ETH_AMOUNT, KILLS, KZT_AMOUNT, evm_destination, live, opened
from .custody_writer import destination

ROOT = Path(__file__).parents[2]
TOKENS = ROOT / "tests" / "unit" / "chains" / "evm" / "contracts" / "artifacts" / "Custody.json"
SEED = int(os.environ.get("TARAZY_ASSETS_SEED", "1"))
DELAY_MS = (50, 2500)
LIVES_MAX = 30 + KILLS // 4
MORE_BTC, MORE_ETH, MORE_KZT = COIN // 10, ETHER // 10, 5_000
KZT_IN = (EACH + 1) * KZT_AMOUNT
TOKEN_UNITS = 500 * 10**6


@pytest.mark.slow
def test_kills_at_any_moment_on_two_chains_lose_and_double_nothing(btcd: Path, anvil: str, tmp_path: Path) -> None:
    evm = DevChain(anvil)
    token = evm.deploy(TOKENS, "Plain", 10**12)
    chance = random.Random(SEED)
    with running_btcd(btcd, tmp_path) as btc:
        stage = opened(tmp_path, btc.url, anvil, token)
        stage.btc = btc  # one driver of the chain knows which of the miner's coins are spent
        stage.found()
        with stage.open():
            stage.lend_floats()
            first, second = stage.address("btc", 1), stage.address("evm", 1)
        btc.pay((first, 6 * COIN))
        evm.send(second, value=4 * ETHER)
        evm.do(token, "transfer(address,uint256)", second, TOKEN_UNITS)
        with closing(FolderBank(stage.bank_folder)) as bank:
            bank.day(KZT_IN)
            more = killed_lives(stage, (btc, first), (evm, second), bank, chance)
            assert any(bank_day_and_life(bank, stage) for _ in range(LIVES_MAX)), f"seed {SEED}, {tmp_path}"
            check(stage, 6 * COIN + more[0] * MORE_BTC, 4 * ETHER + more[1] * MORE_ETH)
            check_bank(stage, bank, KZT_IN + more[2] * MORE_KZT)
    assert verify(stage.journal).ok


def bank_day_and_life(bank: FolderBank, stage: JointStage) -> bool:
    """Let the bank book what it has, blocks take what was paid, and the facility live; say whether all is done.

    A payment that no block has is seen by nobody: what was paid in after the last kill would be missed below.
    """
    bank.day()
    stage.mine_both()
    return live(stage)


def killed_lives(
    stage: JointStage,
    btc: tuple[BtcChain, str],
    evm: tuple[DevChain, str],
    bank: FolderBank,
    chance: random.Random,
) -> list[int]:
    """Run lives that are killed at random moments, with deposits between; return how many came on each way."""
    command = [sys.executable, "-m", "tests.simulation.assets_writer"]
    more, killed, began = [0, 0, 0], 0, time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(KILLS):
            line = f"{stage.folder} {btc[0].url} {evm[0].url} {stage.token} {chance.randint(*DELAY_MS)}\n"
            process.stdin.write(line)
            process.stdin.flush()
            answer = process.stdout.readline().strip()
            assert answer in ("killed", "done", "not yet"), f"{answer}; seed {SEED}, {stage.folder}"
            killed += answer == "killed"
            is_paid_in = chance.random() < 0.2
            more[2] += is_paid_in
            bank.day(*([MORE_KZT] if is_paid_in else []))
            if chance.random() < 0.2:
                more[0] += 1
                btc[0].pay((btc[1], MORE_BTC))
            if chance.random() < 0.2:
                more[1] += 1
                evm[0].send(evm[1], value=MORE_ETH)
        process.stdin.close()
    print(f"{killed} of {KILLS} lives were killed, deposits between {more}, {time.monotonic() - began:.0f} s")
    assert killed >= min(1, KILLS)
    return more


def check(stage: JointStage, btc_in: int, eth_in: int) -> None:
    """Compare what clients and destinations have, by the nodes' word and by arithmetic; then reconcile all of it."""
    with stage.open():
        stage.round()
        for name in ("btc", "evm"):
            for number in range(EACH):
                wanted = [BTC_AMOUNT] if name == "btc" else ETH_AMOUNT
                assert paid(stage, name, number) == wanted, f"{name} {number}, seed {SEED}"
        assert stage.balance(1, BTC) == (btc_in - EACH * BTC_AMOUNT, 0)
        assert stage.balance(1, ETH) == (eth_in - EACH * ETH_AMOUNT, 0)
        assert stage.balance(1, USDT) == (TOKEN_UNITS, 0)
        assert [row.state for row in withdrawals(stage.store)] == ["done"] * 2 * EACH
        assert not any(stage.view.pool_minor(asset_id, Pool.shortfall) for asset_id in (BTC, ETH, USDT))
        adapters = [service.adapter for service in stage.services.values()]
        state = decode(stage.sequencer.engine.snapshot())
        sides = joined_sides(state, state.last_ts_ns, stage.store, adapters, stage.bank)
        terms = MatchingTerms(state.last_ts_ns, expected=sides.expected)
        found = three_way(client_custody(state), sides.book, sides.outside, terms)
        assert {item.state for item in found.items} <= {ItemState.matched, ItemState.timing}, f"seed {SEED}"
        assert not [place for place in found.places if place.difference_minor], f"seed {SEED}: {found.places}"
        assert not [account for account in found.accounts if account.difference_minor], f"seed {SEED}"


def check_bank(stage: JointStage, bank: FolderBank, paid_in: int) -> None:
    """Compare what the bank took and holds with the ledger: each payout once, each payment in once."""
    names = [f"W{each.withdrawal_id}-1" for each in ledger_of(stage).settled.values() if each.asset_id == KZT]
    assert bank.paid() == sorted((name, KZT_AMOUNT) for name in names), f"seed {SEED}"
    assert len(names) == EACH
    left = paid_in - EACH * KZT_AMOUNT
    assert bank.bank.balance_minor == left, f"seed {SEED}"
    with stage.open():
        assert stage.balance(1, KZT) == (left, 0), f"seed {SEED}"
        assert all(each.state == "credited" for each in items(stage.bank)), f"seed {SEED}"


def ledger_of(stage: JointStage) -> State:
    """Return the ledger of a facility that is at rest."""
    with stage.open():
        return ledger(stage)


def paid(stage: JointStage, name: str, number: int) -> object:
    """Return what a chain has at a destination: every payment on Bitcoin, the balance on the other one."""
    adapter = stage.services[name].adapter
    if name == "evm":
        return adapter.balance(NATIVE, evm_destination(number), adapter.height())
    address, found = destination(number), []
    for height in range(stage.start_of("btc"), adapter.height() + 1):
        changes = adapter.changes(adapter.block(height), frozenset({address}), frozenset({NATIVE}))
        found += [each.amount_minor for each in changes.arrivals]
    return found
