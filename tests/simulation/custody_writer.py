"""A process that forks lives of custody, so that a test can kill one at any moment without starting Python anew.

Lines in: `FOLDER NODE_URL MILLISECONDS`. A life opens the stage from its folder and does whatever is due, again and
again; it is killed after that time, or ends when nothing is left to do. Lines out: `killed`, `done` or `not yet`, or
what went wrong.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from embit import script
from embit.ec import PrivateKey
from embit.networks import NETWORKS

from tarazy.facility.custody.payment_makers import WalletShortError
from tarazy.facility.custody.withdrawal_rows import withdrawals
from tarazy.spec.venue import Venue

from ..btc_chain import COIN, BtcChain
from ..custody_stage import BTC, Stage

WITHDRAWALS = 4
AMOUNT = COIN // 2
SWEPT = COIN
ROUNDS = 12


def destination(number: int) -> str:
    """Return an address that gets the withdrawal of this number and nothing else."""
    key = PrivateKey(sha256(b"theirs %d" % number).digest())
    found: str = script.p2wpkh(key).address(NETWORKS["regtest"])
    return found


def life(folder: Path, url: str) -> bool:
    """Do what is due until nothing is; say whether all is done."""
    stage = Stage(folder, Venue, btc=BtcChain(url))
    with stage.open():
        for _ in range(ROUNDS):
            stage.settle_arrivals()
            asked = len(withdrawals(stage.store))
            if asked < WITHDRAWALS and stage.balance(1, BTC)[0] >= AMOUNT:
                stage.ask(1, BTC, AMOUNT, stage.name_hosted(1, destination(asked)))
            stage.store.do("UPDATE destinations SET usable_from = ''")
            stage.store.do("UPDATE travel SET state = 'accepted' WHERE direction = 'out'")
            stage.withdrawals.step()
            if not stage.store.maybe("SELECT 1 FROM payments WHERE purpose = 'sweep'"):
                with suppress(WalletShortError):  # all is under way: at a later round
                    stage.sweeps.sweep(BTC, "cold", SWEPT)
            stage.sweeps.step()
            if is_done(stage):
                return True
            stage.mine()
    return False


def is_done(stage: Stage) -> bool:
    """Say whether every withdrawal and the sweep are done."""
    rows = withdrawals(stage.store)
    swept = stage.store.maybe("SELECT 1 FROM payments WHERE purpose = 'sweep' AND state = 'done'")
    return len(rows) == WITHDRAWALS and {row.state for row in rows} == {"done"} and swept is not None


def main() -> None:
    """Fork a life for each line."""
    for line in sys.stdin:
        folder, url, delay_ms = line.split()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if life(Path(folder), url) else 3
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        print(watch(child, int(delay_ms) / 1000), flush=True)


def watch(child: int, delay_s: float) -> str:
    """Kill a child after a time, unless it ended before; say what became of it."""
    deadline = time.monotonic() + delay_s
    while time.monotonic() < deadline:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            code = os.waitstatus_to_exitcode(status)
            return {0: "done", 3: "not yet"}.get(code, f"failed with {code}")
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "killed"


if __name__ == "__main__":
    main()
