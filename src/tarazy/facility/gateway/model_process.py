"""The process of the read models: it follows the record, stores what it makes of it, and says how far it has come.

The serving process starts it as a module and speaks to it in lines. To it: one JSON object with `directory` and
`target`; then nothing, and the end of its input tells it to end. From it: `progress COMMANDS` while it catches up, then
`ready`; `reached SEQ` after each transaction; at last `failed WORDS` where it cannot go on.
Transactions take what came meanwhile. Between two of them it rests as long as the last one took, so that it uses half
of a processor at most and the orders have the rest.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from tarazy.facility.projections.balances import Balances
from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.blocks import Blocks
from tarazy.facility.projections.candles import Candles
from tarazy.facility.projections.order_terms import OrderTerms
from tarazy.facility.projections.orders import Orders
from tarazy.facility.projections.projector import Projector
from tarazy.facility.projections.sql import SqlStore
from tarazy.facility.projections.tape import Tape
from tarazy.facility.projections.trades import Trades
from tarazy.facility.projections.transfers import Transfers
from tarazy.facility.projections.venue import VenueTerms
from tarazy.facility.projections.withdrawals import Withdrawals
from tarazy.platform.logs import log_to_stderr

LOOK_S = 0.1
REST_MAX_S = 0.02
END_S = 10.0
STORED: tuple[type[Projection], ...] = (
    VenueTerms,
    Orders,
    OrderTerms,
    Trades,
    Transfers,
    Withdrawals,
    Balances,
    Candles,
    Tape,
    Blocks,
)


def say(word: str, value: object = "") -> None:
    """Say one line."""
    sys.stdout.write(f"{word} {value}\n")
    sys.stdout.flush()


def follow(directory: Path, target: str | Path, stopped: threading.Event) -> None:
    """Bring the stored projections up to date and keep them so until told to stop.

    Raises: DamageError, StorageError, DatabaseError, ProjectionError.
    """
    projections = [kind() for kind in STORED]
    with SqlStore(target) as store:
        projector = Projector(directory, projections, store)
        while projector.step(0, lambda commands: say("progress", commands)).frames:
            pass
        gc.freeze()
        say("reached", reached(projections))
        say("ready")
        while not stopped.is_set():
            begun_s = time.process_time()
            if projector.step(LOOK_S).frames:
                say("reached", reached(projections))
                stopped.wait(min(time.process_time() - begun_s, REST_MAX_S))
        projector.close()


def reached(projections: list[Projection]) -> int:
    """Return the last command that is stored."""
    return projections[0].cursor.next_seq - 1


def watch(stopped: threading.Event) -> None:
    """Tell the work to stop when the serving process is gone; it may finish its transaction."""
    sys.stdin.read()
    stopped.set()
    time.sleep(END_S)
    os._exit(1)


def main() -> int:
    """Run until the input ends."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the serving process gets them too, and says when to end
        signal.signal(number, signal.SIG_IGN)
    log_to_stderr()
    asked = json.loads(sys.stdin.readline())
    stopped = threading.Event()
    threading.Thread(target=watch, args=(stopped,), daemon=True).start()
    try:
        follow(Path(asked["directory"]), asked["target"], stopped)
    except BrokenPipeError:
        return 1
    except Exception as error:
        say("failed", " ".join(str(error).split()) or type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
