"""Random acts of administrators, and the instructions that cover every privileged command."""

from __future__ import annotations

from hashlib import sha256

from tarazy.domain.records import (
    PRIVILEGES,
    ROLE_MACHINE,
    ROLE_OPERATIONS,
    SUBJECT_OFFSETS,
    AdvanceTime,
    CommandKind,
    GrantMandate,
    OfficerState,
    PresentInstruction,
    RegisterClientKey,
    RegisterOfficer,
    RevokeClientKey,
    RevokeMandate,
    RotateFacilityKey,
    RotateOfficerKey,
    SetOfficerState,
)

from .world import KnownOfficer, World

U64_MAX = (1 << 64) - 1
MS_NS = 1_000_000
SEVEN_DAYS_NS = 7 * 86_400_000 * MS_NS
EIGHT_DAYS_NS = 8 * 86_400_000 * MS_NS
EVERY_ROLE = ROLE_MACHINE - 1
OFFICERS_MAX = 40
# What the opening registers: three persons with every role, three who are no administrators, two machines.
GENESIS_ROLES = (EVERY_ROLE,) * 3 + (EVERY_ROLE - 1,) * 3 + (8, ROLE_MACHINE, ROLE_MACHINE)
CREDIT_DEPOSIT = int(CommandKind.credit_deposit)
WITHOUT_ASSET = (int(CommandKind.set_market_state), int(CommandKind.open_account))
MANDATED = (CREDIT_DEPOSIT,) * 3 + (int(CommandKind.move_custody), int(CommandKind.admit_asset)) + WITHOUT_ASSET


def new_key(world: World) -> bytes:
    """Return a public key that nobody has, at times one that somebody has, or none."""
    dice = world.rand()
    if dice < 0.05:
        return bytes(32)
    if dice < 0.15 and world.officers:
        return world.officers[world.below(len(world.officers))].public_key
    return sha256(world.rng.randbytes(8)).digest()


# ---------------------------------------------------------------- administrators
def genesis(world: World) -> bytes:
    """Return the registrations of the first officers."""
    return b"".join(
        RegisterOfficer(roles, world.ts_ns, 0, U64_MAX, sha256(b"officer %d" % number).digest()).pack()
        for number, roles in enumerate(GENESIS_ROLES)
    )


def register_client_key(world: World) -> bytes:
    """Return a client's key, mostly of a new number; some are taken, spent or of no use."""
    number = world.rng.randrange(1 << 32) if world.chance(0.7) else world.below(40)
    until = 0 if world.chance(0.6) else min(world.ts_ns + world.below(1000) * world.shape.step_ns, U64_MAX)
    account, key = world.any_account(), new_key(world)
    return RegisterClientKey(world.below(5), world.below(2), world.tick(), account, number, until, key).pack()


def revoke_client_key(world: World) -> bytes:
    """Return the end of a client's key; the low numbers are in use again and again."""
    return RevokeClientKey(world.tick(), world.any_account(), world.below(40)).pack()


def register_officer(world: World) -> bytes:
    """Return a registration while there are few, else one that is refused; some are valid for a while only."""
    roles = (EVERY_ROLE - 1, EVERY_ROLE - 1, 12, 8, 16, ROLE_MACHINE, 1 << world.below(6), world.below(70))[
        world.below(8)
    ]
    ts_ns = world.tick()
    begin = min(ts_ns + world.below(world.shape.step_ns * 100), U64_MAX) if world.chance(0.4) else 0
    end = min(ts_ns + world.below(world.shape.step_ns * 400), U64_MAX) if world.chance(0.4) else U64_MAX
    if len(world.officers) >= OFFICERS_MAX:
        roles = 0
    return RegisterOfficer(roles, ts_ns, begin, end, new_key(world)).pack()


def set_officer_state(world: World) -> bytes:
    """Return a change of an officer's state: mostly back to active where one is suspended."""
    suspended = [i for i, officer in enumerate(world.officers, 1) if officer.state == OfficerState.suspended]
    if suspended and world.chance(0.7):
        number, state = suspended[world.below(len(suspended))], OfficerState.active
    else:
        number = 1 + world.below(3 if world.chance(0.5) else len(world.officers) + 1)
        state = OfficerState.revoked if world.chance(0.15) else 1 + world.below(2)
    return SetOfficerState(state, world.tick(), number, world.new_hash()).pack()


def rotate_officer_key(world: World) -> bytes:
    """Return another key for an officer."""
    return RotateOfficerKey(world.tick(), 1 + world.below(len(world.officers)), new_key(world)).pack()


def rotate_facility_key(world: World) -> bytes:
    """Return another key for the facility."""
    return RotateFacilityKey(world.tick(), new_key(world)).pack()


