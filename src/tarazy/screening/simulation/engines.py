"""The engines by name: revm, and the second one that checks it where its package is installed."""

from __future__ import annotations

from tarazy.screening.simulation.engine import BlockContext, EngineError, EvmEngine
from tarazy.screening.simulation.revm import RevmEngine


def load_engine(name: str = "revm", block: BlockContext | None = None) -> EvmEngine:
    """Return a fresh engine by name: "revm", or "py-evm" where that package is installed.

    Raises: EngineError.
    """
    if name == "revm":
        return RevmEngine(block or BlockContext())
    if name == "py-evm":
        from tarazy.screening.simulation.reference_evm import PyEvmEngine

        return PyEvmEngine(block or BlockContext())
    raise EngineError(f"expected engine revm or py-evm, found {name!r}")
