"""What a transfer may ask of its environment, so that a simulation sees another answer than a trade."""

from __future__ import annotations

from collections.abc import Iterable

from tarazy.screening.bytecode.graph import Edge
from tarazy.screening.bytecode.term import Term, operators

TRANSIENT = "transient storage"
HAS_CODE = "whether an account has code"
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
    if weighs_currency(term):
        return "the native currency that an account has"
    seen = sorted(SEEN[operator] for operator in operators(term) & SEEN.keys())
    if seen:
        return ", ".join(seen)
    if term.op == "eq" and {side.op for side in term.args if type(side) is Term} == {"caller", "origin"}:
        return "the origin of the transaction"
    return HAS_CODE if term.op == "extcodesize" and not holds else ""


def weighs_currency(term: Term) -> bool:
    """Return whether a condition compares the native currency of an account with a number of the code."""
    if term.op in ("balance", "selfbalance"):
        return True
    sides = term.args if term.op in ("eq", "lt") else ()
    return any(type(side) is int for side in sides) and any(
        type(side) is Term and side.op in ("balance", "selfbalance") for side in sides
    )


def environment_on_path(context: Iterable[Edge]) -> str:
    """Return what the conditions before another look at that a simulation may show otherwise than a trade."""
    found = {asks_environment(edge) for edge in context} - {"", HAS_CODE}
    return ", ".join(sorted(found))
