"""One fixture for both engines: what a test does to one it does to the other."""

from __future__ import annotations

import pytest

from tarazy.screening.simulation.engine import BlockContext, EvmEngine
from tarazy.screening.simulation.engines import load_engine

TRADER = "0x3c4d1f0a8be27759a6f30c92d4e1b85f7702a6c1"
OTHER = "0x91b7e4420cd35f8a16c70ef23b9a5d4e88f10b37"


@pytest.fixture(params=["revm", "py-evm"])
def engine(request: pytest.FixtureRequest) -> EvmEngine:
    """Return a fresh engine with two accounts that can pay."""
    made = load_engine(request.param, BlockContext())
    for account in (TRADER, OTHER):
        made.set_balance(account, 10**20)
    return made