def grant_mandate(world: World) -> bytes:
    """Return a mandate, mostly for a machine and with room for some of its commands."""
    machines = [i for i, officer in enumerate(world.officers, 1) if officer.roles == ROLE_MACHINE]
    officer = machines[world.below(len(machines))] if world.chance(0.95) else 1 + world.below(len(world.officers))
    kind = MANDATED[world.below(len(MANDATED))] if world.chance(0.95) else world.below(60)
    signers = 2 if kind == CREDIT_DEPOSIT and world.chance(0.9) else 1 + world.below(2)
    if world.chance(0.05):
        signers = 3 * world.below(2)
    ts_ns = world.tick()
    until = min(ts_ns + world.below(world.shape.step_ns * 4_000), U64_MAX)
    most = usual_amount(world) * 60 if world.chance(0.8) else world.between(0, 1 << world.below(122))
    asset = world.any_asset() if (kind in WITHOUT_ASSET) != world.chance(0.95) else 0
    day = most >> world.below(7) if world.chance(0.3) else most + world.below(2) * (most >> 1)
    return GrantMandate(signers, kind, ts_ns, officer, asset, until, most, day).pack()


def usual_amount(world: World) -> int:
    """Return what some usual orders need."""
    shape = world.shape
    return min(shape.lots * max(shape.lot_size_minor, shape.price * shape.tick_value_minor), 1 << 100)


def revoke_mandate(world: World) -> bytes:
    """Return the end of a mandate, mostly of one that there is."""
    numbers = list(world.mandates)
    number = numbers[world.below(len(numbers))] if numbers and world.chance(0.9) else world.below(1_000)
    return RevokeMandate(world.tick(), number).pack()


# ---------------------------------------------------------------- instructions
def instructed(world: World, record: bytes) -> bytes:
    """Return the record, after an instruction where it is privileged and none is open; at times it lacks one."""
    if world.covered:
        world.covered -= 1
        return record
    if record[0] not in PRIVILEGES or world.chance(0.004):
        return record
    ts_ns = int.from_bytes(record[8:16], "little")
    return instruction(world, record, ts_ns) + record


def instruction(world: World, record: bytes, ts_ns: int) -> bytes:
    """Return an instruction that covers the record, at times more, and at times wrong in one way."""
    officer, approver = signers(world, record)
    count = 1 if world.chance(0.9) else 1 + world.below(5)
    world.covered = count - 1
    world.instructions += 1
    keys = [
        world.officers[number - 1].public_key for number in (officer, approver) if 0 < number <= len(world.officers)
    ]
    made = PresentInstruction(
        ts_ns,
        officer,
        approver,
        count,
        world.instructions,
        min(ts_ns + 1 + world.below(MS_NS), U64_MAX),
        sha256(b"".join(keys)).digest(),
        known_seq(world),
    )
    if world.chance(0.02):
        made = made._replace(**wrong(world, made))
    return made.pack()


def known_seq(world: World) -> int:
    """Return what an instruction's signers say they knew: mostly nothing, else a late command, or a future one."""
    if world.chance(0.6):
        return 0
    return max(world.last_seq + 1 - world.below(2 + world.below(40)), 0)


def wrong(world: World, made: PresentInstruction) -> dict[str, int | bytes]:
    """Return one field of an instruction as it must not be."""
    choice = world.below(5)
    if choice == 0:
        return {"command_count": 0}
    if choice == 1:
        return {"instruction_number": max(made.instruction_number - 1 - world.below(3), 0)}
    if choice == 2:
        return {"valid_until_ns": max(made.ts_ns - world.below(2), 0)}
    if choice == 3:
        return {"valid_until_ns": min(made.ts_ns + EIGHT_DAYS_NS, U64_MAX)}
    return {"signers_hash": world.rng.randbytes(32)}


def signers(world: World, record: bytes) -> tuple[int, int]:
    """Return who signs: mostly two who may, at times machines, somebody alone, or anybody."""
    dice, count = world.rand(), len(world.officers)
    if dice < 0.01:
        return 1 + world.below(count + 1), world.below(count + 2)
    if record[0] in MANDATED and dice < 0.2:
        asset_at = SUBJECT_OFFSETS[record[0]][0]
        named = (record[0], int.from_bytes(record[asset_at : asset_at + 4], "little") if asset_at else 0)
        machines = [m.officer_id for m in world.mandates.values() if (m.mandated_kind, m.asset_id) == named]
        if machines:
            second = machines[world.below(len(machines))] if world.chance(0.9) else 0
            return machines[world.below(len(machines))], second
    roles = PRIVILEGES[record[0]].roles if record[0] in PRIVILEGES else ROLE_OPERATIONS
    able = [i for i, officer in enumerate(world.officers, 1) if may(officer, roles, world.ts_ns)]
    first = able[world.below(len(able))] if able else 1
    others = [number for number in able if number != first] or [0]
    return first, others[world.below(len(others))] if dice < 0.985 else 0


def may(officer: KnownOfficer, roles: int, ts_ns: int) -> bool:
    """Return whether an officer has one of the roles and is valid."""
    active = officer.state == OfficerState.active and officer.roles & roles
    return bool(active) and officer.valid_from_ns <= ts_ns < officer.valid_until_ns


def signed_jump(world: World) -> bytes:
    """Return an instruction at the latest time allowed, and the moment behind it, as far as an instruction holds."""
    latest, world.jump_refused_at = world.jump_refused_at, 0
    until = min(world.ts_ns + MS_NS, latest + SEVEN_DAYS_NS, U64_MAX)
    record = AdvanceTime(min(world.ts_ns, until - 1)).pack()
    covered = instruction(world, record, latest)
    return PresentInstruction.unpack(covered)._replace(valid_until_ns=until, command_count=1).pack() + record
