//! Keys with which clients sign requests: registered and ended on record, so that anybody can check what was signed.
//!
//! The engine never sees a request or its signature. It keeps the numbers and keys apart for ever: a number names one key,
//! a key has one holder. Whether the commands follow the requests is checked over the record (`tarazy verify --requests`).

use crate::lookup::find_account;
use crate::officers::check_key;
use crate::records::{
    AccountState, ClientKeyRegistered, ClientKeyRevoked, RegisterClientKey, RejectCode, RevokeClientKey,
};
use crate::refusal::{refuse, unknown, Refusal};
use crate::state::State;
use crate::state_parts::ClientKey;

pub const SCOPES_MAX: u8 = 3;

/// Add a key of an account that is not closed.
pub fn register_client_key(state: &mut State, command: RegisterClientKey) -> Result<(), Refusal> {
    // GATE
    find_account(state, command.account_id)?;
    if state.account(command.account_id).account_state == AccountState::CLOSED {
        let (active, closed) = (AccountState::ACTIVE as u128, AccountState::CLOSED as u128);
        return refuse(RejectCode::AccountNotActive, active, closed);
    }
    if !(1..=SCOPES_MAX).contains(&command.client_key_scopes) {
        let (scopes_max, scopes) = (SCOPES_MAX as u128, command.client_key_scopes as u128);
        return refuse(RejectCode::ClientKeyScopesInvalid, scopes_max, scopes);
    }
    if command.client_key_id == 0 || state.client_keys.contains_key(&command.client_key_id) {
        return unknown(RejectCode::ClientKeyNumberTaken, command.client_key_id as u64);
    }
    if command.valid_until_ns != 0 && command.valid_until_ns <= command.ts_ns {
        let (earliest, end) = (command.ts_ns as u128 + 1, command.valid_until_ns as u128);
        return refuse(RejectCode::ClientKeyExpired, earliest, end);
    }
    check_key(state, &command.public_key)?;
    // POST
    let key = ClientKey {
        account_id: command.account_id,
        client_key_scopes: command.client_key_scopes,
        signed_only: command.signed_only,
        valid_until_ns: command.valid_until_ns,
        public_key: command.public_key,
        is_revoked: false,
    };
    keep_client_key(state, command.client_key_id, key);
    // EMIT
    let event = ClientKeyRegistered {
        client_key_scopes: command.client_key_scopes,
        signed_only: command.signed_only,
        seq: state.seq,
        account_id: command.account_id,
        client_key_id: command.client_key_id,
        valid_until_ns: command.valid_until_ns,
        public_key: command.public_key,
    };
    event.write(&mut state.out);
    Ok(())
}

/// End a key of an account. Its number and the key itself stay taken.
pub fn revoke_client_key(state: &mut State, command: RevokeClientKey) -> Result<(), Refusal> {
    // GATE
    find_account(state, command.account_id)?;
    let key = match state.client_keys.get_mut(&command.client_key_id) {
        Some(key) if key.account_id == command.account_id && !key.is_revoked => key,
        _ => return unknown(RejectCode::ClientKeyUnknown, command.client_key_id as u64),
    };
    // POST
    key.is_revoked = true;
    // EMIT
    let event =
        ClientKeyRevoked { seq: state.seq, account_id: command.account_id, client_key_id: command.client_key_id };
    event.write(&mut state.out);
    Ok(())
}

/// Keep a key by its number, and its public half among those that are taken.
pub fn keep_client_key(state: &mut State, client_key_id: u32, key: ClientKey) {
    state.client_keys.insert(client_key_id, key);
    state.client_public_keys.insert(key.public_key);
}
