"""A process that forks lives of a facility with assets on two chains and at a bank, so that a test can kill one at any
moment.

Lines in: `FOLDER BTC_URL EVM_URL TOKEN MILLISECONDS`; lines out as `custody_writer` has them.
"""

from __future__ import annotations

import os
import sys
import traceback
from hashlib import sha256
from pathlib import Path

from tarazy.cli.engines import fastest, load_engine
from tarazy.domain.records import RequestWithdrawal
from tarazy.facility.banking.payouts import destination_hash, payouts
from tarazy.facility.custody.withdrawal_rows import withdrawals

from ..bank_stage import PAYEE, bank_round, ledger
from ..btc_chain import COIN, BtcChain
from ..devchain import DevChain
from ..joint_stage import BTC, ETH, ETHER, KZT, JointStage
from .custody_writer import destination, watch

KILLS = int(os.environ.get("TARAZY_ASSETS_KILLS", "8"))
# Withdrawals on each chain: as many as keep lives busy until the last kill; three are under way at once.
EACH, AT_ONCE = max(3, KILLS // 5), 3
BTC_AMOUNT, ETH_AMOUNT, KZT_AMOUNT = COIN // 2000, ETHER // 1000, 15_000
ROUNDS = 14
UNDER_WAY = "SELECT 1 FROM payments WHERE state IN ('drafted', 'signed', 'sent')"


def evm_destination(number: int) -> str:
    """Return an address that gets the withdrawal of this number and nothing else."""
    return "0x" + sha256(b"theirs %d" % number).hexdigest()[:40]


def opened(folder: Path, btc_url: str, evm_url: str, token: str) -> JointStage:
    """Return the facility of a folder."""
    return JointStage(folder, load_engine(fastest()), BtcChain(btc_url), DevChain(evm_url), token)


def live(stage: JointStage) -> bool:
    """Do what is due until nothing is; say whether all is done. Raises: AssertionError for a fault of a round."""
    with stage.open():
        for _ in range(ROUNDS):
            for report in stage.round():
                assert not report.faults, report.faults
            bank_round(stage)
            ask_next(stage)
            ask_bank(stage)
            if is_done(stage):
                return True
            stage.mine_both()
    return False


def ask_next(stage: JointStage) -> None:
    """Let account 1 ask for the next withdrawal on each chain, as far as it has been credited."""
    for name, asset_id, minor, address in (
        ("btc", BTC, BTC_AMOUNT, destination),
        ("evm", ETH, ETH_AMOUNT, evm_destination),
    ):
        rows = [row for row in withdrawals(stage.store) if row.asset_id == asset_id]
        asked, is_free = len(rows), len([row for row in rows if row.state != "done"]) < AT_ONCE
        if asked < EACH and is_free and stage.balance(1, asset_id)[0] >= minor:
            stage.ask_on(name, 1, asset_id, minor, address(asked))


def ask_bank(stage: JointStage) -> None:
    """Let account 1 ask for the next payout by the bank, as far as its payments came in."""
    state = ledger(stage)
    mine = [each for each in (*state.withdrawals.values(), *state.settled.values()) if each.asset_id == KZT]
    waiting = [each for each in mine if each.withdrawal_id in state.withdrawals]
    if len(mine) < EACH and len(waiting) < AT_ONCE and stage.balance(1, KZT)[0] >= KZT_AMOUNT:
        stage.record.ask(RequestWithdrawal(0, 1, KZT, KZT_AMOUNT, destination_hash(PAYEE)))


def is_paid_out(stage: JointStage) -> bool:
    """Say whether the record has settled every payout by the bank."""
    settled = [each for each in ledger(stage).settled.values() if each.asset_id == KZT]
    return len(settled) == EACH and {each.state for each in payouts(stage.bank)} == {"booked"}


def is_done(stage: JointStage) -> bool:
    """Say whether every withdrawal and payout is done, coins were swept on both chains, and nothing is under way."""
    if not is_paid_out(stage):
        return False
    rows = withdrawals(stage.store)
    swept = stage.store.all("SELECT DISTINCT chain FROM payments WHERE purpose = 'sweep' AND state = 'done'")
    is_quiet = not stage.store.maybe(UNDER_WAY) and not stage.store.maybe("SELECT 1 FROM outputs WHERE state = 'seen'")
    return len(rows) == 2 * EACH and {row.state for row in rows} == {"done"} and len(swept) == 2 and is_quiet


def main() -> None:
    """Fork a life for each line."""
    for line in sys.stdin:
        folder, *where, delay_ms = line.split()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if live(opened(Path(folder), *where)) else 3
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        print(watch(child, int(delay_ms) / 1000), flush=True)


if __name__ == "__main__":
    main()
