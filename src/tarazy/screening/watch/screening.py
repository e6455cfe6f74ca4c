"""How a watch has a token screened: at one block, in a process of its own, within the time of a block."""

from __future__ import annotations

from collections.abc import Callable

from tarazy.chains.evm.blocks import Block
from tarazy.platform.jobs.pool import WorkerPool
from tarazy.screening.model import Report
from tarazy.screening.request import ScreenRequest
from tarazy.screening.watch.options import ListedToken

SCREENING_S_MAX = 5.0  # an alert is to be there within a block


def screen_with(pool: WorkerPool, rpc_url: str, criteria: str | None) -> Callable[[ListedToken, Block], Report]:
    """Return what screens a token at a block in a process of its own."""

    def screen(token: ListedToken, block: Block) -> Report:
        request = ScreenRequest(
            id=f"{token.address}-{block.number}",
            rpc_url=rpc_url,
            address=token.address,
            block=block.number,
            criteria=criteria,
            time_limit_s=SCREENING_S_MAX,
        )
        report: Report = pool.submit(request).result()
        return report

    return screen
