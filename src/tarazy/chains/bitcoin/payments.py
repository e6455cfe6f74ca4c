"""Partially signed transactions (BIP-174): made from unspent outputs, read back strictly, signed, finished.

Inputs are P2WPKH (one key) or P2WSH with a sorted multisig; a descriptor says which. Every input can be replaced
(BIP-125). Choice of inputs is the same for the same outputs: the largest first.
Units: satoshi; virtual bytes; fee rates in satoshi for 1,000 virtual bytes.
Source: BIP-174, BIP-125, BIP-380 and BIP-383; weights from BIP-141.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from embit.descriptor import Descriptor
from embit.ec import PublicKey, Signature
from embit.finalizer import finalize_psbt
from embit.psbt import PSBT, DerivationPath
from embit.script import Script
from embit.transaction import SIGHASH, Transaction, TransactionInput, TransactionOutput

from tarazy.chains.bitcoin.addresses import address_of, script_of
from tarazy.chains.secp256k1 import SignDigest, der, low_s
from tarazy.domain.arithmetic import div_ceil

DUST_MINOR = 546
REPLACEABLE = 0xFFFFFFFD
OVERHEAD_VBYTES = 11
OUTPUT_VBYTES = 43
KEY_INPUT_VBYTES = 69
# Sequence, outpoint and length 41; witness of empty item, two signatures of 73, script of 105 with their lengths.
MULTISIG_INPUT_VBYTES = 106
PSBT_BYTES_MAX = 1 << 20


class Unspent(NamedTuple):
    """An output of ours. `descriptor` is the one of its own address, without a wildcard."""

    transaction: str
    output: int
    amount_minor: int
    descriptor: str


class Payout(NamedTuple):
    """What a transaction pays to an address."""

    address: str
    amount_minor: int


class InputsShortError(Exception):
    """The unspent outputs do not cover payments and fee. Units: satoshi."""

    def __init__(self, needed_minor: int, found_minor: int) -> None:
        self.needed_minor, self.found_minor = needed_minor, found_minor
        super().__init__(needed_minor, found_minor)

    def __str__(self) -> str:
        return f"expected unspent outputs of {self.needed_minor} satoshi, found {self.found_minor}"


def input_vbytes(descriptor: Descriptor) -> int:
    """Return what an input of this kind weighs at most."""
    return KEY_INPUT_VBYTES if descriptor.is_pkh else MULTISIG_INPUT_VBYTES


def make_payment(
    unspent: Sequence[Unspent],
    payouts: Sequence[Payout],
    change: str,
    network: str,
    fee_rate: int,
    must_spend: frozenset[tuple[str, int]] = frozenset(),
) -> PSBT:
    """Return the transaction that pays these, the change to the descriptor `change`; dust stays with the fee.

    `must_spend`: outputs that are taken before others, so that a replacement conflicts with what it replaces.
    Raises: InputsShortError.
    """
    order = sorted(unspent, key=lambda each: ((each[0], each[1]) not in must_spend, -each.amount_minor, each))
    paid, vbytes = sum(each.amount_minor for each in payouts), OVERHEAD_VBYTES + OUTPUT_VBYTES * (len(payouts) + 1)
    chosen: list[Unspent] = []
    found = 0
    for each in order:
        is_needed = (each.transaction, each.output) in must_spend
        if not is_needed and chosen and found >= paid + div_ceil(vbytes * fee_rate, 1000):
            break
        chosen.append(each)
        found += each.amount_minor
        vbytes += input_vbytes(Descriptor.from_string(each.descriptor))
    fee = div_ceil(vbytes * fee_rate, 1000)
    if found < paid + fee:
        raise InputsShortError(paid + fee, found)
    return _draft(chosen, payouts, change, network, found - paid - fee)


def _draft(chosen: Sequence[Unspent], payouts: Sequence[Payout], change: str, network: str, change_minor: int) -> PSBT:
    """Return the draft of a transaction with everything that a signer needs."""
    outputs = [TransactionOutput(each.amount_minor, Script(script_of(each.address, network))) for each in payouts]
    back = Descriptor.from_string(change)
    if change_minor >= DUST_MINOR:
        outputs.append(TransactionOutput(change_minor, back.script_pubkey()))
    inputs = [TransactionInput(bytes.fromhex(each.transaction), each.output, sequence=REPLACEABLE) for each in chosen]
    draft = PSBT(Transaction(2, inputs, outputs, 0))
    for scope, each in zip(draft.inputs, chosen, strict=True):
        own = Descriptor.from_string(each.descriptor)
        scope.witness_utxo = TransactionOutput(each.amount_minor, own.script_pubkey())
        _describe(scope, own)
    if change_minor >= DUST_MINOR:
        _describe(draft.outputs[-1], back)
    return draft


def _describe(scope: object, descriptor: Descriptor) -> None:
    """Put the script and the keys' places of an own address into an input or output."""
    script = descriptor.witness_script()
    if script is not None:
        scope.witness_script = script  # type: ignore[attr-defined]
    for key in descriptor.keys:
        if key.origin is not None:
            path = DerivationPath(key.origin.fingerprint, key.origin.derivation)
            scope.bip32_derivations[PublicKey.parse(key.sec())] = path  # type: ignore[attr-defined]


