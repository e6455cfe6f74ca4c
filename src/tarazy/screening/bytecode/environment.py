"""What a transfer may ask of its environment, so that a simulation sees another answer than a trade."""

from __future__ import annotations

from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.term import Term, operators

TRANSIENT = "transient storage"
SEEN = {
    "gas": "gas left",
    "gasprice": "gas price",
    "gaslimit": "gas limit of the block",
    "basefee": "base fee",
    "blobbasefee": "base fee of blobs",
    "chainid": "chain",
    "coinbase": "producer of the block",
    "prevrandao": "randomness of the block",
    "blockhash": "hash of a block",
    "extcodehash": "hash of an account's code",
    "tload": TRANSIENT,
}


def asks_environment(needed: Edge) -> str:
    """Return what a condition looks at that a simulation may show otherwise than a trade; nothing where it does not.

    Gas, the block and the chain; that the caller is the origin, which no router is; that an account has no code.
    """
    term, holds = needed
    seen = sorted(SEEN[operator] for operator in operators(term) & SEEN.keys())
    if seen:
        return ", ".join(seen)
    if term.op == "eq" and {side.op for side in term.args if type(side) is Term} == {"caller", "origin"}:
        return "the origin of the transaction"
    return "whether an account has code" if term.op == "extcodesize" and not holds else ""
