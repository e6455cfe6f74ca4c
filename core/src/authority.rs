//! Authority: who may do a privileged command. Handlers know nothing of it.
//!
//! An accepted instruction covers the commands that follow it, refused ones too, as many as it says. A privileged
//! command passes when enough of the covering instruction's signers may do it: a person with one of the command's
//! roles, or a machine under a live mandate for the kind of command, its asset and its amount. What is checked here is
//! decided before time moves on.
//!
//! Known limit: this is the record's own word on who signed. Signatures themselves are checked where the frames are.

use crate::lookup::find_officer;
use crate::numbers::check_numbers;
use crate::observed::lifts_break;
use crate::records::*;
use crate::refusal::{refuse, Refusal};
use crate::state::State;
use crate::state_parts::{Mandate, Officer};
use crate::subjects;

pub const DAY_NS: u64 = 86_400_000_000_000;
const OPERATIONS_TWICE: Privilege = Privilege { roles: Role::OPERATIONS, signers: 2, credit: false };

/// Let the command use up one of those that the open instruction covers; another instruction ends it.
///
/// The genesis, in which the facility's key is named and officers are registered, ends with a command of another kind.
#[inline(always)]
pub fn cover(state: &mut State, kind: u16) {
    if state.authority.is_idle() {
        return;
    }
    cover_open(state, kind);
}

#[cold]
#[inline(never)]
fn cover_open(state: &mut State, kind: u16) {
    state.signed_by_machine = false;
    let authority = &mut state.authority;
    authority.signers = [0, 0];
    authority.uses = [None, None];
    if !matches!(kind, RegisterOfficer::KIND | RotateFacilityKey::KIND) {
        authority.genesis_open = false;
    }
    let instruction = &mut authority.instruction;
    if instruction.remaining == 0 {
        return;
    }
    if kind == PresentInstruction::KIND {
        instruction.remaining = 0;
        return;
    }
    instruction.remaining -= 1;
    authority.signers = [instruction.officer_id, instruction.approver_id];
}

/// Refuse a privileged command that no instruction covers, whose signers may not do it, or name what it names.
#[cold]
#[inline(never)]
pub fn check(state: &mut State, kind: u16, record: &[u8; RECORD_SIZE], ts_ns: u64) -> Result<(), Refusal> {
    let Some(privilege) = privilege(kind) else { return Ok(()) };
    if is_genesis(state, kind) {
        return Ok(());
    }
    let authority = &state.authority;
    if authority.signers[0] == 0 {
        return refuse(RejectCode::InstructionMissing, privilege.roles as u128, 0);
    }
    check_instruction_time(authority.instruction.valid_until_ns, ts_ns)?;
    check_signers(state, kind, record, ts_ns, privilege)?;
    check_numbers(state, kind, record)
}

/// Return whether a command needs no instruction yet: the facility's first key, before any officer, and officers.
fn is_genesis(state: &State, kind: u16) -> bool {
    let authority = &state.authority;
    let no_key = authority.officers.is_empty() && authority.facility_key == [0; 32];
    authority.genesis_open && (kind == RegisterOfficer::KIND || (kind == RotateFacilityKey::KIND && no_key))
}

/// Remember of the open instruction that a command which it covers was refused.
pub fn note_refusal(state: &mut State) {
    if state.authority.signers[0] != 0 {
        state.authority.instruction.is_whole = false;
    }
}

/// Refuse an instruction whose validity is over.
pub fn check_instruction_time(valid_until_ns: u64, ts_ns: u64) -> Result<(), Refusal> {
    if valid_until_ns <= ts_ns {
        return refuse(RejectCode::InstructionExpired, ts_ns as u128 + 1, valid_until_ns as u128);
    }
    Ok(())
}

/// What one signer is to a command.
enum Signer {
    Person,
    Machine(u64, u8),
}

