"""Transactions of EIP-1559: written, signed, and read back from the exact bytes that are to be signed.

What is read is strict: one type, no access list, no creation of contracts, the shortest encoding of each number. So the
same bytes never mean two things, and the signer checks all that a transaction can do.
Source: EIP-2718, EIP-1559 (0x02 | rlp[chain_id, nonce, tip, fee, gas, to, value, data, access_list]).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import rlp

from tarazy.chains.evm import values
from tarazy.chains.evm.abi import selector
from tarazy.chains.evm.code import keccak256
from tarazy.chains.secp256k1 import parity_of, recovered, uncompressed

TYPE = b"\x02"
FIELDS = 9
SIGNED_FIELDS = 12
BYTES_MAX = 4096
TRANSFER = "transfer(address,uint256)"
TRANSFER_BYTES = 4 + 64


class FeeMarketTransaction(NamedTuple):
    """One transaction. Units: wei, and gas; `to` in lower case with 0x."""

    chain_id: int
    nonce: int
    tip_wei: int
    fee_wei: int
    gas: int
    to: str
    value_wei: int
    data: bytes

    @property
    def cost_max_wei(self) -> int:
        """Return the most that it can cost beside its value."""
        return self.gas * self.fee_wei

    def _items(self) -> list[Any]:
        numbers = (self.chain_id, self.nonce, self.tip_wei, self.fee_wei, self.gas)
        to = bytes.fromhex(self.to[2:])
        return [*map(number_bytes, numbers), to, number_bytes(self.value_wei), self.data, []]

    def unsigned(self) -> bytes:
        """Return the bytes whose keccak-256 is signed."""
        return TYPE + bytes(rlp.encode(self._items()))

    def digest(self) -> bytes:
        """Return what is signed, 32 bytes."""
        return keccak256(self.unsigned())

    def signed(self, signature: bytes, public_key: bytes) -> bytes:
        """Return the bytes that go to the network, given the signature r | s of a key.

        Raises: ValueError where the signature is not the key's.
        """
        parity = parity_of(signature, self.digest(), public_key)
        r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
        return TYPE + bytes(rlp.encode([*self._items(), *map(number_bytes, (parity, r, s))]))


def transaction_hash(signed: bytes) -> str:
    """Return the name of a signed transaction."""
    return values.as_hex(keccak256(signed))


def read_unsigned(raw: bytes) -> FeeMarketTransaction:
    """Return the transaction of the bytes that are to be signed.

    Raises: ValueError for anything but one EIP-1559 transaction in its only spelling.
    """
    return _checked(_items_of(raw, FIELDS), raw)


def read_signed(raw: bytes) -> tuple[FeeMarketTransaction, str]:
    """Return a signed transaction and its sender's address.

    Raises: ValueError.
    """
    items = _items_of(raw, SIGNED_FIELDS)
    transaction = _checked(items[:FIELDS])
    parity, r, s = (_number(each, 256) for each in items[FIELDS:])
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return transaction, address_of(recovered(signature, parity, transaction.digest()))


def address_of(public_key: bytes) -> str:
    """Return the account of a public key, in lower case."""
    return values.as_hex(keccak256(uncompressed(public_key))[12:])


def checksummed(address: str) -> str:
    """Return an address in the mixed case of EIP-55, for people to read."""
    digits = address[2:].lower()
    marks = keccak256(digits.encode()).hex()
    return "0x" + "".join(a.upper() if int(b, 16) > 7 else a for a, b in zip(digits, marks, strict=False))


def token_payment(data: bytes) -> tuple[str, int]:
    """Return destination and amount of a token's plain transfer, its exact 68 bytes.

    Raises: ValueError for any other call.
    """
    if len(data) != TRANSFER_BYTES or data[:4] != selector(TRANSFER):
        raise ValueError(f"expected a call of {TRANSFER} in {TRANSFER_BYTES} bytes, found {values.show(data.hex())}")
    to = values.address_of_word(data[4:36])
    if to is None:
        raise ValueError("expected an address as the first argument, found another word")
    return to, int.from_bytes(data[36:], "big")


def number_bytes(number: int) -> bytes:
    """Return a number as RLP writes it: big-endian without leading zeros."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _items_of(raw: bytes, count: int) -> list[Any]:
    if raw[:1] != TYPE or len(raw) > BYTES_MAX:
        raise ValueError(f"expected a transaction of type 2 in at most {BYTES_MAX} bytes, found another")
    try:
        items = rlp.decode(raw[1:], strict=True)
    except Exception as error:  # the library has many
        raise ValueError(f"expected a list in RLP, found {type(error).__name__}") from error
    if not isinstance(items, list) or len(items) != count:
        raise ValueError(f"expected {count} fields, found {len(items)}")
    return items


def _checked(items: list[Any], raw: bytes | None = None) -> FeeMarketTransaction:
    *numbers, to, value, data, access = items
    if len(to) != 20 or not isinstance(data, bytes) or access != []:
        raise ValueError("expected an account to pay, data and no access list, found another transaction")
    chain_id, nonce, tip, fee, gas = (_number(each, 64 if place < 2 else 128) for place, each in enumerate(numbers))
    found = FeeMarketTransaction(chain_id, nonce, tip, fee, gas, values.as_hex(to), _number(value, 256), data)
    if raw is not None and found.unsigned() != raw:
        raise ValueError("expected the only spelling of the transaction, found another")
    return found


def _number(item: Any, bits: int) -> int:
    if not isinstance(item, bytes) or item[:1] == b"\0" or len(item) * 8 > bits:
        raise ValueError(f"expected a number of at most {bits} bits without leading zeros, found another")
    return int.from_bytes(item, "big")
