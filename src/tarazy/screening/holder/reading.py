"""A wallet read at one block: what its logs name, asked again of the contracts, so that the state is what is shown.

Cost: three searches of logs, then about six calls a token and one or two an approval, in batches.
Invariants: nothing is shown that only a log says; a contract that gives no answer is not known, never nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tarazy.chains.errors import ReorganisedError
from tarazy.chains.evm import abi
from tarazy.chains.evm.blocks import Block, ChainLog
from tarazy.chains.evm.node import Node
from tarazy.screening.holder.answers import Call, ContractAnswers
from tarazy.screening.holder.model import (
    ACCOUNT,
    ALLOWANCE,
    COLLECTION,
    CONTRACT,
    DELEGATED,
    PIECE,
    THROUGH,
    UNREAD,
    ApprovalKey,
    HolderBounds,
    StandingApproval,
    TokenOfWallet,
    WalletReading,
)
from tarazy.screening.holder.traces import WalletTraces, keys_to_ask, traces_of

ERC721, ERC1155 = 0x80AC58CD, 0xD9B67A26
DELEGATION = b"\xef\x01\x00"  # EIP-7702
FIELDS = ("name()", "symbol()", "decimals()")


def read_wallet(
    node: Node,
    chain_id: int,
    wallet: str,
    bounds: HolderBounds | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> WalletReading:
    """Return the tokens and the standing approvals of a wallet at the newest block.

    Raises: NodeError.
    """
    bounds, began_s = bounds or HolderBounds(), clock()
    block = node.block("latest")
    traces = traces_of(node, wallet, block.number, bounds, began_s, clock)
    answers = ContractAnswers(node, block.number, began_s + bounds.seconds, clock)
    approvals, tokens = standing(answers, wallet, traces, block)
    if answers.unasked:
        traces.reasons.append(f"{answers.unasked:,} questions to contracts found no time")
    now = node.block(block.number)
    if now.hash != block.hash:
        raise ReorganisedError(node.where, f"block {block.number} with hash {block.hash}", f"hash {now.hash}")
    return WalletReading(
        chain_id=chain_id,
        wallet=wallet,
        block_number=block.number,
        block_hash=block.hash,
        time_s=block.timestamp_s,
        tokens=tuple(tokens),
        approvals=tuple(approvals),
        reasons=tuple(traces.reasons),
    )


def standing(
    answers: ContractAnswers, wallet: str, traces: WalletTraces, block: Block
) -> tuple[list[StandingApproval], list[TokenOfWallet]]:
    """Return the approvals that stand, and the tokens that are held or approved."""
    keys = keys_to_ask(traces.approvals)
    amounts = dict(zip(keys, amounts_of(answers, wallet, keys, block), strict=True))
    kept = {key: amount for key, amount in amounts.items() if amount is None or amount[0]}
    kept = {key: amount for key, amount in kept.items() if reaches(key, kept)}
    approved = {key.token: standard_of(key) for key in kept}
    tokens = tokens_of(answers, wallet, {**approved, **traces.tokens}, traces, set(approved))
    by_address = {token.address: token for token in tokens}
    spenders = list(dict.fromkeys(key.spender for key in kept))
    codes = dict(zip(spenders, answers.codes(spenders), strict=True))
    approvals = [
        approval_of(key, amount, kept, by_address[key.token], codes[key.spender], traces.approvals.get(key))
        for key, amount in kept.items()
    ]
    return approvals, [token for token in tokens if token.balance != 0 or token.address in approved]


Amount = tuple[int, int | None]  # amount, and when it ends


def amounts_of(answers: ContractAnswers, wallet: str, keys: Sequence[ApprovalKey], block: Block) -> list[Amount | None]:
    """Return what each approval permits at the block: 0 where it ended, None where the contract gives no answer."""
    found = answers.calls([question(key, wallet) for key in keys])
    pieces = [key for key in keys if key.kind == PIECE]
    owners = answers.calls([(key.token, abi.call_data("ownerOf(uint256)", key.token_id or 0)) for key in pieces])
    owned = {key: abi.number(owner or b"") == int(wallet, 16) for key, owner in zip(pieces, owners, strict=True)}
    return [amount_of(key, answer, owned.get(key, True), block) for key, answer in zip(keys, found, strict=True)]


def question(key: ApprovalKey, wallet: str) -> Call:
    """Return the call that says what an approval permits."""
    if key.kind == PIECE:
        return key.token, abi.call_data("getApproved(uint256)", key.token_id or 0)
    if key.kind == COLLECTION:
        return key.token, abi.call_data("isApprovedForAll(address,address)", wallet, key.spender)
    if key.kind == THROUGH and key.through is not None:
        return key.through, abi.call_data("allowance(address,address,address)", wallet, key.token, key.spender)
    return key.token, abi.call_data("allowance(address,address)", wallet, key.spender)


def amount_of(key: ApprovalKey, answer: bytes | None, owned: bool, block: Block) -> Amount | None:
    """Return what an answer permits. A piece that is another's now permits nothing; nor does what has expired."""
    if not owned:
        return 0, None
    words = abi.words(answer or b"")
    if not words:
        return None
    if key.kind == PIECE:
        return int(words[0] == int(key.spender, 16)), None
    if key.kind == COLLECTION:
        return int(words[0] != 0), None
    if key.kind == THROUGH:
        return (0, None) if len(words) < 2 or words[1] < block.timestamp_s else (words[0], words[1])
    return words[0], None


