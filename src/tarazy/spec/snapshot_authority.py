"""The snapshot's sections on authority: genesis, open instruction, officers, mandates, used and assigned numbers."""

from __future__ import annotations

import struct

from tarazy.domain.records import ROLE_MACHINE, OfficerState
from tarazy.spec.numbers import ASSET
from tarazy.spec.snapshot_bytes import COUNT32, COUNT64, Reader, SnapshotError, join, split
from tarazy.spec.state import State
from tarazy.spec.state_parts import Instruction, Mandate, Officer

GENESIS = struct.Struct("<B32s")
INSTRUCTION = struct.Struct("<QIIIQQB")
OFFICER = struct.Struct("<HBQQ32s")
MANDATE = struct.Struct("<QIHIQQQQQBIQQ")
NUMBER = struct.Struct("<QQ")


def encode_authority(state: State) -> bytes:
    """Return the section as bytes. An instruction that covers nothing more is written as zeros."""
    authority = state.authority
    i = authority.instruction if authority.instruction.remaining else Instruction()
    out = [
        GENESIS.pack(authority.genesis_open, authority.facility_key),
        INSTRUCTION.pack(i.seq, i.officer_id, i.approver_id, i.remaining, i.valid_until_ns, i.known_seq, i.is_whole),
        COUNT32.pack(len(authority.officers)),
    ]
    for o in authority.officers:
        out.append(OFFICER.pack(o.officer_roles, o.officer_state, o.valid_from_ns, o.valid_until_ns, o.public_key))
    out.append(COUNT32.pack(len(authority.mandates)))
    out += [encode_mandate(mandate) for _, mandate in sorted(authority.mandates.items())]
    out.append(COUNT64.pack(len(authority.numbers)))
    out += [NUMBER.pack(valid_until_ns, number) for valid_until_ns, number in authority.numbers]
    return b"".join(out)


def encode_mandate(m: Mandate) -> bytes:
    """Return one mandate as bytes."""
    amounts = (*split(m.amount_max_minor), *split(m.day_max_minor))
    used = (m.used_day, *split(m.used_minor))
    head = (m.mandate_id, m.officer_id, m.mandated_kind, m.asset_id)
    return MANDATE.pack(*head, *amounts, m.valid_until_ns, m.signers_needed, *used)


def decode_authority(reader: Reader, state: State) -> None:
    """Read the section."""
    authority, i = state.authority, state.authority.instruction
    genesis_open, authority.facility_key = reader.take(GENESIS)  # type: ignore[assignment]
    authority.genesis_open = bool(genesis_open)
    values = reader.take(INSTRUCTION)
    i.seq, i.officer_id, i.approver_id, i.remaining, i.valid_until_ns, i.known_seq = values[:6]
    i.is_whole = bool(values[6])
    for number in reader.count(COUNT32):
        authority.officers.append(decode_officer(reader, number + 1))
    for _ in reader.count(COUNT32):
        decode_mandate(reader, state)
    for _ in reader.count():
        valid_until_ns, number = reader.take(NUMBER)
        later = not authority.numbers or authority.numbers[-1] < (valid_until_ns, number)
        if not later or number in authority.used_numbers:
            raise SnapshotError("expected instruction numbers once each, by their validity's end, found others")
        authority.numbers.append((valid_until_ns, number))
        authority.used_numbers.add(number)


def decode_officer(reader: Reader, officer_id: int) -> Officer:
    """Read one officer."""
    o = Officer(officer_id)
    o.officer_roles, o.officer_state, o.valid_from_ns, o.valid_until_ns, o.public_key = reader.take(OFFICER)  # type: ignore[assignment]
    if not OfficerState.active <= o.officer_state <= OfficerState.revoked or o.officer_roles >= 2 * ROLE_MACHINE:
        raise SnapshotError(f"officer {officer_id} in state {o.officer_state} with roles {o.officer_roles}")
    return o


def decode_mandate(reader: Reader, state: State) -> None:
    """Read one mandate."""
    values = reader.take(MANDATE)
    m = Mandate(values[0])
    m.officer_id, m.mandated_kind, m.asset_id = values[1:4]
    m.amount_max_minor, m.day_max_minor = join(*values[4:6]), join(*values[6:8])
    m.valid_until_ns, m.signers_needed, m.used_day = values[8:11]
    m.used_minor = join(*values[11:13])
    state.authority.mandates[m.mandate_id] = m


def encode_assigned(state: State) -> bytes:
    """Return which commands made the assets, markets, accounts and officers, as bytes."""
    out = []
    for made in state.assigned[ASSET:]:
        out += [COUNT32.pack(len(made)), struct.pack(f"<{len(made)}Q", *made)]
    return b"".join(out)


def decode_assigned(reader: Reader, state: State) -> None:
    """Read which commands made them."""
    for made in state.assigned[ASSET:]:
        made += [reader.take(COUNT64)[0] for _ in reader.count(COUNT32)]
