//! The snapshot's sections on authority: genesis, open instruction, officers, mandates, used and assigned numbers.

use crate::records::{NumberSpace, OfficerState, Role};
use crate::snapshot_bytes::{put, Reader, SnapshotError, Writer};
use crate::state::State;
use crate::state_parts::{Instruction, Mandate, Officer};

/// Write the section. An instruction that covers nothing more is written as zeros.
pub fn encode_authority(w: &mut Writer, state: &State) {
    let authority = &state.authority;
    put!(w, authority.genesis_open as u8);
    w.0.extend_from_slice(&authority.facility_key);
    let i = if authority.instruction.remaining == 0 { Instruction::default() } else { authority.instruction };
    put!(w, i.seq, i.officer_id, i.approver_id, i.remaining, i.valid_until_ns, i.known_seq, i.is_whole as u8);
    put!(w, authority.officers.len() as u32);
    for o in &authority.officers {
        put!(w, o.officer_roles, o.officer_state, o.valid_from_ns, o.valid_until_ns);
        w.0.extend_from_slice(&o.public_key);
    }
    put!(w, authority.mandates.len() as u32);
    for mandate in authority.mandates.values() {
        encode_mandate(w, mandate);
    }
    put!(w, authority.numbers.len() as u64);
    for (valid_until_ns, number) in &authority.numbers {
        put!(w, valid_until_ns, number);
        w.pass_on();
    }
}

fn encode_mandate(w: &mut Writer, m: &Mandate) {
    put!(w, m.mandate_id, m.officer_id, m.mandated_kind, m.asset_id, m.amount_max_minor, m.day_max_minor);
    put!(w, m.valid_until_ns, m.signers_needed, m.used_day, m.used_minor);
}

/// Read the section.
pub fn decode_authority(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    state.authority.genesis_open = r.u8()? != 0;
    state.authority.facility_key = r.bytes()?;
    state.authority.instruction = Instruction {
        seq: r.u64()?,
        officer_id: r.u32()?,
        approver_id: r.u32()?,
        remaining: r.u32()?,
        valid_until_ns: r.u64()?,
        known_seq: r.u64()?,
        is_whole: r.u8()? != 0,
    };
    for number in 0..r.u32()? {
        let officer = decode_officer(r, number)?;
        state.authority.officers.push(officer);
    }
    for _ in 0..r.u32()? {
        decode_mandate(r, state)?;
    }
    let numbers = r.u64()?;
    for _ in 0..numbers {
        let (valid_until_ns, number) = (r.u64()?, r.u64()?);
        let later = state.authority.numbers.last().is_none_or(|last| *last < (valid_until_ns, number));
        if !later || !state.authority.used_numbers.insert(number) {
            return Err("expected instruction numbers once each, by their validity's end, found others".into());
        }
        state.authority.numbers.insert((valid_until_ns, number));
    }
    Ok(())
}

fn decode_officer(r: &mut Reader, number: u32) -> Result<Officer, SnapshotError> {
    let officer = Officer {
        officer_roles: r.u16()?,
        officer_state: r.u8()?,
        valid_from_ns: r.u64()?,
        valid_until_ns: r.u64()?,
        public_key: r.bytes()?,
    };
    let known = (OfficerState::ACTIVE..=OfficerState::REVOKED).contains(&officer.officer_state);
    if !known || officer.officer_roles >= 2 * Role::MACHINE {
        let (state, roles) = (officer.officer_state, officer.officer_roles);
        return Err(format!("officer {} in state {state} with roles {roles}", number + 1));
    }
    Ok(officer)
}

fn decode_mandate(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    let mandate = Mandate {
        mandate_id: r.u64()?,
        officer_id: r.u32()?,
        mandated_kind: r.u16()?,
        asset_id: r.u32()?,
        amount_max_minor: r.u128()?,
        day_max_minor: r.u128()?,
        valid_until_ns: r.u64()?,
        signers_needed: r.u8()?,
        used_day: r.u32()?,
        used_minor: r.u128()?,
    };
    state.authority.mandates.insert(mandate.mandate_id, mandate);
    Ok(())
}

/// Write which commands made the assets, markets, accounts and officers.
pub fn encode_assigned(w: &mut Writer, state: &State) {
    for made in &state.assigned[NumberSpace::ASSET as usize..] {
        put!(w, made.len() as u32);
        for seq in made {
            put!(w, seq);
            w.pass_on();
        }
    }
}

/// Read which commands made them.
pub fn decode_assigned(r: &mut Reader, state: &mut State) -> Result<(), SnapshotError> {
    for made in &mut state.assigned[NumberSpace::ASSET as usize..] {
        for _ in 0..r.u32()? {
            made.push(r.u64()?);
        }
    }
    Ok(())
}