def reaches(key: ApprovalKey, kept: dict[ApprovalKey, Amount | None]) -> bool:
    """Say whether an approval kept by another contract is worth anything: that contract must be approved itself."""
    return key.through is None or ApprovalKey(ALLOWANCE, key.token, key.through) in kept


def standard_of(key: ApprovalKey) -> str:
    """Return the standard of a token, as far as its approval tells."""
    return {PIECE: "erc721", COLLECTION: "collection"}.get(key.kind, "erc20")


def tokens_of(
    answers: ContractAnswers, wallet: str, standards: dict[str, str], traces: WalletTraces, approved: set[str]
) -> list[TokenOfWallet]:
    """Return the tokens with what they say of themselves; of those that are neither held nor approved no more."""
    addresses = list(standards)
    standards = standards | with_interfaces(answers, [each for each in addresses if standards[each] == "collection"])
    balances = balances_of(answers, wallet, standards, traces)
    shown = [each for each in addresses if balances[each] != 0 or each in approved]
    asked = [(each, abi.call_data(name)) for each in shown for name in FIELDS]
    found = answers.calls(asked)
    facts = {each: found[len(FIELDS) * at : len(FIELDS) * (at + 1)] for at, each in enumerate(shown)}
    return [token_of(each, standards[each], balances[each], facts[each]) for each in shown]


def token_of(address: str, standard: str, balance: int | None, facts: Sequence[bytes | None]) -> TokenOfWallet:
    """Return a token from its answers."""
    name, symbol, decimals = facts
    return TokenOfWallet(
        address=address,
        standard=standard,
        name=abi.text(name) if name else None,
        symbol=abi.text(symbol) if symbol else None,
        decimals=abi.decimals(decimals or b"") if standard == "erc20" else None,
        balance=balance,
    )


def with_interfaces(answers: ContractAnswers, collections: Sequence[str]) -> dict[str, str]:
    """Return the standards of collections that state one (ERC-165)."""
    asked = [
        (each, abi.call_data("supportsInterface(bytes4)", number << 224))
        for each in collections
        for number in (ERC721, ERC1155)
    ]
    found = [abi.number(each or b"") == 1 for each in answers.calls(asked)]
    pairs = zip(collections, found[::2], found[1::2], strict=True)
    return {
        each: "erc721" if pieces else "erc1155" if many else "collection"
        for each, pieces, many in pairs
    }  # fmt: skip


def balances_of(
    answers: ContractAnswers, wallet: str, standards: dict[str, str], traces: WalletTraces
) -> dict[str, int | None]:
    """Return the wallet's balance of each token; of ERC-1155 the sum over the pieces that came to it."""
    asked: list[tuple[str, Call]] = []
    for address, standard in standards.items():
        if standard == "erc1155":
            pieces = traces.pieces.get(address, {})
            calls = [(address, abi.call_data("balanceOf(address,uint256)", wallet, each)) for each in pieces]
        else:
            calls = [(address, abi.call_data("balanceOf(address)", wallet))]
        asked += [(address, call) for call in calls]
    found: dict[str, int | None] = {
        address: None if standard == "erc1155" and not traces.pieces.get(address) else 0
        for address, standard in standards.items()
    }
    for (address, _), answer in zip(asked, answers.calls([call for _, call in asked]), strict=True):
        number, before = abi.number(answer or b""), found[address]
        found[address] = None if number is None or before is None else before + number
    return found


def approval_of(
    key: ApprovalKey,
    amount: Amount | None,
    kept: dict[ApprovalKey, Amount | None],
    token: TokenOfWallet,
    code: bytes | None,
    log: ChainLog | None,
) -> StandingApproval:
    """Return an approval with what is at stake now: no more than the balance, and than what it goes through."""
    permitted, ends = amount if amount is not None else (None, None)
    limits = [permitted, token.balance]
    if key.through is not None:
        before = kept[ApprovalKey(ALLOWANCE, key.token, key.through)]
        limits.append(before[0] if before is not None else None)
    if key.kind == COLLECTION:
        limits = [token.balance]
    known = [each for each in limits if each is not None]
    return StandingApproval(
        key=key,
        amount=permitted,
        at_stake=min(known) if len(known) == len(limits) else None,
        spender_is=kind_of(code),
        expires_s=ends,
        block_number=log.block_number if log is not None else None,
        transaction=log.transaction if log is not None else "",
    )


def kind_of(code: bytes | None) -> str:
    """Return who a spender is by its code."""
    if code is None:
        return UNREAD
    if not code:
        return ACCOUNT
    return DELEGATED if code.startswith(DELEGATION) else CONTRACT
