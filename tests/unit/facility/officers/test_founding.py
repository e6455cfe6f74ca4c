"""Founding a facility, and the desk that acts for one: what they sign is what the venue and `verify` expect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.instructions import COMMANDS_MAX, instructions_in, signatures_in
from tarazy.domain.records import (
    RECORD_SIZE,
    ROLE_ADMINISTRATOR,
    ROLE_CUSTODY,
    ROLE_MACHINE,
    AdvanceTime,
    CreditDeposit,
    CustodyLocation,
    RegisterOfficer,
    RotateFacilityKey,
)
from tarazy.domain.signer import KeySigner
from tarazy.facility.officers.founding import EVERY_PERSONS_ROLE, Founder, FoundingError, found_facility
from tarazy.journal.genesis import genesis_commands
from tarazy.journal.identity import load_identity
from tarazy.journal.signatures import is_signed
from tarazy.market_data.acting import Desk, Packable
from tarazy.market_data.commands import CommandWriter
from tarazy.market_data.venue_setup import MarketPlan, deposit_command, open_accounts, write_setup
from tests.floor import decode_events

KEYS = [KeySigner.from_seed(bytes([number]) * 32) for number in (1, 2, 3)]
NOW_NS = 1_000_000_000
PLAN = MarketPlan("test", "BTC", 8, "USD", 2, base_deposit_minor=10**9, quote_deposit_minor=10**7, mandate_deposits=1)


def test_identity_names_its_founders_and_the_first_frame_registers_them(tmp_path: Path) -> None:
    founders = [Founder(KEYS[0]), Founder(KEYS[1], ROLE_ADMINISTRATOR), Founder(KEYS[2], ROLE_CUSTODY)]
    found_facility(tmp_path / "venue", "Venue", founders, created_ns=NOW_NS, valid_until_ns=2 * NOW_NS)
    identity = load_identity(tmp_path / "venue")
    assert [officer.roles for officer in identity.officers] == [EVERY_PERSONS_ROLE, ROLE_ADMINISTRATOR, ROLE_CUSTODY]
    commands = genesis_commands(identity)
    assert RotateFacilityKey.unpack(commands).public_key == identity.public_key
    registered = [RegisterOfficer.unpack(commands, at) for at in range(RECORD_SIZE, len(commands), RECORD_SIZE)]
    assert [each.public_key for each in registered] == [key.public_key for key in KEYS]
    assert {(each.valid_from_ns, each.valid_until_ns) for each in registered} == {(NOW_NS, 2 * NOW_NS)}


@pytest.mark.parametrize(
    ("founders", "words"),
    [
        ([], "at least 2 administrators among the officers, found 0"),
        ([Founder(KEYS[0])], "found 1"),
        ([Founder(KEYS[0]), Founder(KEYS[1], ROLE_CUSTODY)], "found 1"),
        ([Founder(KEYS[0]), Founder(KEYS[0])], "Two signatures of one key are not four eyes"),
        ([Founder(KEYS[0]), Founder(KEYS[1], ROLE_MACHINE | ROLE_CUSTODY)], "machine alone"),
        ([Founder(KEYS[0]), Founder(KEYS[1], 0)], "roles of a person"),
    ],
)
def test_founders_who_could_not_go_on_found_nothing(tmp_path: Path, founders: list[Founder], words: str) -> None:
    with pytest.raises(FoundingError, match=words):
        found_facility(tmp_path / "venue", "Venue", founders)
    assert not (tmp_path / "venue").exists()


def test_desk_signs_what_the_frame_holds_and_numbers_its_instructions() -> None:
    desk = Desk.of_names(bytes(range(16)))
    acts = [desk.sign(AdvanceTime().pack(), signers, NOW_NS) for signers in (desk.people, desk.watchers)]
    commands, section = b"".join(act.commands for act in acts), b"".join(act.entry for act in acts)
    found = [instruction for _, instruction in instructions_in(commands, section)]
    assert [(each.officer_id, each.approver_id, each.instruction_number) for each in found] == [(1, 2, 1), (3, 4, 2)]
    checks = signatures_in(desk.facility_id, commands, section)
    assert len(checks) == 4
    assert all(is_signed(check.public_key, check.signature, check.message) for check in checks)


def test_batch_is_cut_into_as_few_instructions_as_hold_it() -> None:
    desk = Desk.of_names()
    commands: list[Packable] = [AdvanceTime()] * (2 * COMMANDS_MAX + 1)
    sizes = [len(act.commands) // RECORD_SIZE - 1 for act in desk.instructions(commands, desk.people, NOW_NS)]
    assert sizes == [COMMANDS_MAX, COMMANDS_MAX, 1]


def test_people_set_up_and_watchers_credit_within_their_mandates(engine: type[Engine]) -> None:
    desk, venue = Desk.of_names(), engine()
    writer = CommandWriter(3, NOW_NS, desk)
    assert decode_events(venue.apply(desk.genesis())).kinds == ["OfficerRegistered"] * 2
    write_setup(writer, PLAN)
    open_accounts(writer, PLAN, [1, 2], 0)
    events = decode_events(venue.apply(writer.take_batch().commands))
    assert "CommandRejected" not in events.kinds
    assert events.kinds.count("DepositCredited") == 4
    writer.watch([deposit_command(PLAN, 99, 1, 1, PLAN.base_deposit_minor + 1, NOW_NS)])
    refused = decode_events(venue.apply(writer.take_batch().commands))
    assert refused.kinds == ["InstructionAccepted", "CommandRejected"]
    assert venue.next_seq == writer.next_seq


def test_writer_numbers_what_it_signs_and_stamps_its_time() -> None:
    writer = CommandWriter(3, NOW_NS)
    deposit = CreditDeposit(CustodyLocation.cold, 0, 1, 1, NOW_NS, 1, bytes([1]) * 32)
    assert writer.watch([deposit, deposit]) == 4
    assert writer.next_seq == 6
    batch = writer.take_batch()
    assert {batch.commands[at + 8 : at + 16] for at in range(0, 3 * RECORD_SIZE, RECORD_SIZE)} == {
        NOW_NS.to_bytes(8, "little")
    }
    assert len(instructions_in(batch.commands, batch.instructions)) == 1
