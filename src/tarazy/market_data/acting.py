"""A desk: officers whose keys are at hand, who turn commands into signed instructions.

Importers, the made-up market, the demonstration and the benches act through a desk. Two people set the venue up and
change it; two machine watchers credit what has arrived, under mandates that the two people signed. In a real facility
these four keys lie on four machines; a demonstration has them side by side, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol

from tarazy.domain.instructions import COMMANDS_MAX, Assembled, Instruction, assemble, signed_bytes
from tarazy.domain.records import (
    RECORD_SIZE,
    ROLE_ADMINISTRATOR,
    ROLE_COMPLIANCE,
    ROLE_CUSTODY,
    ROLE_FINANCE,
    ROLE_MACHINE,
    ROLE_OPERATIONS,
    CommandKind,
    GrantMandate,
    RegisterOfficer,
)
from tarazy.domain.signer import KeySigner, Signer

EVERY_ROLE = ROLE_ADMINISTRATOR | ROLE_OPERATIONS | ROLE_CUSTODY | ROLE_FINANCE | ROLE_COMPLIANCE
HOUR_NS = 3_600 * 1_000_000_000
FOR_EVER_NS = (1 << 63) - 1
WATCHED_KINDS = (CommandKind.credit_deposit,)


class Packable(Protocol):
    """A command record."""

    def pack(self) -> bytes:
        """Return the record as 96 bytes."""


class ActingOfficer(NamedTuple):
    """An officer and the key that signs for it."""

    officer_id: int
    key: Signer

    @property
    def public_key(self) -> bytes:
        """Return the officer's public key."""
        return self.key.public_key


class Desk:
    """Officers at hand: the first two are people, the next two are watchers.

    Numbers of instructions count up from `first_number`; an instruction is valid for an hour from the time it is for.
    """

    def __init__(self, facility_id: bytes, keys: Sequence[Signer], *, first_number: int = 1) -> None:
        signers = [ActingOfficer(number, key) for number, key in enumerate(keys, 1)]
        self.facility_id = facility_id
        self.people = tuple(signers[:2])
        self.watchers = tuple(signers[2:4])
        self.next_number = first_number

    @classmethod
    def of_names(cls, facility_id: bytes = bytes(16), name: str = "tarazy desk") -> Desk:
        """Return a desk whose keys follow from a name: for engines without a folder, in tests and benches alone."""
        seeds = (sha256(f"{name}/{number}".encode()).digest() for number in range(1, 5))
        return cls(facility_id, [KeySigner.from_seed(seed) for seed in seeds])

    def sign(self, commands: bytes, signers: Sequence[ActingOfficer], now_ns: int, *, known_seq: int = 0) -> Assembled:
        """Return an instruction over the commands, signed by these officers, as it goes into a frame.

        `known_seq`: the last command that they know, 0 where this desk alone orders what it signs.
        """
        number, valid_until_ns = self.next_number, now_ns + HOUR_NS
        self.next_number = number + 1
        message = signed_bytes(self.facility_id, valid_until_ns, number, commands, known_seq=known_seq)
        return assemble(
            Instruction(
                signers[0].officer_id,
                signers[1].officer_id if len(signers) > 1 else 0,
                number,
                valid_until_ns,
                commands,
                (),
                tuple(signer.public_key for signer in signers),
                tuple(signer.key.sign(message) for signer in signers),
                known_seq,
            )
        )

    def instructions(
        self, commands: Iterable[Packable], signers: Sequence[ActingOfficer], now_ns: int, *, size: int = COMMANDS_MAX
    ) -> list[Assembled]:
        """Return as few instructions as hold the commands, each of at most `size`."""
        packed = b"".join(command.pack() for command in commands)
        step = size * RECORD_SIZE
        return [self.sign(packed[at : at + step], signers, now_ns) for at in range(0, len(packed), step)]

    def genesis(self, ts_ns: int = 1) -> bytes:
        """Return the commands that register the two people: the first ones of a journal."""
        return b"".join(
            RegisterOfficer(EVERY_ROLE, ts_ns, 1, FOR_EVER_NS, person.public_key).pack() for person in self.people
        )

    def staff(self) -> list[Packable]:
        """Return the commands that register the watchers; they are the next officers."""
        return [RegisterOfficer(ROLE_MACHINE, 0, 1, FOR_EVER_NS, watcher.public_key) for watcher in self.watchers]

    def mandates(self, asset_id: int, amount_max_minor: int, day_max_minor: int) -> list[Packable]:
        """Return the commands that let the watchers credit deposits of an asset, together."""
        return [
            GrantMandate(2, int(kind), 0, watcher.officer_id, asset_id, FOR_EVER_NS, amount_max_minor, day_max_minor)
            for watcher in self.watchers
            for kind in WATCHED_KINDS
        ]