/// Refuse a command that too few of its signers may do; remember the mandates that it uses.
fn check_signers(
    state: &mut State,
    kind: u16,
    record: &[u8; RECORD_SIZE],
    ts_ns: u64,
    privilege: Privilege,
) -> Result<(), Refusal> {
    let (mut persons, mut machines, mut fewest, mut first) = (0, 0, 2, None);
    let (asset_id, amount_minor) = subject(state, kind, record);
    let mut uses = [None, None];
    for (officer_id, used) in state.authority.signers.into_iter().zip(&mut uses) {
        if officer_id == 0 {
            continue;
        }
        match signer(state, officer_id, kind, (asset_id, amount_minor), ts_ns, privilege) {
            Ok(Signer::Person) => persons += 1,
            Ok(Signer::Machine(mandate_id, signers_needed)) => {
                machines += 1;
                fewest = fewest.min(signers_needed);
                *used = Some((mandate_id, amount_minor));
            }
            Err(refusal) => first = first.or(Some(refusal)),
        }
    }
    let mut needed = signers_needed(kind, record, privilege);
    if kind == ReportBalance::KIND && lifts_break(state, record) {
        (needed, machines) = (2, 0); // for two people, whatever a mandate says
    }
    if persons >= needed {
        return Ok(());
    }
    if machines != 0 {
        needed = mandated_signers(kind, record, privilege, fewest);
        if persons + machines >= needed {
            state.authority.uses = uses;
            state.signed_by_machine = true;
            return Ok(());
        }
    }
    match first {
        Some(refusal) => Err(refusal),
        None => refuse(RejectCode::FourEyesRequired, needed as u128, (persons + machines) as u128),
    }
}

fn signer(
    state: &State,
    officer_id: u32,
    kind: u16,
    subject: (u32, u128),
    ts_ns: u64,
    privilege: Privilege,
) -> Result<Signer, Refusal> {
    let officer = valid_officer(state, officer_id, ts_ns)?;
    if officer.officer_roles & Role::MACHINE != 0 {
        let mandate = live_mandate(state, officer_id, kind, subject, ts_ns)?;
        return Ok(Signer::Machine(mandate.mandate_id, mandate.signers_needed));
    }
    check_role(officer, privilege.roles)?;
    Ok(Signer::Person)
}

/// Refuse a person without any of the roles.
fn check_role(officer: &Officer, roles: u16) -> Result<(), Refusal> {
    if officer.officer_roles & roles == 0 {
        return refuse(RejectCode::OfficerRoleMissing, roles as u128, officer.officer_roles as u128);
    }
    Ok(())
}

/// Return an officer whose signature counts at a time; refuse any other.
pub fn valid_officer(state: &State, officer_id: u32, ts_ns: u64) -> Result<&Officer, Refusal> {
    let officer = find_officer(state, officer_id)?;
    if officer.officer_state != OfficerState::ACTIVE {
        let found = officer.officer_state as u128;
        return refuse(RejectCode::OfficerNotActive, OfficerState::ACTIVE as u128, found);
    }
    if ts_ns < officer.valid_from_ns {
        return refuse(RejectCode::OfficerNotValid, officer.valid_from_ns as u128, ts_ns as u128);
    }
    if ts_ns >= officer.valid_until_ns {
        return refuse(RejectCode::OfficerNotValid, officer.valid_until_ns as u128 - 1, ts_ns as u128);
    }
    Ok(officer)
}

/// Return the first mandate of a machine officer that allows the command; refuse with the first one's reason.
fn live_mandate(
    state: &State,
    officer_id: u32,
    kind: u16,
    (asset_id, amount_minor): (u32, u128),
    ts_ns: u64,
) -> Result<&Mandate, Refusal> {
    let mut first = None;
    for mandate in state.authority.mandates.values() {
        let named = (mandate.officer_id, mandate.mandated_kind, mandate.asset_id) == (officer_id, kind, asset_id);
        if !named || mandate.valid_until_ns <= ts_ns {
            continue;
        }
        let why = if amount_minor > mandate.amount_max_minor {
            refuse::<()>(RejectCode::MandateAmountExceeded, mandate.amount_max_minor, amount_minor)
        } else if used_minor(mandate, ts_ns) + amount_minor > mandate.day_max_minor {
            let used = used_minor(mandate, ts_ns) + amount_minor;
            refuse(RejectCode::MandateDayExceeded, mandate.day_max_minor, used)
        } else {
            return Ok(mandate);
        };
        first = first.or(why.err());
    }
    match first {
        Some(refusal) => Err(refusal),
        None => refuse(RejectCode::MandateMissing, 1, 0),
    }
}

/// Return what was used under a mandate on the UTC day of a time.
fn used_minor(mandate: &Mandate, ts_ns: u64) -> u128 {
    if mandate.used_day as u64 == ts_ns / DAY_NS {
        return mandate.used_minor;
    }
    0
}

