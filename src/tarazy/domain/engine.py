"""The engine: what the readable venue (spec) and its Rust twin (core) both offer, and what everything else asks for.

An engine is a pure state machine. It reads no clock, no file and no environment: time and numbers arrive in the
commands, so the same commands always give the same events and the same state, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

# Officer number, public key, roles, state, valid from and until, UTC nanoseconds.
OfficerKey = tuple[int, bytes, int, int, int, int]


class InvariantBroken(Exception):  # noqa: N818 - the name says what happened
    """Say that an invariant of the venue does not hold; whoever sees it stops writing and releases nothing.

    The state of the engine that raised it is not to be used any more. The journal still ends at the last good frame.
    """

    def __init__(self, invariant: str, seq: int, detail: str) -> None:
        self.invariant = invariant
        self.seq = seq
        self.detail = detail
        super().__init__(invariant, seq, detail)

    def __str__(self) -> str:
        return (
            f"invariant {self.invariant} broke at sequence number {self.seq}: {self.detail}. "
            "The writer has stopped; keep the folder as it is and replay it with the other engine."
        )


class Engine(Protocol):
    """One venue: commands in, events out.

    Shape: a command and an event are 96 bytes each (`tarazy.domain.records`).
    """

    def __init__(self) -> None:
        """Start an empty venue; its next sequence number is 1."""

    @property
    def name(self) -> str:
        """Return which twin this is: `spec` or `core`."""

    @property
    def edition(self) -> int:
        """Return the edition of the state machine, as every journal header states it."""

    @property
    def next_seq(self) -> int:
        """Return the sequence number that the next command gets."""

    @property
    def last_ts_ns(self) -> int:
        """Return the venue's time, UTC nanoseconds; 0 before the first command. A refused command moves it only where
        something was due."""

    def apply(self, commands: bytes) -> bytes:
        """Apply commands in order and return their events in order; command `i` gets number `next_seq + i`.

        Shape: n * 96 bytes in, m * 96 bytes out; every event carries the number of its command, numbers never fall.
        Rejects: a refused command takes its number too and gives one `CommandRejected`.
        Raises: ValueError for a length that is no multiple of 96; InvariantBroken, after which the engine is dead.
        """

    def snapshot(self) -> bytes:
        """Return the whole state in its canonical encoding, the same bytes from both twins."""

    def state_digest(self) -> bytes:
        """Return SHA-256 of `snapshot()`, 32 bytes."""

    def audit(self) -> None:
        """Add the whole state up again: totals, holds, receipts, shortfalls.

        Raises: InvariantBroken where it does not add up, after which the engine is dead.
        """

    def liabilities_root(self) -> bytes:
        """Return the root of the liabilities tree (docs/concepts/liabilities.md), 32 bytes."""

    def excerpt(
        self,
        account_ids: Sequence[int],
        market_ids: Sequence[int],
        *,
        depth: int = 0,
        order_ids: Sequence[int] = (),
    ) -> bytes:
        """Return what concerns these accounts and markets: the same bytes from both twins.

        Of a market's orders: those at the best `depth` prices of each side, and those with the numbers `order_ids`.
        Accounts that are not there are left out; of other accounts and orders nothing is told but their number.
        Cost: what is asked for, and the assets and markets; not the whole state.
        """

    @staticmethod
    def restore(snapshot: bytes) -> Engine:
        """Return an engine in the state that `snapshot()` wrote.

        Raises: ValueError where the bytes are not a state that can be.
        """

    @staticmethod
    def restore_pieces(pieces: Iterable[bytes]) -> Engine:
        """Return an engine in the state that `snapshot()` wrote, which comes piece by piece and is taken to its end.

        Raises: as `restore`; what the pieces' source raises.
        """

    def officer_keys(self) -> list[OfficerKey]:
        """Return the officers by number: (officer_id, public_key, roles, state, valid_from_ns, valid_until_ns)."""

    def invariant_counts(self) -> dict[str, int]:
        """Return how often each invariant was checked since the start; RELEASE is counted by the sequencer."""
