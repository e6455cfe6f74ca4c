"""Who holds a token, from its Transfer logs, each balance asked of the token itself.

Logs only say whom to ask: a token that writes false logs shows no false balances. Balances that no log leads to are
missing, and then the number of holders is unknown and the reason says how much of the supply is not accounted for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tarazy.chains.errors import NodeError
from tarazy.chains.evm import abi, values
from tarazy.chains.evm.blocks import ChainLog
from tarazy.chains.evm.facts import HolderShare
from tarazy.chains.evm.logs import Bounds, scan_logs
from tarazy.chains.evm.node import call_request
from tarazy.chains.evm.state import ChainState

TRANSFER = "Transfer(address,address,uint256)"
TOP = 10
PPM = 1_000_000
DEAD_ADDRESS = "0x000000000000000000000000000000000000dead"
BURNED = frozenset({values.ZERO_ADDRESS, DEAD_ADDRESS, "0x0000000000000000000000000000000000000001"})
FOREVER_S = 253_402_300_799  # the last second of the year 9999: what is burned stays


@dataclass(frozen=True, slots=True)
class Holding:
    """Balances at the block, largest first, and how many hold; None where that is not known, with the reason."""

    balances: tuple[tuple[str, int], ...]
    count: int | None
    reason: str = ""


def transfers_of(logs: Iterable[ChainLog]) -> list[tuple[str, str, int]]:
    """Return (from, to, amount) of every Transfer log that has the shape of a token's; others are passed over."""
    found = []
    for log in logs:
        parts = [bytes.fromhex(topic[2:]) for topic in log.topics[1:]]
        given = b"".join(parts) + log.data
        if len(given) == 96 and len(parts) in (0, 2):
            sides = abi.address(given[:32]), abi.address(given[32:64])
            if sides[0] is not None and sides[1] is not None:
                found.append((sides[0], sides[1], int.from_bytes(given[64:], "big")))
    return found


def read_holders(
    state: ChainState, token: str, supply: int | None, first_block: int, also: Iterable[str], bounds: Bounds
) -> Holding:
    """Return who holds a token, or an LP token, at the block of the state.

    Raises: NodeError where balances cannot be read.
    """
    scan = scan_logs(state.node, token, [abi.topic(TRANSFER)], first_block, state.block.number, bounds)
    moved: Counter[str] = Counter()
    for source, target, amount in transfers_of(scan.logs):
        moved[source] -= amount
        moved[target] += amount
    candidates = list(dict.fromkeys([*also, *(each for each, _ in moved.most_common())]))
    asked = candidates[: bounds.holders_max]
    balances = balances_of(state, token, asked)
    held = sorted(((each, amount) for each, amount in balances.items() if amount), key=lambda pair: (-pair[1], pair[0]))
    reason = scan.reason
    if len(asked) < len(candidates):
        reason = reason or f"{len(candidates)} accounts, of which {len(asked)} were asked"
    total = sum(amount for _, amount in held)
    if not reason and supply is not None and total != supply:
        reason = f"the balances found add up to {total}, the token says its supply is {supply}"
    return Holding(tuple(held), None if reason or supply is None else len(held), reason)


def balances_of(state: ChainState, token: str, holders: Iterable[str]) -> dict[str, int]:
    """Return what the token says each account holds; accounts for which it does not answer are left out."""
    asked = list(dict.fromkeys(holders))
    requests = [call_request(token, abi.call_data("balanceOf(address)", each), state.block.number) for each in asked]
    answers = state.node.batch([(method, parameters) for method, *parameters in requests])
    found = {}
    for each, answer in zip(asked, answers, strict=True):
        if isinstance(answer, NodeError):
            continue
        amount = abi.number(state.node.checked("eth_call", answer, values.data))
        if amount is not None:
            found[each] = amount
    return found


def share(
    state: ChainState,
    holder: str,
    balance: int,
    supply: int | None,
    tag: str = "",
    locks: tuple[tuple[int, int, int], ...] | None = None,
) -> HolderShare:
    """Describe one holder. What is burned is locked for ever; an account without code locks nothing by itself."""
    percent = balance * PPM // supply if supply else 0
    if holder in BURNED:
        return HolderShare(holder, balance, percent, False, True, "burned", ((balance, 0, FOREVER_S),))
    is_contract = bool(state.code(holder))
    locked = bool(locks) if locks is not None else (None if is_contract else False)
    return HolderShare(holder, balance, percent, is_contract, locked, tag, locks or ())