/// Return how many persons must sign: fewer for what only protects, by the command's content.
fn signers_needed(kind: u16, record: &[u8; RECORD_SIZE], privilege: Privilege) -> u8 {
    let protects = match kind {
        SetMarketState::KIND => {
            let market = SetMarketState::read(record);
            let stops = matches!(market.market_state, MarketState::HALTED | MarketState::CLOSED);
            stops && market.reference_price_ticks == 0
        }
        OpenAccount::KIND => {
            let account = OpenAccount::read(record);
            account.account_role == AccountRole::CLIENT && account.fee_tier == 0
        }
        SetAccountState::KIND => SetAccountState::read(record).account_state == AccountState::RESTRICTED,
        SetOfficerState::KIND => SetOfficerState::read(record).officer_state == OfficerState::SUSPENDED,
        _ => return privilege.signers,
    };
    if protects {
        1
    } else {
        2
    }
}

/// Return how many must sign where machines do: as a mandate says; as persons must where it bounds no amount.
fn mandated_signers(kind: u16, record: &[u8; RECORD_SIZE], privilege: Privilege, fewest: u8) -> u8 {
    let least = fewest.max(signers_least(kind, privilege));
    if subjects::has_amount(kind) {
        return least;
    }
    least.max(signers_needed(kind, record, privilege))
}

/// Return the fewest signers that a mandate may ask for.
///
/// One machine may act alone only where the mandate bounds the amount and nothing is credited to or taken from a
/// client, or where one person may.
pub fn signers_least(kind: u16, privilege: Privilege) -> u8 {
    let by_content =
        matches!(kind, SetMarketState::KIND | OpenAccount::KIND | SetAccountState::KIND | SetOfficerState::KIND);
    let takes = matches!(kind, SeizeAssets::KIND | DeclareUnclaimed::KIND);
    if by_content || (subjects::has_amount(kind) && !privilege.credit && !takes) {
        return 1;
    }
    privilege.signers
}

/// Return the asset and the amount that a command is about, as mandates bound them; 0 where it has none.
fn subject(state: &State, kind: u16, record: &[u8; RECORD_SIZE]) -> (u32, u128) {
    let (asset_at, amount_at) = amount_offsets(kind);
    if asset_at == 0 {
        return subjects::subject(state, kind, record);
    }
    let asset_id = u32::from_le_bytes(take(record, asset_at));
    (asset_id, if amount_at == 0 { 0 } else { u128::from_le_bytes(take(record, amount_at)) })
}

/// Refuse a time too far ahead, unless two officers of operations sign that it is so.
#[inline(always)]
pub fn check_jump(state: &mut State, kind: u16, record: &[u8; RECORD_SIZE], ts_ns: u64) -> Result<(), Refusal> {
    if state.clock_jump_max_ns == 0 || state.last_ts_ns == 0 || ts_ns - state.last_ts_ns <= state.clock_jump_max_ns {
        return Ok(());
    }
    check_signed_jump(state, kind, record, ts_ns)
}

#[cold]
fn check_signed_jump(state: &mut State, kind: u16, record: &[u8; RECORD_SIZE], ts_ns: u64) -> Result<(), Refusal> {
    if kind == AdvanceTime::KIND && state.authority.signers[0] != 0 {
        check_instruction_time(state.authority.instruction.valid_until_ns, ts_ns)?;
        return check_signers(state, kind, record, ts_ns, OPERATIONS_TWICE);
    }
    let latest = state.last_ts_ns + state.clock_jump_max_ns;
    refuse(RejectCode::TimeJumped, latest as u128, ts_ns as u128)
}

/// Count the accepted command against the mandates under which it was done.
#[inline(always)]
pub fn count_uses(state: &mut State) {
    if state.authority.signers[0] != 0 {
        count_signed_uses(state);
    }
}

#[cold]
#[inline(never)]
fn count_signed_uses(state: &mut State) {
    let now = state.last_ts_ns;
    for (mandate_id, amount_minor) in state.authority.uses.into_iter().flatten() {
        if let Some(mandate) = state.authority.mandates.get_mut(&mandate_id) {
            mandate.used_minor = used_minor(mandate, now) + amount_minor;
            mandate.used_day = (now / DAY_NS) as u32;
        }
    }
}
