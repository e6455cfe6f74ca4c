"""A difference between engines is found, narrowed down to what causes it, and described."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tarazy.domain.records import RECORD_SIZE, SUBJECT_OFFSETS, CommandKind
from tarazy.spec.snapshot import decode
from tarazy.spec.venue import Venue

from .generator import Generator
from .twins import Twins, TwinsDifferError, records

AMOUNT_AT = SUBJECT_OFFSETS[CommandKind.credit_deposit][1]


class Generous(Venue):
    """A venue that credits one unit too much with every deposit of an odd amount."""

    def apply(self, commands: bytes) -> bytes:
        """Apply the commands as they should not be."""
        return b"".join(super(Generous, self).apply(bent(command)) for command in records(commands))

    @staticmethod
    def restore_pieces(pieces: Iterable[bytes]) -> Generous:
        """Return an engine in a state that comes piece by piece."""
        return Generous.restore(b"".join(pieces))

    @staticmethod
    def restore(snapshot: bytes) -> Generous:
        """Return such a venue with the state of a snapshot."""
        return Generous(decode(snapshot))


def bent(command: bytes) -> bytes:
    """Return a deposit of an odd amount with one unit more, any other command as it is."""
    if command[0] == CommandKind.credit_deposit and command[AMOUNT_AT] % 2:
        return command[:AMOUNT_AT] + bytes([command[AMOUNT_AT] + 1 & 255]) + command[AMOUNT_AT + 1 :]
    return command


def play_some(twins: Twins) -> None:
    """Play a random episode of 5,000 commands."""
    generator = Generator(0)
    for batch in generator.opening():
        generator.observe(twins.apply(batch))
    for _ in range(50):
        generator.observe(twins.apply(generator.batch(100)))


def test_difference_is_narrowed_to_the_command_that_causes_it(tmp_path: Path) -> None:
    with pytest.raises(TwinsDifferError) as raised:
        play_some(Twins((Venue, Generous), tmp_path / "found", "seed 0"))
    report = raised.value.report
    culprit = next(line for line in report.splitlines() if line.startswith("> "))
    assert "CreditDeposit" in culprit
    assert "seed 0" in report
    shrunk = records((tmp_path / "found" / "shrunk.bin").read_bytes())
    assert len(shrunk[-1]) == RECORD_SIZE
    deposits = [command for command in shrunk if command[0] == CommandKind.credit_deposit]
    assert len(deposits) == 1
