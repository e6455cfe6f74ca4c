"""Drafts of transactions, read back from their bytes: whom they pay, what they spend, what they may cost.

A draft is a partially signed transaction (Bitcoin) or the unsigned bytes of EIP-1559. Desk and signer read it with this
one strict reader; what it does not know is refused. `digest` names the exact bytes to be signed in the record.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from tarazy.chains.adapter import NATIVE
from tarazy.chains.bitcoin.payments import fee_minor, outpoints_of, payouts_of, read_draft
from tarazy.chains.evm.transactions import read_unsigned, token_payment
from tarazy.facility.custody.chain_kinds import EVM, bitcoin_network


class DraftOutput(NamedTuple):
    """One payment of a draft."""

    contract: str
    address: str
    amount_minor: int


class DraftContent(NamedTuple):
    """What a draft does. `nonce` is -1 and `spends` names outputs on Bitcoin; `fee_minor` is the most that it costs, in
    the chain's own currency."""

    unsigned: bytes
    outputs: tuple[DraftOutput, ...]
    spends: tuple[tuple[str, int], ...]
    spent_minor: tuple[int, ...]
    nonce: int
    fee_minor: int

    @property
    def digest(self) -> bytes:
        """Return the 32 bytes that name what is signed."""
        return sha256(self.unsigned).digest()


def read_content(chain: str, draft: bytes) -> DraftContent:
    """Return what a draft does.

    Raises: ValueError for a draft of another chain, and for one that does what nobody reads here.
    """
    network = bitcoin_network(chain)
    if network:
        return _bitcoin(draft, network)
    found = read_unsigned(draft)
    if f"{EVM}{found.chain_id}" != chain:
        raise ValueError(f"expected a transaction of {chain}, found one of {EVM}{found.chain_id}")
    if found.data and found.value_wei:
        raise ValueError("expected a transfer of one asset, found a call that carries native currency")
    if found.data:
        address, amount = token_payment(found.data)
        paid = DraftOutput(found.to, address, amount)
    else:
        paid = DraftOutput(NATIVE, found.to, found.value_wei)
    return DraftContent(draft, (paid,), (), (), found.nonce, found.cost_max_wei)


def _bitcoin(draft: bytes, network: str) -> DraftContent:
    found = read_draft(draft)
    paid = tuple(DraftOutput(NATIVE, each.address, each.amount_minor) for each in payouts_of(found, network))
    spent = tuple(each.witness_utxo.value for each in found.inputs)
    return DraftContent(found.tx.serialize(), paid, tuple(outpoints_of(found)), spent, -1, fee_minor(found))


def transaction_name(chain: str, draft: bytes) -> str:
    """Return the name of a Bitcoin transaction, which signatures do not change; "" on other chains."""
    return read_draft(draft).tx.txid().hex() if bitcoin_network(chain) else ""
