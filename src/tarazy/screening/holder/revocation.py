"""The transaction that takes an approval back, prepared for the holder's own wallet to sign.

Source: ERC-20 `approve`, ERC-721 and ERC-1155 `setApprovalForAll`, Permit2 `approve`; EIP-1193 for the request,
EIP-1474 for the numbers in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tarazy.chains.evm import abi, values
from tarazy.screening.holder.model import COLLECTION, PIECE, ApprovalKey
from tarazy.screening.holder.wording import short_address


@dataclass(frozen=True, slots=True)
class Revocation:
    """A transaction that ends an approval: the contract that is called, and the call."""

    to: str
    data: bytes
    words: str


def revocation_of(key: ApprovalKey) -> Revocation:
    """Return the transaction that ends an approval."""
    spender = short_address(key.spender)
    if key.kind == COLLECTION:
        data = abi.call_data("setApprovalForAll(address,bool)", key.spender, 0)
        return Revocation(key.token, data, f"setApprovalForAll: {spender} may no longer take pieces")
    if key.kind == PIECE:
        data = abi.call_data("approve(address,uint256)", values.ZERO_ADDRESS, key.token_id or 0)
        return Revocation(key.token, data, f"approve: nobody may take piece {key.token_id} any longer")
    if key.through is not None:
        data = abi.call_data("approve(address,address,uint160,uint48)", key.token, key.spender, 0, 0)
        return Revocation(key.through, data, f"approve at {short_address(key.through)}: {spender} may take nothing")
    data = abi.call_data("approve(address,uint256)", key.spender, 0)
    return Revocation(key.token, data, f"approve: {spender} may take nothing")


def wallet_request(chain_id: int, wallet: str, to: str, data: bytes, value_wei: int = 0) -> dict[str, Any]:
    """Return the request that a wallet takes; with the chain's number, so that a wallet on another one refuses."""
    transaction = {
        "from": wallet,
        "to": to,
        "value": hex(value_wei),
        "data": values.as_hex(data),
        "chainId": hex(chain_id),
    }
    return {"method": "eth_sendTransaction", "params": [transaction]}
