"""A gateway whose officers obey: `python -m tests.instructed_server DIR PORT [FIX_PORT]`, then a line for each act.

It makes a facility as `trading_stage` does and serves it. `halt` and `resume` are signed by its two officers and go to
the writer as any instruction; the next line of stdout is printed when the command is durable.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from tarazy.cli.demo.demo_serve import instruct
from tarazy.cli.engines import fastest, load_engine
from tarazy.cli.facility.fix import FixPart
from tarazy.cli.facility.publishing import published
from tarazy.cli.facility.serve import open_app
from tarazy.cli.output import Output
from tarazy.domain.records import MarketState, SetMarketState
from tarazy.facility.configuration import GatewaySection
from tarazy.facility.gateway.app import GatewayApp
from tarazy.facility.gateway.fix.configuration import FixSection
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.market_data.acting import Desk
from tarazy.platform.web.serving import ServeOptions, serve

from .trading_stage import make_facility
from .web_person import new_person

AUCTION_NS = 2_000_000_000


def commands_of(act: str) -> list[SetMarketState]:
    """Return what an act orders: a halt, or the auction through which a halted market opens again."""
    if act == "halt":
        return [SetMarketState(MarketState.halted, market_id=1)]
    end_ns = time.time_ns() + AUCTION_NS
    return [SetMarketState(MarketState.auction, MarketState.continuous, market_id=1, auction_end_ns=end_ns)]


class Officers:
    """Reads acts from stdin, signs them and orders them."""

    def __init__(self, sequencer: Sequencer, desk: Desk) -> None:
        self._sequencer, self._desk = sequencer, desk

    async def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, daemon=True).start()

    async def stop(self) -> None:
        """Nothing is left to do: the thread ends with the process."""
        await asyncio.sleep(0)

    def _read(self) -> None:
        for line in sys.stdin:
            instruct(self._sequencer, self._desk, commands_of(line.strip()))
            print("done", flush=True)


def main(directory: Path, port: int, fix_port: int | None = None) -> None:
    """Serve, where a port is given also market data by FIX."""
    output, desk = Output(as_json=True), make_facility(directory)
    person = new_person(directory, "aigul", (1,))
    with ExitStack() as stack:

        def make_app() -> GatewayApp:
            sequencer = Sequencer.open(directory, load_engine(fastest()), accept_time_gap=True)
            stack.enter_context(published(sequencer, directory, output))
            section, parts = GatewaySection(port=port), [Officers(sequencer, desk)]
            database, fix = directory / "projections.sqlite3", FixPart(FixSection(market_data_port=fix_port), None, [])
            return open_app(sequencer, directory, database, section, output, stack, parts, fix=fix)

        def ready(url: str) -> None:
            print(url, *person.spare_codes, flush=True)

        serve(make_app, ServeOptions(port=port, ready=ready, websockets=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
