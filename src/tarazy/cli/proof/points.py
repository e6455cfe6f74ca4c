"""Go to a point of the record for a proof: the state after a command, and what the facility signed about it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import cast

from tarazy.cli.engines import has_core
from tarazy.cli.journal.seek import engine_after, readable
from tarazy.facility.solvency.produce import Point
from tarazy.journal.identity import load_identity
from tarazy.oversight.solvency import levels
from tarazy.oversight.solvency.errors import SolvencyError
from tarazy.oversight.solvency.levels import LevelHasher
from tarazy.oversight.solvency.signed_roots import head_over, root_at
from tarazy.spec.state import State


def point_at(directory: Path, seq: int | None) -> Point:
    """Return the point after a command; None: the newest that the facility signed a statement about.

    Raises: SolvencyError where no statement is there to choose; DamageError, StorageError.
    """
    root = root_at(directory, seq)
    if seq is None and root is None:
        raise SolvencyError(
            expected="a checkpoint with the facility's statement in the journal",
            found="none",
            action="Give --at SEQ, or let the facility take a checkpoint.",
        )
    at = root.statement.seq if root else cast("int", seq)
    state = state_after(directory, at)
    return Point(load_identity(directory), at, state, root, head_over(directory, root) if root else None)


def state_after(directory: Path, seq: int) -> State:
    """Return the readable state after a command."""
    return readable(engine_after(directory, seq)).state


def level_hasher() -> LevelHasher:
    """Return what hashes levels fastest: the Rust engine's module where it is built."""
    core = importlib.import_module("tarazy_core") if has_core() else None
    return cast("LevelHasher", core if hasattr(core, "liability_entries") else levels)
