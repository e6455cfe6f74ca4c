"""Keys with which clients sign requests: registered and ended on record, so that anybody can check what was signed.

The engine never sees a request or its signature. It keeps the numbers and keys apart for ever: a number names one key,
a key has one holder. Whether the commands follow the requests is checked over the record (`tarazy verify --requests`).
"""

from __future__ import annotations

from tarazy.domain.records import (
    AccountState,
    ClientKeyRegistered,
    ClientKeyRevoked,
    RegisterClientKey,
    RevokeClientKey,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.lookup import find_account
from tarazy.spec.officers import check_key
from tarazy.spec.refusal import Refusal, unknown
from tarazy.spec.state import State
from tarazy.spec.state_parts import ClientKey

SCOPES_MAX = 3


def register_client_key(state: State, command: RegisterClientKey) -> None:
    """Add a key of an account that is not closed."""
    # GATE
    account = find_account(state, command.account_id)
    if account.account_state == AccountState.closed:
        raise Refusal(RejectCode.account_not_active, AccountState.active, AccountState.closed)
    if not 1 <= command.client_key_scopes <= SCOPES_MAX:
        raise Refusal(RejectCode.client_key_scopes_invalid, SCOPES_MAX, command.client_key_scopes)
    if command.client_key_id == 0 or command.client_key_id in state.client_keys:
        raise unknown(RejectCode.client_key_number_taken, command.client_key_id)
    if command.valid_until_ns and command.valid_until_ns <= command.ts_ns:
        raise Refusal(RejectCode.client_key_expired, command.ts_ns + 1, command.valid_until_ns)
    check_key(state, command.public_key)
    # POST
    key = ClientKey(
        command.account_id,
        command.client_key_scopes,
        command.signed_only,
        command.valid_until_ns,
        command.public_key,
        is_revoked=False,
    )
    keep_client_key(state, command.client_key_id, key)
    # EMIT
    state.out.append(
        ClientKeyRegistered(
            client_key_scopes=command.client_key_scopes,
            signed_only=command.signed_only,
            seq=state.seq,
            account_id=command.account_id,
            client_key_id=command.client_key_id,
            valid_until_ns=command.valid_until_ns,
            public_key=command.public_key,
        ).pack()
    )


def revoke_client_key(state: State, command: RevokeClientKey) -> None:
    """End a key of an account. Its number and the key itself stay taken."""
    # GATE
    find_account(state, command.account_id)
    key = state.client_keys.get(command.client_key_id)
    if key is None or key.account_id != command.account_id or key.is_revoked:
        raise unknown(RejectCode.client_key_unknown, command.client_key_id)
    # POST
    state.client_keys[command.client_key_id] = key._replace(is_revoked=True)
    # EMIT
    state.out.append(
        ClientKeyRevoked(seq=state.seq, account_id=command.account_id, client_key_id=command.client_key_id).pack()
    )


def keep_client_key(state: State, client_key_id: int, key: ClientKey) -> None:
    """Keep a key by its number, and its public half among those that are taken."""
    state.client_keys[client_key_id] = key
    state.client_public_keys.add(key.public_key)
