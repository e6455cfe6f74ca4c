"""Where to look: the tokens and approvals that a wallet's logs name. Logs are hints: contracts write what they like.

Known limits: tokens whose balance appears without a log, and approvals given without one, are not seen.
Source: ERC-20, ERC-721, ERC-1155; Permit2's allowances (github.com/Uniswap/permit2, IAllowanceTransfer).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tarazy.chains.evm import abi
from tarazy.chains.evm.blocks import ChainLog
from tarazy.chains.evm.logs import newest_logs
from tarazy.chains.evm.node import Node
from tarazy.screening.holder.model import ALLOWANCE, COLLECTION, PIECE, THROUGH, ApprovalKey, HolderBounds

APPROVAL = abi.topic("Approval(address,address,uint256)")
APPROVAL_FOR_ALL = abi.topic("ApprovalForAll(address,address,bool)")
THROUGH_APPROVAL = abi.topic("Approval(address,address,address,uint160,uint48)")
THROUGH_PERMIT = abi.topic("Permit(address,address,address,uint160,uint48,uint48)")
TRANSFER = abi.topic("Transfer(address,address,uint256)")
TRANSFER_SINGLE = abi.topic("TransferSingle(address,address,address,uint256,uint256)")
TRANSFER_BATCH = abi.topic("TransferBatch(address,address,address,uint256[],uint256[])")
GIVEN = [APPROVAL, APPROVAL_FOR_ALL, THROUGH_APPROVAL, THROUGH_PERMIT]
SHARE_OF_TIME = (0.35, 0.5, 0.6)  # of all seconds, by which each of the three searches ends
PIECES_MAX = 20  # ids of one ERC-1155 collection whose balances are asked


@dataclass(slots=True)
class WalletTraces:
    """What logs name: approvals with their newest log, tokens with their standard, ids of ERC-1155 collections."""

    approvals: dict[ApprovalKey, ChainLog] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # the newest last
    pieces: dict[str, dict[int, None]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def traces_of(
    node: Node, wallet: str, last_block: int, bounds: HolderBounds, began_s: float, clock: Callable[[], float]
) -> WalletTraces:
    """Return what the logs of a wallet name, within bounds.

    Raises: NodeError.
    """
    found = WalletTraces()
    first = max(0, last_block - bounds.blocks_max + 1)
    if first:
        found.reasons.append(f"blocks before {first} were not looked at")
    word = "0x" + wallet[2:].rjust(64, "0")
    searches: tuple[tuple[str, list[str | list[str] | None], Callable[[WalletTraces, ChainLog], None]], ...] = (
        ("approvals", [list(GIVEN), word], note_approval),
        ("tokens received", [TRANSFER, None, word], note_transfer),
        ("pieces received", [[TRANSFER_SINGLE, TRANSFER_BATCH], None, None, word], note_pieces),
    )
    for share, (what, topics, note) in zip(SHARE_OF_TIME, searches, strict=True):
        scan = newest_logs(node, topics, first, last_block, bounds.logs_max, began_s + share * bounds.seconds, clock)
        if scan.reason:
            found.reasons.append(f"{what}: {scan.reason}")
        for log in scan.logs:
            note(found, log)
    return bounded(found, bounds)


def note_approval(found: WalletTraces, log: ChainLog) -> None:
    """Note the approval that a log tells of; one that has not its event's shape is passed over."""
    first, count = log.topics[0], len(log.topics)
    key: ApprovalKey | None = None
    if first == APPROVAL and count == 3:
        key = ApprovalKey(ALLOWANCE, log.address, address_in(log.topics[2]))
    elif first == APPROVAL and count == 4:
        key = ApprovalKey(PIECE, log.address, address_in(log.topics[2]), int(log.topics[3], 16))
    elif first == APPROVAL_FOR_ALL and count == 3:
        key = ApprovalKey(COLLECTION, log.address, address_in(log.topics[2]))
    elif first in (THROUGH_APPROVAL, THROUGH_PERMIT) and count == 4:
        key = ApprovalKey(THROUGH, address_in(log.topics[2]), address_in(log.topics[3]), through=log.address)
    if key is None or int(key.spender, 16) == 0:
        return
    found.approvals.pop(key, None)  # the newest stand last
    found.approvals[key] = log


def note_transfer(found: WalletTraces, log: ChainLog) -> None:
    """Note a token that came to the wallet: with its amount as data it is fungible, with an id as topic it is not."""
    if len(log.topics) in (3, 4):
        found.tokens.pop(log.address, None)
        found.tokens[log.address] = "erc20" if len(log.topics) == 3 else "erc721"


def note_pieces(found: WalletTraces, log: ChainLog) -> None:
    """Note the pieces of an ERC-1155 collection that came to the wallet."""
    found.tokens.pop(log.address, None)
    found.tokens[log.address] = "erc1155"
    ids = found.pieces.setdefault(log.address, {})
    for each in ids_in(log):
        ids.pop(each, None)
        ids[each] = None
    while len(ids) > PIECES_MAX:
        ids.pop(next(iter(ids)))


def ids_in(log: ChainLog) -> Sequence[int]:
    """Return the ids that a transfer of pieces names, none where its data are not of the event's shape."""
    words = abi.words(log.data)
    if log.topics[0] == TRANSFER_SINGLE:
        return words[:1]
    if not words or words[0] % 32 or words[0] // 32 >= len(words):
        return []
    at = words[0] // 32
    return words[at + 1 : at + 1 + min(words[at], PIECES_MAX)]


def bounded(found: WalletTraces, bounds: HolderBounds) -> WalletTraces:
    """Return as much as is asked about, and say where there is more: the newest tokens, and of approvals a fair share.

    One contract that writes a thousand approvals must not push out those of others.
    """
    few, many = " are named by logs, ", " were looked at"
    if len(found.tokens) > bounds.tokens_max:
        found.reasons.append(f"{len(found.tokens):,} tokens{few}the newest {bounds.tokens_max}{many}")
        found.tokens = dict(list(found.tokens.items())[-bounds.tokens_max :])
    if len(found.approvals) > bounds.approvals_max:
        found.reasons.append(f"{len(found.approvals):,} approvals{few}{bounds.approvals_max}{many}")
        found.approvals = fair_share(found.approvals, bounds.approvals_max)
    return found


def fair_share(approvals: dict[ApprovalKey, ChainLog], most: int) -> dict[ApprovalKey, ChainLog]:
    """Return the newest of every contract, then the second newest of every contract, and so on."""
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, int, ApprovalKey]] = []
    for age, (key, log) in enumerate(reversed(approvals.items())):
        ranked.append((seen[log.address], age, key))
        seen[log.address] += 1
    chosen = {key for _, _, key in sorted(ranked, key=lambda each: each[:2])[:most]}
    return {key: log for key, log in approvals.items() if key in chosen}


def address_in(topic: str) -> str:
    """Return the address in a topic."""
    return "0x" + topic[-40:]


def keys_to_ask(approvals: Iterable[ApprovalKey]) -> list[ApprovalKey]:
    """Return the approvals to ask about: each, and behind one kept by another contract what that one may take."""
    asked = dict.fromkeys(approvals)
    for key in list(asked):
        if key.through is not None:
            asked.setdefault(ApprovalKey(ALLOWANCE, key.token, key.through))
    return list(asked)
