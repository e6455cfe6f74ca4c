//! Numbers that the engine assigns, and which of them an instruction may name.
//!
//! Officers sign before their commands are ordered, and the order is the server's. An instruction therefore says the
//! last command that its signers knew. A covered command may name what was there then, and what its own instruction
//! made; what came in between may have taken the number that the signers meant. Once a covered command was refused, the
//! numbers that the instruction makes are no longer those that its signers counted on, and none of them may be named.

use crate::records::*;
use crate::refusal::{refuse, Refusal};
use crate::state::State;

/// Remember that the command under way has made the next asset, market, account or officer.
pub fn note_assigned(state: &mut State, space: u8) {
    let seq = state.seq;
    state.assigned[space as usize].push(seq);
}

/// Return which command made what a number names; 0 where there is nothing of that number.
fn assigned_seq(state: &State, space: u8, number: u64) -> u64 {
    if space == NumberSpace::COMMAND {
        return if number <= state.seq { number } else { 0 };
    }
    let made = &state.assigned[space as usize];
    if (1..=made.len() as u64).contains(&number) {
        return made[number as usize - 1];
    }
    0
}

/// Return (NumberSpace, number) of everything that a privileged command names by a number of the engine's.
fn named_numbers(kind: u16, record: &[u8; RECORD_SIZE]) -> impl Iterator<Item = (u8, u64)> + '_ {
    let listed = assigned_numbers(kind).iter().map(|&(offset, space)| match space {
        NumberSpace::COMMAND => (space, u64::from_le_bytes(take(record, offset))),
        _ => (space, u32::from_le_bytes(take(record, offset)) as u64),
    });
    let subject = match kind {
        SetLimit::KIND | RemoveLimit::KIND => {
            let limit = RemoveLimit::read(record); // what both say of a limit lies at the same places
            (limit.limit_scope == LimitScope::ACCOUNT).then_some((NumberSpace::ACCOUNT, limit.limit_subject))
        }
        SetParameter::KIND => {
            let parameter = SetParameter::read(record);
            let is_of_asset = parameter.parameter_table == ParameterTable::WITHDRAWAL_MAX_MINOR;
            is_of_asset.then_some((NumberSpace::ASSET, parameter.parameter_key))
        }
        _ => None,
    };
    listed.chain(subject)
}

/// Refuse a command that names what its signers did not know and their instruction has not made.
pub fn check_numbers(state: &State, kind: u16, record: &[u8; RECORD_SIZE]) -> Result<(), Refusal> {
    let instruction = &state.authority.instruction;
    if instruction.known_seq == 0 {
        return Ok(());
    }
    for (space, number) in named_numbers(kind, record) {
        let seq = assigned_seq(state, space, number);
        let is_own = instruction.is_whole && space != NumberSpace::COMMAND && seq > instruction.seq;
        if seq > instruction.known_seq && !is_own {
            return refuse(RejectCode::NumberNotKnown, instruction.known_seq as u128, seq as u128);
        }
    }
    Ok(())
}