def read_draft(raw: bytes) -> PSBT:
    """Return a draft of its bytes.

    Raises: ValueError for what is no draft, or one whose inputs do not say what they spend.
    """
    if len(raw) > PSBT_BYTES_MAX:
        raise ValueError(f"expected a draft of at most {PSBT_BYTES_MAX} bytes, found {len(raw)}")
    try:
        draft = PSBT.parse(raw)
        amounts = [each.witness_utxo.value for each in draft.inputs]
    except Exception as error:  # embit raises what it stumbles over
        raise ValueError(f"expected a partially signed transaction (BIP-174), found {type(error).__name__}") from error
    if not amounts or not draft.outputs:
        raise ValueError("expected inputs and outputs, found none")
    return draft


def fee_minor(draft: PSBT) -> int:
    """Return what the inputs leave to the miner."""
    return int(sum(each.witness_utxo.value for each in draft.inputs) - sum(each.value for each in draft.tx.vout))


def payouts_of(draft: PSBT, network: str) -> list[Payout]:
    """Return every output; one that has no address is named by its script."""
    return [
        Payout(address_of(each.script_pubkey.data, network) or f"script {each.script_pubkey.data.hex()}", each.value)
        for each in draft.tx.vout
    ]


def outpoints_of(draft: PSBT) -> list[tuple[str, int]]:
    """Return the outputs that it spends."""
    return [(each.txid.hex(), each.vout) for each in draft.tx.vin]


def sign_input(draft: PSBT, place: int, public_key: bytes, sign: SignDigest) -> None:
    """Add one key's signature to one input; what is signed covers all inputs and outputs.

    Raises: ValueError where the input asks for another kind of signature, or the key signed something else.
    """
    scope = draft.inputs[place]
    if scope.sighash_type not in (None, SIGHASH.ALL):
        raise ValueError(f"expected a signature over everything, found type {scope.sighash_type}")
    key, digest = PublicKey.parse(public_key), draft.sighash(place, sighash=SIGHASH.ALL)
    signature = der(low_s(sign(digest)))

    if not key.verify(Signature.parse(signature), digest):
        raise ValueError(f"expected a signature of {public_key.hex()}, found another key's")
    scope.partial_sigs[key] = signature + bytes((SIGHASH.ALL,))


def joined(drafts: Sequence[PSBT]) -> PSBT:
    """Return one draft with the signatures of all, which are over one transaction.

    Raises: ValueError for drafts of different transactions.
    """
    first = drafts[0]
    for other in drafts[1:]:
        if other.tx.serialize() != first.tx.serialize():
            raise ValueError("expected drafts of one transaction, found different ones")
        for scope, more in zip(first.inputs, other.inputs, strict=True):
            scope.partial_sigs.update(more.partial_sigs)
    return first


def finished(draft: PSBT) -> bytes | None:
    """Return the transaction for the network, None while signatures are missing."""
    for scope in draft.inputs:
        if not scope.partial_sigs:
            return None
    found = finalize_psbt(draft)
    if found is None:
        return None
    raw: bytes = found.serialize()
    return raw
