"""Create tokens and locks on a chain whose node signs: a development chain with unlocked accounts, or a signing proxy.

Each act is one transaction, sent once and followed until its receipt is there. Keys never pass through here.
Units: token amounts in minor units, times in seconds of the chain.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tarazy.chains.errors import NodeRefusedError, NodeRevertedError
from tarazy.chains.evm.blocks import TransactionReceipt
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.own_contracts import Contract, contract
from tarazy.chains.evm.values import as_hex, hash32
from tarazy.issuance.errors import SafeTokenError
from tarazy.issuance.templates import prepare

RECEIPT_TIMEOUT_S = 60.0
POLL_S = 0.05
RELEASES = {"cliff": 0, "linear": 1}  # as TimeLock.Release numbers them


@dataclass(frozen=True, slots=True)
class Deployed:
    """A contract that stands on a chain."""

    address: str
    transaction: str
    block_hash: str


def create_token(node: Node, sender: str, template: str, values: Mapping[str, Any]) -> Deployed:
    """Create a token from a template.

    Raises: SafeTokenError, NodeError.
    """
    return deploy(node, sender, f"token from template {template}", prepare(template, values))


def create_time_lock(node: Node, sender: str) -> Deployed:
    """Create a time lock; one serves any number of tokens and owners."""
    return deploy(node, sender, "time lock", contract("TimeLock").deployment())


def deploy(node: Node, sender: str, what: str, creation: bytes) -> Deployed:
    """Create a contract from creation code with its arguments."""
    receipt = send(node, what, {"from": sender, "data": as_hex(creation)})
    if receipt.created is None:
        raise SafeTokenError(what, "the address of a new contract", "none in the receipt")
    return Deployed(receipt.created, receipt.transaction, receipt.block_hash)


def lock_tokens(
    node: Node,
    sender: str,
    time_lock: str,
    token: str,
    amount: int,
    end_s: int,
    *,
    owner: str | None = None,
    start_s: int = 0,
    release: str = "cliff",
) -> int:
    """Approve and lock tokens of the sender until a time; return the number of the lock.

    `start_s` 0 is the time of the block. A linear release begins at the start.
    """
    if release not in RELEASES:
        raise SafeTokenError("release", " or ".join(RELEASES), repr(release))
    invoke(node, sender, token, contract("FixedToken"), "approve", time_lock, amount)
    arguments = (token, amount, owner or sender, start_s, end_s, RELEASES[release])
    return new_lock(time_lock, invoke(node, sender, time_lock, contract("TimeLock"), "lockTokens", *arguments))


def lock_position(
    node: Node, sender: str, time_lock: str, manager: str, position: int, end_s: int, owner: str | None = None
) -> int:
    """Approve and lock a pool position (ERC-721) of the sender; return the number of the lock."""
    # approve(address,uint256) of ERC-721 is written as that of ERC-20
    invoke(node, sender, manager, contract("FixedToken"), "approve", time_lock, position)
    arguments = (manager, position, owner or sender, end_s)
    return new_lock(time_lock, invoke(node, sender, time_lock, contract("TimeLock"), "lockPosition", *arguments))


def withdraw(node: Node, sender: str, time_lock: str, lock: int) -> TransactionReceipt:
    """Withdraw what is due of a lock to its owner, who must be the sender."""
    return invoke(node, sender, time_lock, contract("TimeLock"), "withdraw", lock)


def extend(node: Node, sender: str, time_lock: str, lock: int, end_s: int) -> TransactionReceipt:
    """Put off the end of a lock."""
    return invoke(node, sender, time_lock, contract("TimeLock"), "extend", lock, end_s)


def give_to(node: Node, sender: str, time_lock: str, lock: int, owner: str) -> TransactionReceipt:
    """Give a lock to another owner."""
    return invoke(node, sender, time_lock, contract("TimeLock"), "giveTo", lock, owner)


def invoke(node: Node, sender: str, to: str, of: Contract, function: str, *arguments: Any) -> TransactionReceipt:
    """Try one call, then send it and wait for it; what the contract would refuse is not sent."""
    what, data = f"{function} of {to}", of.call_data(function, *arguments)
    try:
        node.eth_call(to, data, sender=sender)
    except NodeRevertedError as error:
        raise SafeTokenError(what, "a call that goes through", error.found, "nothing was sent") from error
    return send(node, what, {"from": sender, "to": to, "data": as_hex(data)})


def send(node: Node, what: str, transaction: Mapping[str, Any]) -> TransactionReceipt:
    """Send a transaction that the node signs, and return its receipt.

    Raises: SafeTokenError where it reverted, was not mined in time, or the node does not sign for the sender.
    """
    try:
        sent = node.checked("eth_sendTransaction", node.call("eth_sendTransaction", dict(transaction)), hash32)
    except NodeRefusedError as error:
        raise SafeTokenError(what, "a transaction that the node takes and signs", error.found) from error
    give_up = time.monotonic() + RECEIPT_TIMEOUT_S
    while (receipt := node.receipt(sent)) is None:
        if time.monotonic() > give_up:
            raise SafeTokenError(what, f"a receipt of {sent} within {RECEIPT_TIMEOUT_S:g} s", "none")
        time.sleep(POLL_S)
    if not receipt.succeeded:
        raise SafeTokenError(what, "a transaction that succeeds", f"{sent} reverted")
    return receipt


def new_lock(time_lock: str, receipt: TransactionReceipt) -> int:
    """Return the number of the lock that a receipt tells of."""
    topics = {contract("TimeLock").topic(event) for event in ("TokensLocked", "PositionLocked")}
    found = [log for log in receipt.logs if log.address == time_lock.lower() and log.topics[0] in topics]
    if len(found) != 1:
        raise SafeTokenError("lock", "one event with the number of the lock", f"{len(found)} in the receipt")
    return int(found[0].topics[1], 16)
