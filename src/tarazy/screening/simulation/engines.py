"""The engines by name: revm, and the second one that checks it where its package is installed."""

from __future__ import annotations

from tarazy.screening.simulation.engine import Block, Engine, EngineError
from tarazy.screening.simulation.revm import RevmEngine


def load_engine(name: str = "revm", block: Block | None = None) -> Engine:
    """Return a fresh engine by name: "revm", or "py-evm" where that package is installed.

    Raises: EngineError.
    """
    if name == "revm":
        return RevmEngine(block or Block())
    if name == "py-evm":
        from tarazy.screening.simulation.second import PyEvmEngine

        return PyEvmEngine(block or Block())
    raise EngineError(f"expected engine revm or py-evm, found {name!r}")
