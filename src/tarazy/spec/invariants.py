"""The invariants: how often each was checked, and what happens when one breaks (the writer stops)."""

from __future__ import annotations

from typing import NoReturn

from tarazy.domain.engine import InvariantBroken

NAMES = ("CONSERVE", "SEGREGATE", "COVER", "EXIT", "ADMIT", "OWN", "ORDER")


class Invariants:
    """Counts of checks by invariant; `seq` is the command under way."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(NAMES, 0)
        self.seq = 0

    def broken(self, invariant: str, detail: str) -> NoReturn:
        """Stop the engine: an invariant does not hold.

        Raises: InvariantBroken, always.
        """
        raise InvariantBroken(invariant, self.seq, detail)
