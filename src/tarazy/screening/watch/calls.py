"""Uses of privileged entry points in a block, and what they did to the accounts that they name.

Only direct calls are seen as calls; what a multisignature or a time lock does inside is seen by its effect on state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from tarazy.chains.errors import NodeMalformedError, ReorganisedError
from tarazy.chains.evm import values
from tarazy.chains.evm.blocks import Block, Transaction
from tarazy.chains.evm.holders import balances_of
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.state import ChainState
from tarazy.screening.watch.privileges import Privileges
from tarazy.screening.watch.probes import OTHER, SMALL_PPM, ProbeOutcome, Trial, run_trials
from tarazy.screening.watch.snapshot import TokenSnapshot
from tarazy.screening.watch.thresholds import PPM

NAMED_MAX = 16
SMALLEST_ADDRESS = 1 << 112  # below it a word is taken for a number where the types do not say otherwise


@dataclass(frozen=True, slots=True)
class AdminCall:
    """One successful call of a privileged entry point, or of the proxy's admin about this token."""

    transaction: str
    sender: str
    to: str
    selector: str
    named: tuple[str, ...]  # the accounts that its arguments name, and the sender


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """What one account could do and had, before and after."""

    account: str
    send_before: ProbeOutcome
    send_after: ProbeOutcome
    balance_before: int | None
    balance_after: int | None


def admin_calls(
    node: Node, block: Block, token: str, privileges: Privileges, before: TokenSnapshot
) -> tuple[AdminCall, ...]:
    """Return the uses of powers over the token in a block, in its order.

    Raises: NodeError.
    """
    found = []
    for each in block.transactions:
        if concerns(each, token, privileges, before) and succeeded(node, block, each):
            named = tuple(dict.fromkeys((*named_in(each, types_of(privileges, each)), each.sender)))
            named = tuple(account for account in named if account != token)
            found.append(AdminCall(each.hash, each.sender, each.to or "", each.selector or "", named))
    return tuple(found)


def concerns(transaction: Transaction, token: str, privileges: Privileges, before: TokenSnapshot) -> bool:
    """Return whether a transaction uses a power over the token."""
    if transaction.to == token:
        upgrade = before.implementation is not None and transaction.sender == before.admin
        return upgrade or privileges.is_privileged(transaction.selector)
    return (
        transaction.to is not None and transaction.to == before.admin and bytes.fromhex(token[2:]) in transaction.input
    )


def succeeded(node: Node, block: Block, transaction: Transaction) -> bool:
    """Return whether a transaction did what it was to do."""
    receipt = node.receipt(transaction.hash)
    if receipt is None:
        raise NodeMalformedError(node.where, f"a receipt of {transaction.hash}", "null")
    if receipt.block_hash != block.hash:
        raise ReorganisedError(node.where, f"{transaction.hash} in block {block.hash}", f"in {receipt.block_hash}")
    return receipt.succeeded


def types_of(privileges: Privileges, transaction: Transaction) -> tuple[str, ...]:
    """Return the types of a call's arguments as they were read from the code; none where they were not."""
    entry = privileges.privileged.get(transaction.selector or "")
    return entry.types if entry else ()


def named_in(transaction: Transaction, types: Sequence[str]) -> list[str]:
    """Return the accounts in a call's arguments: those that its types say, and words that look like addresses."""
    found: list[str] = []
    try:
        values_given = decode(list(types), transaction.input[4:], strict=False)
    except (DecodingError, OverflowError, ValueError):
        values_given = ()
    for kind, value in zip(types, values_given, strict=False):
        if kind.startswith("address"):
            found += [str(each).lower() for each in (value if isinstance(value, tuple | list) else (value,))]
    for start in range(4, len(transaction.input) - 31, 32):
        each = values.address_of_word(transaction.input[start : start + 32])
        if each and int(each, 16) >= SMALLEST_ADDRESS:
            found.append(each)
    return [each for each in found if each != values.ZERO_ADDRESS]


def named_accounts(
    earlier: ChainState,
    later: ChainState,
    privileges: tuple[Privileges, Privileges],
    calls: Sequence[AdminCall],
    supply: int | None,
) -> tuple[NamedAccount, ...]:
    """Try a transfer as each account that the calls name, before and after, and read its balance.

    Raises: NodeError.
    """
    accounts = list(dict.fromkeys(each for call in calls for each in call.named))[:NAMED_MAX]
    if not accounts or not supply:
        return ()
    outcomes, balances = [], []
    for state, known in zip((earlier, later), privileges, strict=True):
        given = known.layout is not None and known.layout.balances is not None
        amount = max(1, supply * SMALL_PPM // PPM)
        asked = [Trial("send", each, OTHER, amount, given) for each in accounts]
        outcomes.append(run_trials(state, known.layout, asked))
        balances.append(balances_of(state, state.address, accounts))
    keys = [Trial("send", each, OTHER, 0, True).key for each in accounts]
    return tuple(
        NamedAccount(each, outcomes[0][key], outcomes[1][key], balances[0].get(each), balances[1].get(each))
        for each, key in zip(accounts, keys, strict=True)
    )
