"""Authority: who may do a privileged command. Handlers know nothing of it.

An accepted instruction covers the commands that follow it, refused ones too, as many as it says. A privileged command
passes when enough of the covering instruction's signers may do it: a person with one of the command's roles, or a
machine under a live mandate for the kind of command, its asset and its amount. What is checked here is decided before
time moves on.

Known limit: this is the record's own word on who signed. Signatures themselves are checked where the frames are.
"""

from __future__ import annotations

from tarazy.domain.arithmetic import div_floor
from tarazy.domain.records import (
    COMMANDS,
    PRIVILEGES,
    ROLE_MACHINE,
    ROLE_OPERATIONS,
    SUBJECT_OFFSETS,
    ZERO32,
    AccountRole,
    AccountState,
    CommandKind,
    MarketState,
    OfficerState,
    Privilege,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec import subjects
from tarazy.spec.lookup import find_officer
from tarazy.spec.numbers import check_numbers
from tarazy.spec.observed import lifts_break
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import State
from tarazy.spec.state_parts import Mandate, Officer

DAY_NS = 86_400_000_000_000
ACTIVE = int(OfficerState.active)
REGISTER_OFFICER = int(CommandKind.register_officer)
ROTATE_FACILITY_KEY = int(CommandKind.rotate_facility_key)
PRESENT_INSTRUCTION = int(CommandKind.present_instruction)
ADVANCE_TIME = int(CommandKind.advance_time)
REPORT_BALANCE = int(CommandKind.report_balance)
BY_CONTENT = (
    CommandKind.set_market_state,
    CommandKind.open_account,
    CommandKind.set_account_state,
    CommandKind.set_officer_state,
)
TAKING = (CommandKind.seize_assets, CommandKind.declare_unclaimed)


def cover(state: State, kind: int) -> None:
    """Let the command use up one of those that the open instruction covers; another instruction ends it.

    The genesis, in which the facility's key is named and officers are registered, ends with a command of another kind.
    """
    authority = state.authority
    authority.signers = ()
    authority.uses = []
    state.signed_by_machine = False
    if kind not in (REGISTER_OFFICER, ROTATE_FACILITY_KEY):
        authority.genesis_open = False
    instruction = authority.instruction
    if not instruction.remaining:
        return
    if kind == PRESENT_INSTRUCTION:
        instruction.remaining = 0
        return
    instruction.remaining -= 1
    authority.signers = (instruction.officer_id, instruction.approver_id)[: 2 if instruction.approver_id else 1]


def check(state: State, kind: int, record: bytes, ts_ns: int) -> None:
    """Refuse a privileged command that no instruction covers, whose signers may not do it, or name what it names."""
    privilege = PRIVILEGES.get(kind)
    authority = state.authority
    if privilege is None or is_genesis(state, kind):
        return
    if not authority.signers:
        raise Refusal(RejectCode.instruction_missing, privilege.roles, 0)
    check_instruction_time(authority.instruction.valid_until_ns, ts_ns)
    check_signers(state, kind, record, ts_ns, privilege)
    check_numbers(state, kind, record)


def is_genesis(state: State, kind: int) -> bool:
    """Return whether a command needs no instruction yet: the facility's first key, before any officer, and officers."""
    authority = state.authority
    is_first_key = kind == ROTATE_FACILITY_KEY and not authority.officers and authority.facility_key == ZERO32
    return authority.genesis_open and (kind == REGISTER_OFFICER or is_first_key)


def note_refusal(state: State) -> None:
    """Remember of the open instruction that a command which it covers was refused."""
    if state.authority.signers:
        state.authority.instruction.is_whole = False


def check_instruction_time(valid_until_ns: int, ts_ns: int) -> None:
    """Refuse an instruction whose validity is over."""
    if valid_until_ns <= ts_ns:
        raise Refusal(RejectCode.instruction_expired, ts_ns + 1, valid_until_ns)


def check_signers(state: State, kind: int, record: bytes, ts_ns: int, privilege: Privilege) -> None:
    """Refuse a command that too few of its signers may do; remember the mandates that it uses."""
    persons, mandates, first = 0, [], None
    asset_id, amount_minor = subject(state, kind, record)
    for officer_id in state.authority.signers:
        try:
            officer = valid_officer(state, officer_id, ts_ns)
            if officer.officer_roles & ROLE_MACHINE:
                mandates.append(live_mandate(state, officer, kind, asset_id, amount_minor, ts_ns))
            else:
                check_role(officer, privilege.roles)
                persons += 1
        except Refusal as refusal:
            first = first or refusal
    needed = signers_needed(kind, record, privilege)
    if kind == REPORT_BALANCE and lifts_break(state, record):  # for two people, whatever a mandate says
        needed, mandates = 2, []
    if persons >= needed:
        return
    if mandates:
        needed = mandated_signers(kind, record, privilege, mandates)
        if persons + len(mandates) >= needed:
            state.authority.uses = [(mandate, amount_minor) for mandate in mandates]
            state.signed_by_machine = True
            return
    raise first or Refusal(RejectCode.four_eyes_required, needed, persons + len(mandates))


def check_role(officer: Officer, roles: int) -> None:
    """Refuse a person without any of the roles."""
    if not officer.officer_roles & roles:
        raise Refusal(RejectCode.officer_role_missing, roles, officer.officer_roles)


def valid_officer(state: State, officer_id: int, ts_ns: int) -> Officer:
    """Return an officer whose signature counts at a time; refuse any other."""
    officer = find_officer(state, officer_id)
    if officer.officer_state != ACTIVE:
        raise Refusal(RejectCode.officer_not_active, ACTIVE, officer.officer_state)
    if ts_ns < officer.valid_from_ns:
        raise Refusal(RejectCode.officer_not_valid, officer.valid_from_ns, ts_ns)
    if ts_ns >= officer.valid_until_ns:
        raise Refusal(RejectCode.officer_not_valid, officer.valid_until_ns - 1, ts_ns)
    return officer


def live_mandate(state: State, officer: Officer, kind: int, asset_id: int, amount_minor: int, ts_ns: int) -> Mandate:
    """Return the first mandate of a machine officer that allows the command; refuse with the first one's reason."""
    first = None
    for mandate in state.authority.mandates.values():
        if (mandate.officer_id, mandate.mandated_kind, mandate.asset_id) != (officer.officer_id, kind, asset_id):
            continue
        if mandate.valid_until_ns <= ts_ns:
            continue
        used = used_minor(mandate, ts_ns) + amount_minor
        if amount_minor > mandate.amount_max_minor:
            first = first or Refusal(RejectCode.mandate_amount_exceeded, mandate.amount_max_minor, amount_minor)
        elif used > mandate.day_max_minor:
            first = first or Refusal(RejectCode.mandate_day_exceeded, mandate.day_max_minor, used)
        else:
            return mandate
    raise first or Refusal(RejectCode.mandate_missing, 1, 0)


def used_minor(mandate: Mandate, ts_ns: int) -> int:
    """Return what was used under a mandate on the UTC day of a time."""
    return mandate.used_minor if mandate.used_day == div_floor(ts_ns, DAY_NS) else 0


def signers_needed(kind: int, record: bytes, privilege: Privilege) -> int:
    """Return how many persons must sign: fewer for what only protects, by the command's content."""
    if kind == CommandKind.set_market_state:
        market = COMMANDS[kind].unpack(record)
        stops = market.market_state in (MarketState.halted, MarketState.closed)
        return 1 if stops and not market.reference_price_ticks else 2
    if kind == CommandKind.open_account:
        account = COMMANDS[kind].unpack(record)
        return 1 if account.account_role == AccountRole.client and not account.fee_tier else 2
    if kind == CommandKind.set_account_state:
        return 1 if COMMANDS[kind].unpack(record).account_state == AccountState.restricted else 2
    if kind == CommandKind.set_officer_state:
        return 1 if COMMANDS[kind].unpack(record).officer_state == OfficerState.suspended else 2
    return privilege.signers


def mandated_signers(kind: int, record: bytes, privilege: Privilege, mandates: list[Mandate]) -> int:
    """Return how many must sign where machines do: as a mandate says; as persons must where it bounds no amount."""
    least = max(signers_least(kind), min(mandate.signers_needed for mandate in mandates))
    return least if subjects.has_amount(kind) else max(least, signers_needed(kind, record, privilege))


def signers_least(kind: int) -> int:
    """Return the fewest signers that a mandate may ask for.

    One machine may act alone only where the mandate bounds the amount and nothing is credited to or taken from a
    client, or where one person may.
    """
    privilege = PRIVILEGES[kind]
    if kind in BY_CONTENT or (subjects.has_amount(kind) and not privilege.credit and kind not in TAKING):
        return 1
    return privilege.signers


def subject(state: State, kind: int, record: bytes) -> tuple[int, int]:
    """Return the asset and the amount that a command is about, as mandates bound them; 0 where it has none."""
    asset_at, amount_at = SUBJECT_OFFSETS.get(kind, (0, 0))
    if not asset_at:
        return subjects.subject(state, kind, COMMANDS[kind].unpack(record))
    asset_id = int.from_bytes(record[asset_at : asset_at + 4], "little")
    return asset_id, int.from_bytes(record[amount_at : amount_at + 16], "little") if amount_at else 0


def check_jump(state: State, kind: int, record: bytes, ts_ns: int) -> None:
    """Refuse a time too far ahead, unless two officers of operations sign that it is so."""
    latest = state.last_ts_ns + state.clock_jump_max_ns
    if not state.clock_jump_max_ns or not state.last_ts_ns or ts_ns <= latest:
        return
    if kind == ADVANCE_TIME and state.authority.signers:
        check_instruction_time(state.authority.instruction.valid_until_ns, ts_ns)
        check_signers(state, kind, record, ts_ns, Privilege(ROLE_OPERATIONS, 2, False))
        return
    raise Refusal(RejectCode.time_jumped, latest, ts_ns)


def count_uses(state: State) -> None:
    """Count the accepted command against the mandates under which it was done."""
    for mandate, amount_minor in state.authority.uses:
        mandate.used_minor = used_minor(mandate, state.last_ts_ns) + amount_minor
        mandate.used_day = div_floor(state.last_ts_ns, DAY_NS)
