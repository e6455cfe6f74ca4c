"""Blocks of Bitcoin from their own bytes: hash, proof of work, transactions and the tree over them are computed here.

A node that is asked for a block by its hash can therefore not add, drop or change a transaction in it.
Layout of a header, little-endian: u32 version | 32 previous | 32 merkle root | u32 time | u32 bits | u32 nonce.
Source: Bitcoin developer reference, block headers; BIP-141 for transactions with witnesses.
"""

from __future__ import annotations

import struct
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

from embit import compact
from embit.transaction import Transaction

HEADER_BYTES = 80
TRANSACTIONS_MAX = 100_000
_HEADER = struct.Struct("<I32s32sIII")


class BitcoinBlock(NamedTuple):
    """One block, with its transactions by txid in order."""

    block_hash: str
    previous_hash: str
    time_s: int
    transactions: tuple[tuple[str, Transaction], ...]


def double_sha256(data: bytes) -> bytes:
    """Return SHA-256 of SHA-256."""
    return sha256(sha256(data).digest()).digest()


def read_block(raw: bytes) -> BitcoinBlock:
    """Return the block of its bytes.

    Raises: ValueError where bytes are missing or left over, the root is another, or the work was not done.
    """
    if len(raw) < HEADER_BYTES:
        raise ValueError(f"expected a block of at least {HEADER_BYTES} bytes, found {len(raw)}")
    _, previous, root, time_s, bits, _ = _HEADER.unpack_from(raw)
    digest = double_sha256(raw[:HEADER_BYTES])
    if int.from_bytes(digest, "little") > target_of(bits):
        raise ValueError("expected a header whose hash meets its target, found one without the work")
    transactions = read_transactions(raw[HEADER_BYTES:])
    if merkle_root([bytes.fromhex(txid)[::-1] for txid, _ in transactions]) != root:
        raise ValueError("expected the transactions of the header's root, found others")
    return BitcoinBlock(digest[::-1].hex(), previous[::-1].hex(), time_s, transactions)


def read_transactions(raw: bytes) -> tuple[tuple[str, Transaction], ...]:
    """Return the transactions behind a header.

    Raises: ValueError.
    """
    stream = BytesIO(raw)
    try:
        count = compact.read_from(stream)
        if not 1 <= count <= TRANSACTIONS_MAX:
            raise ValueError(f"expected 1 to {TRANSACTIONS_MAX} transactions, found {count}")
        found = tuple(Transaction.read_from(stream) for _ in range(count))
    except (IndexError, struct.error, RuntimeError) as error:
        raise ValueError(f"expected whole transactions, found {type(error).__name__}") from error
    if compact.to_bytes(count) + b"".join(each.serialize() for each in found) != raw:
        raise ValueError("expected the transactions and nothing else, found bytes missing or more")
    return tuple((each.txid().hex(), each) for each in found)


def target_of(bits: int) -> int:
    """Return the target of a header's compact form."""
    exponent, mantissa = bits >> 24, bits & 0x7FFFFF
    return mantissa << 8 * (exponent - 3) if exponent >= 3 else mantissa >> 8 * (3 - exponent)


def merkle_root(hashes: list[bytes]) -> bytes:
    """Return the root over transaction hashes in their internal byte order.

    Raises: ValueError where two neighbours are equal, with which one list passes for another (CVE-2012-2459).
    """
    level = list(hashes)
    while len(level) > 1:
        if any(level[at] == level[at + 1] for at in range(0, len(level) - 1, 2)):
            raise ValueError("expected different transactions, found one twice")
        if len(level) % 2:
            level.append(level[-1])
        level = [double_sha256(level[at] + level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]
