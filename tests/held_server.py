"""`tarazy facility serve` with an engine that waits while a file is there: `python -m tests.held_server FILE SERVE...`.

It is what clients meet where a disk or a writer is slow: an answer that does not come in time. The time is shortened to
`ANSWER_S`, everything else is the real server.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tarazy.cli.main import main
from tarazy.facility.gateway.order_entry import OrderEntry
from tarazy.spec.venue import Venue

ANSWER_S = 0.5


def hold(file: Path) -> None:
    """Let the engine wait while a file is there, and requests no longer than `ANSWER_S`."""
    apply = Venue.apply

    def held(self: Venue, commands: bytes) -> bytes:
        while file.exists():
            time.sleep(0.02)
        return apply(self, commands)

    Venue.apply = held  # type: ignore[method-assign]
    defaults = OrderEntry.__init__.__kwdefaults__
    defaults["answer_s"] = ANSWER_S


if __name__ == "__main__":
    hold(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
