"""A token's contract: an address of its chain, with a right checksum, at which a contract can be.

Sources: ERC-55 (capital letters as a check), EIP-1352 (addresses up to 0xffff belong to the chain itself), Tron's
documentation (21 bytes that begin with 0x41, in Base58Check), Solana's documentation (32 bytes in Base58; the one of
all zeros is the system program).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tarazy.chains.base58 import decoded, decoded_checked
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import Body
from tarazy.screening.identity.checksum import has_checksum

RESERVED_MAX = 0xFFFF
TRON_PREFIX, TRON_BYTES, SOLANA_BYTES = 0x41, 21, 32
Fault = tuple[str, str] | None  # what was expected, what to do


def ethereum_fault(contract: str) -> Fault:
    """Return what is wrong with an address of Ethereum."""
    if not re.fullmatch("0x[0-9a-fA-F]{40}", contract):
        return "an address of ethereum", ""
    if int(contract, 16) <= RESERVED_MAX:
        return "an address at which a contract can be", "Addresses up to 0xffff are the chain's own (EIP-1352)"
    if not has_checksum(contract) and contract != contract.lower():
        return "a right checksum", "Copy it once more: its capital letters are its check (ERC-55)"
    return None


def tron_fault(contract: str) -> Fault:
    """Return what is wrong with an address of Tron."""
    if not re.fullmatch("T[1-9A-HJ-NP-Za-km-z]{33}", contract):
        return "an address of tron", ""
    try:
        address = decoded_checked(contract)
    except ValueError:
        return "a right checksum", "Copy it once more: its last letters are its check (Base58Check)"
    if len(address) != TRON_BYTES or address[0] != TRON_PREFIX or not any(address[1:]):
        return "an address at which a contract can be", ""
    return None


def solana_fault(contract: str) -> Fault:
    """Return what is wrong with an address of Solana."""
    if not re.fullmatch("[1-9A-HJ-NP-Za-km-z]{32,44}", contract) or len(decoded(contract)) != SOLANA_BYTES:
        return "an address of solana", ""
    return None if any(decoded(contract)) else ("an address at which a token can be", "")


CHAINS: dict[str, Callable[[str], Fault] | None] = {
    "ethereum": ethereum_fault,
    "tron": tron_fault,
    "solana": solana_fault,
    "bitcoin": None,  # knows no contracts
}


def check_contract(where: str, body: Body) -> None:
    """Check that a token has an address of its chain, and a native asset none.

    Raises: ActRefusedError.
    """
    chain, contract = body["chain"], body.get("contract") or ""
    fault_of, found = CHAINS[chain], contract[:80] or "nothing"
    if body["class"] == "native":
        if contract:
            raise ActRefusedError(f"{where}, contract", expected="none for a native asset", found=found)
        return
    if fault_of is None:
        expected = f"a chain with contracts; {chain} has none"
        raise ActRefusedError(f"{where}, contract", expected=expected, found=found)
    fault = fault_of(contract)
    if fault is not None:
        raise ActRefusedError(f"{where}, contract", expected=fault[0], found=found, action=fault[1])
