"""Serves a facility on which the made-up market trades, until a signal ends it: `python -m tests.live_stage DIR`.

Prints the address as JSON, as `tarazy facility serve` does. Account 1 is left to the test; 2 to 4 make the market, 5 to
7 take. SIGUSR1 lets the market fall silent: nobody but the test's account acts from then on.
"""

from __future__ import annotations

import json
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tarazy.cli.demo.demo_serve import LiveTrading
from tarazy.cli.engines import fastest, load_engine
from tarazy.cli.facility.publishing import published
from tarazy.cli.facility.serve import open_app
from tarazy.cli.output import Output
from tarazy.domain.records import AdvanceTime
from tarazy.facility.configuration import GatewaySection
from tarazy.facility.gateway.app import GatewayApp
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.market_data.live_market import LiveMarket
from tarazy.platform.web.serving import ServeOptions, serve

MAKERS, TAKERS = (2, 3, 4), (5, 6, 7)
MARKET_ID, PRICE_TICKS, UNIT_LOTS, SEED = 1, 2_000, 10**6, 20_261
STEP_S = 0.1


class SilentMarket(LiveMarket):
    """Falls silent when it is told to."""

    silent = False

    def step(self) -> list[Any]:
        """Return the commands of the next step, of a silent market none but time."""
        return [AdvanceTime()] if self.silent else super().step()

    def fall_silent(self, number: int, frame: object) -> None:
        """Handle the signal."""
        self.silent = True


def main(directory: Path) -> None:
    """Serve."""
    output = Output(as_json=True)
    with ExitStack() as stack:

        def make_app() -> GatewayApp:
            sequencer = Sequencer.open(directory, load_engine(fastest()))
            stack.enter_context(published(sequencer, directory, output))
            market = SilentMarket(MARKET_ID, MAKERS, TAKERS, PRICE_TICKS, UNIT_LOTS, SEED)
            signal.signal(signal.SIGUSR1, market.fall_silent)
            parts = [LiveTrading(sequencer, market, STEP_S)]
            models = directory / "projections.sqlite3"
            return open_app(sequencer, directory, models, GatewaySection(), output, stack, parts)

        def ready(url: str) -> None:
            print(json.dumps({"url": url}), flush=True)

        serve(make_app, ServeOptions(host="127.0.0.1", port=0, ready=ready, websockets=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
