"""Texts in Base58 and Base58Check, in which Bitcoin, Tron and Solana write addresses."""

from __future__ import annotations

from embit import base58


def decoded(text: str) -> bytes:
    """Return the bytes of a text in Base58. Raises: ValueError."""
    found: bytes = base58.decode(text)
    return found


def decoded_checked(text: str) -> bytes:
    """Return the bytes of a text in Base58Check without its check. Raises: ValueError where the check is wrong."""
    found: bytes = base58.decode_check(text)
    return found
