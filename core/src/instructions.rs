//! Instructions: officers' signed words that cover the commands behind them.
//!
//! A number counts as used until the validity of its instruction is over: later the instruction itself is refused, and
//! the number may name another one. Each accepted instruction forgets a few such numbers, so that their set stays
//! bounded.

use crate::authority::{check_instruction_time, valid_officer};
use crate::digest::sha256;
use crate::parameters::MS_NS;
use crate::records::{InstructionAccepted, ParameterTable, PresentInstruction, RejectCode};
use crate::refusal::{refuse, Refusal};
use crate::state::State;
use crate::state_parts::Instruction;

const VALIDITY_MAX_MS: u64 = 7 * 86_400_000;
const FORGOTTEN_AT_ONCE: usize = 2;

/// Accept an instruction: it covers the commands that follow.
pub fn present_instruction(state: &mut State, command: PresentInstruction) -> Result<(), Refusal> {
    // GATE
    if command.command_count == 0 {
        return refuse(RejectCode::InstructionEmpty, 1, 0);
    }
    check_instruction_validity(state, command.valid_until_ns)?;
    if state.authority.used_numbers.contains(&command.instruction_number) {
        return refuse(RejectCode::InstructionNumberUsed, 0, 1);
    }
    let mut keys = valid_officer(state, command.officer_id, state.last_ts_ns)?.public_key.to_vec();
    if command.approver_id == command.officer_id {
        return refuse(RejectCode::FourEyesRequired, 2, 1);
    }
    if command.approver_id != 0 {
        keys.extend_from_slice(&valid_officer(state, command.approver_id, state.last_ts_ns)?.public_key);
    }
    check_signers_hash(&keys, &command.signers_hash)?;
    if command.known_seq >= state.seq {
        return refuse(RejectCode::KnownSeqAhead, state.seq as u128 - 1, command.known_seq as u128);
    }
    // POST
    forget_numbers(state);
    state.authority.numbers.insert((command.valid_until_ns, command.instruction_number));
    state.authority.used_numbers.insert(command.instruction_number);
    state.authority.instruction = Instruction {
        seq: state.seq,
        officer_id: command.officer_id,
        approver_id: command.approver_id,
        remaining: command.command_count,
        valid_until_ns: command.valid_until_ns,
        known_seq: command.known_seq,
        is_whole: true,
    };
    // EMIT
    let event = InstructionAccepted {
        seq: state.seq,
        officer_id: command.officer_id,
        approver_id: command.approver_id,
        command_count: command.command_count,
        instruction_number: command.instruction_number,
        valid_until_ns: command.valid_until_ns,
        signers_hash: command.signers_hash,
        known_seq: command.known_seq,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Refuse an instruction whose validity is over or too long.
fn check_instruction_validity(state: &State, valid_until_ns: u64) -> Result<(), Refusal> {
    check_instruction_time(valid_until_ns, state.last_ts_ns)?;
    let validity_ms = match state.parameter(ParameterTable::INSTRUCTION_VALIDITY_MAX_MS, 0) as u64 {
        0 => VALIDITY_MAX_MS,
        set => set,
    };
    let latest = state.last_ts_ns.saturating_add(validity_ms.saturating_mul(MS_NS));
    if valid_until_ns > latest {
        return refuse(RejectCode::InstructionValidityTooLong, latest as u128, valid_until_ns as u128);
    }
    Ok(())
}

/// Refuse an instruction that names other keys than its officers have.
fn check_signers_hash(keys: &[u8], signers_hash: &[u8; 32]) -> Result<(), Refusal> {
    let expected = sha256(keys);
    if &expected != signers_hash {
        let word = |hash: &[u8; 32]| hash[..16].iter().rev().fold(0u128, |word, &byte| word << 8 | byte as u128);
        return refuse(RejectCode::SignersHashMismatch, word(&expected), word(signers_hash));
    }
    Ok(())
}

/// Forget a few numbers whose instructions are over.
fn forget_numbers(state: &mut State) {
    for _ in 0..FORGOTTEN_AT_ONCE {
        match state.authority.numbers.first().copied() {
            Some(oldest) if oldest.0 <= state.last_ts_ns => {
                state.authority.numbers.remove(&oldest);
                state.authority.used_numbers.remove(&oldest.1);
            }
            _ => return,
        }
    }
}
