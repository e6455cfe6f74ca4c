"""Accounts of the record that a payer may have: a client's own, and open."""

from __future__ import annotations

from tarazy.domain.records import AccountRole, AccountState
from tarazy.facility.banking.errors import BankActRefusedError
from tarazy.spec.state import State


def require_client_account(state: State, account_id: int, client: int) -> None:
    """Refuse an account that a client's money may not be credited to.

    An account is the client's where the record has the client's number in the register as its owner.
    Raises: BankActRefusedError.
    """
    where = f"account {account_id}"
    if not 1 <= account_id <= len(state.accounts):
        found = f"{len(state.accounts)} accounts"
        raise BankActRefusedError(where, expected="an account of the record", found=found)
    account = state.accounts[account_id - 1]
    checks = (
        (account.account_role != AccountRole.house, "a client's account", "one of the house"),
        (account.account_state != AccountState.closed, "an account that is open", "a closed one"),
        (account.owner_id == client, f"an account of client {client}", f"one of owner {account.owner_id}"),
    )
    for holds, expected, found in checks:
        if not holds:
            raise BankActRefusedError(where, expected=expected, found=found)
