"""What an account, or a slot of a contract, held at one block, proved from the block's header alone (`eth_getProof`).

A node's answer is not believed. The header's keccak-256 is the block's hash; its state root is the top of a
Merkle-Patricia trie in which the path of keccak(address) leads to the account; the account's storage root is the top
of another, in which keccak(slot) leads to the value. Whether a block of this hash is in the chain is for the reader to
know, from a node of its own. Source: Ethereum Yellow Paper, appendix D (trie) and section 4.3 (header); EIP-1186 (the
method).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import rlp

from tarazy.chains.evm.code import keccak256

EMPTY_ROOT = keccak256(rlp.encode(b""))
HEADER_BYTES_MAX = 4096
NODE_BYTES_MAX = 4096
NODES_MAX = 64
HASH_BYTES = 32
STATE_ROOT, NUMBER, TIMESTAMP = 3, 8, 11
HEADER_FIELDS = (
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
    "baseFeePerGas",
    "withdrawalsRoot",
    "blobGasUsed",
    "excessBlobGas",
    "parentBeaconBlockRoot",
    "requestsHash",
)
HEADER_NUMBERS = frozenset(
    ("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas")
)


class StateProofError(Exception):
    """A header or a path of a trie does not prove what it should."""


class BlockHeader(NamedTuple):
    """What a header says; its hash is that of its bytes. Units: seconds UTC."""

    block_hash: bytes
    number: int
    time_s: int
    state_root: bytes


class ProvedAccount(NamedTuple):
    """An account at a block, in wei; an account that does not exist holds 0 of everything."""

    nonce: int
    balance_wei: int
    storage_root: bytes


def header_bytes(block: Any) -> bytes:
    """Return the bytes of a header from `eth_getBlockByNumber`, whose hash the caller compares.

    Raises: StateProofError where a field is no hexadecimal text.
    """
    try:
        fields = [_field(block[name], name in HEADER_NUMBERS) for name in HEADER_FIELDS if block.get(name) is not None]
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise StateProofError(f"expected a block as eth_getBlockByNumber gives it, found {error!r}") from error
    return bytes(rlp.encode(fields))


def _field(text: str, is_number: bool) -> bytes:
    """Return a field of a header: a number without leading zeros, or bytes."""
    if is_number:
        value = int(text, 16)
        return value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes.fromhex(text.removeprefix("0x"))


def read_header(data: bytes) -> BlockHeader:
    """Read the bytes of a header. Raises: StateProofError."""
    if len(data) > HEADER_BYTES_MAX:
        raise StateProofError(f"expected a header of at most {HEADER_BYTES_MAX} bytes, found {len(data)}")
    fields = _decoded(data)
    if not isinstance(fields, list) or not 15 <= len(fields) <= len(HEADER_FIELDS):
        raise StateProofError("expected a header of 15 fields or more, found something else")
    if not all(isinstance(each, bytes) for each in fields) or len(fields[STATE_ROOT]) != HASH_BYTES:
        raise StateProofError("expected a state root of 32 bytes, found something else")
    number, time_s = (int.from_bytes(fields[at], "big") for at in (NUMBER, TIMESTAMP))
    return BlockHeader(keccak256(data), number, time_s, fields[STATE_ROOT])


def proved_account(header: BlockHeader, address: bytes, nodes: list[bytes]) -> ProvedAccount:
    """Return the account at an address of 20 bytes. Raises: StateProofError where the path does not hold."""
    if len(address) != 20:
        raise StateProofError(f"expected an address of 20 bytes, found {len(address)}")
    value = proved_value(header.state_root, keccak256(address), nodes)
    if value is None:
        return ProvedAccount(0, 0, EMPTY_ROOT)
    fields = _decoded(value)
    if not isinstance(fields, list) or len(fields) != 4 or len(fields[2]) != HASH_BYTES:
        raise StateProofError("expected an account of nonce, balance, storage root and code hash")
    return ProvedAccount(int.from_bytes(fields[0], "big"), int.from_bytes(fields[1], "big"), fields[2])


def proved_slot(account: ProvedAccount, slot: bytes, nodes: list[bytes]) -> int:
    """Return the value of a slot of 32 bytes of a contract. Raises: StateProofError where the path does not hold."""
    if len(slot) != HASH_BYTES:
        raise StateProofError(f"expected a slot of 32 bytes, found {len(slot)}")
    value = proved_value(account.storage_root, keccak256(slot), nodes)
    if value is None:
        return 0
    found = _decoded(value)
    if not isinstance(found, bytes) or len(found) > HASH_BYTES:
        raise StateProofError("expected a word of at most 32 bytes in the slot")
    return int.from_bytes(found, "big")


def mapping_slot(address: bytes, index: int) -> bytes:
    """Return the slot of an address in the mapping that a contract declares at an index (Solidity, storage layout)."""
    return keccak256(address.rjust(32, b"\0") + index.to_bytes(32, "big"))


def proved_value(root: bytes, key: bytes, nodes: list[bytes]) -> bytes | None:
    """Return the value of a key in a trie, None where the path proves that it has none.

    Raises: StateProofError where a node is missing, too many, or has another hash than its parent names.
    """
    if len(nodes) > NODES_MAX or any(len(node) > NODE_BYTES_MAX for node in nodes):
        raise StateProofError(f"expected at most {NODES_MAX} nodes of at most {NODE_BYTES_MAX} bytes, found more")
    if root == EMPTY_ROOT and not nodes:
        return None
    nibbles = [each for byte in key for each in (byte >> 4, byte & 15)]
    reference: Any = root
    rest = iter(nodes)
    for _ in range(NODES_MAX + 1):
        node = _node(reference, rest)
        reference, nibbles = _step(node, nibbles)
        if reference == b"" or not nibbles:
            break
    if next(rest, None) is not None:
        raise StateProofError("expected no node behind the end of the path, found one")
    if nibbles and reference != b"":
        raise StateProofError("expected the path to end, found that it goes on")
    return None if reference == b"" else bytes(reference)


def _node(reference: Any, rest: Any) -> Any:
    """Return the node that a reference names: a short one stands in its parent itself."""
    if isinstance(reference, list):
        return reference
    data = next(rest, None)
    if data is None or keccak256(data) != reference:
        raise StateProofError("expected the node that its parent names, found none or one with another hash")
    return _decoded(data)


def _step(node: Any, nibbles: list[int]) -> tuple[Any, list[int]]:
    """Return what a node says of the key's next nibbles, and those that are left; empty bytes for nothing."""
    if isinstance(node, list) and len(node) == 17:
        return (node[nibbles[0]], nibbles[1:]) if nibbles else (node[16], [])
    if not (isinstance(node, list) and len(node) == 2 and isinstance(node[0], bytes) and node[0]):
        raise StateProofError("expected a branch, an extension or a leaf, found something else")
    first, is_leaf = node[0][0], bool(node[0][0] & 0x20)
    path = [first & 15] if first & 0x10 else []
    path += [each for byte in node[0][1:] for each in (byte >> 4, byte & 15)]
    if nibbles[: len(path)] != path or (is_leaf and len(path) != len(nibbles)):
        return b"", nibbles
    return node[1], nibbles[len(path) :]


def _decoded(data: bytes) -> Any:
    """Return what RLP bytes hold; numbers of lengths are exact, nothing stands behind."""
    try:
        return rlp.decode(data, strict=True)
    except rlp.DecodingError as error:
        raise StateProofError(f"expected RLP, found {error}") from error
