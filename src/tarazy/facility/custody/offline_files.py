"""Files that carry a transaction to keys without a network, and signatures back.

A file says in words what the bytes do, made from the bytes themselves and, of a withdrawal, from the journaled
intent; for Ethereum-like chains also as ERC-7730, so that a device shows the words that the journal has. Whoever signs
reads the bytes again: the words of a file are believed by nobody.
Source: ERC-7730 (structured data clear signing format), v1; BIP-174.
"""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.chains.adapter import NATIVE
from tarazy.chains.bitcoin.extended_keys import sign_with_extended
from tarazy.chains.bitcoin.payments import finished, joined, read_draft
from tarazy.chains.evm.transactions import checksummed, read_unsigned
from tarazy.facility.custody.chain_kinds import EVM, bitcoin_network, check_chain
from tarazy.facility.custody.errors import CustodyInputError, WalletKeyError
from tarazy.facility.custody.payment_drafts import read_content
from tarazy.facility.custody.record_view import LedgerWithdrawal
from tarazy.facility.custody.wallet_keys import WalletKeys
from tarazy.platform.storage.files import write_whole

FORMAT = "tarazy offline transaction 1"
FILE_BYTES_MAX = 2 << 20
FIELDS = {"format", "chain", "draft", "signed", "digest", "purpose", "words", "erc7730"}


class OfflineFile(NamedTuple):
    """One file: the draft (with signatures so far, on Bitcoin), and the signed bytes, empty until it is complete."""

    chain: str
    draft: bytes
    purpose: str
    signed: bytes = b""
    intent: LedgerWithdrawal | None = None


def write_offline(path: Path, file: OfflineFile, code: str = "", scale: int = 0) -> dict[str, Any]:
    """Write a file, and return what it says. Units: `scale` is the decimal places of the asset `code`."""
    content = read_content(file.chain, file.draft)
    words = [f"{each.amount_minor} of {each.contract} to {each.address}" for each in content.outputs]
    body: dict[str, Any] = {
        "format": FORMAT,
        "chain": file.chain,
        "purpose": file.purpose,
        "digest": content.digest.hex(),
        "words": [*words, f"fee at most {content.fee_minor}"],
        "draft": base64.b64encode(file.draft).decode(),
        "signed": base64.b64encode(file.signed).decode(),
        "erc7730": description(file, code, scale) if file.chain.startswith(EVM) else None,
    }
    write_whole(path, json.dumps(body, indent=2, ensure_ascii=False).encode(), 0o600)
    return body


def read_offline(path: Path) -> OfflineFile:
    """Read a file; its words are not read, its digest must be that of its bytes.

    Raises: CustodyInputError.
    """
    with path.open("rb") as opened:
        raw = opened.read(FILE_BYTES_MAX + 1)
    try:
        body = json.loads(raw) if len(raw) <= FILE_BYTES_MAX else None
        if not isinstance(body, dict) or set(body) != FIELDS or body["format"] != FORMAT:
            raise ValueError("another kind of file")
        draft, signed = (base64.b64decode(body[name], validate=True) for name in ("draft", "signed"))
        check_chain(str(body["chain"]))
        digest = read_content(str(body["chain"]), draft).digest.hex()
        if digest != body["digest"]:
            raise ValueError(f"bytes with the digest {digest}")
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise CustodyInputError(
            path, expected="a file that tarazy custody cold-make wrote", found=str(error)
        ) from error
    return OfflineFile(str(body["chain"]), draft, str(body["purpose"])[:80], signed)


def sign_file(file: OfflineFile, *, extended_key: str = "", keys: WalletKeys | None = None) -> OfflineFile:
    """Return the file with one more signature: of an extended private key (Bitcoin), or of a one-key wallet.

    Raises: WalletKeyError where the key signs none of its inputs.
    """
    if bitcoin_network(file.chain):
        draft = read_draft(file.draft)
        try:
            count = sign_with_extended(draft, extended_key)
        except ValueError as error:
            raise WalletKeyError("extended key", expected="a private key of this wallet", found=str(error)) from error
        if not count:
            raise WalletKeyError("extended key", expected="a key of the inputs' descriptor", found="another")
        raw: bytes = draft.serialize()
        return file._replace(draft=raw, signed=finished(draft) or b"")
    if keys is None:
        raise WalletKeyError("wallet keys", expected="keys of the account that pays", found="none")
    transaction = read_unsigned(file.draft)
    return file._replace(signed=transaction.signed(keys.sign(0, transaction.digest()), keys.public_key(0)))


def join_files(files: list[OfflineFile]) -> OfflineFile:
    """Return one file with the signatures of all.

    Raises: CustodyInputError for files of different transactions.
    """
    first = files[0]
    if not bitcoin_network(first.chain):
        return next((each for each in files if each.signed), first)
    try:
        draft = joined([read_draft(each.draft) for each in files])
    except ValueError as error:
        raise CustodyInputError("files", expected="files of one transaction", found=str(error)) from error
    raw: bytes = draft.serialize()
    return first._replace(draft=raw, signed=finished(draft) or b"")


def description(file: OfflineFile, code: str, scale: int) -> dict[str, Any]:
    """Return the ERC-7730 description of an Ethereum-like transaction, in the words of the journaled intent."""
    transaction = read_unsigned(file.draft)
    paid = read_content(file.chain, file.draft).outputs[0]
    intent = file.intent
    words = file.purpose
    if intent is not None:
        words = f"Withdrawal {intent.withdrawal_id} of account {intent.account_id}"
    fields: list[dict[str, Any]] = [
        {"path": "_to" if paid.contract != NATIVE else "@.to", "label": "To", "format": "addressName"},
        {
            "path": "_value" if paid.contract != NATIVE else "@.value",
            "label": f"Amount in {code}",
            "format": "tokenAmount",
        },
    ]
    shown = {"to": checksummed(paid.address), "amount": decimal_text(paid.amount_minor, scale), "asset": code}
    signature = "transfer(address _to,uint256 _value)" if paid.contract != NATIVE else "()"
    return {
        "$schema": "https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json",
        "context": {"contract": {"deployments": [{"chainId": transaction.chain_id, "address": transaction.to}]}},
        "metadata": {"owner": "Tarazy facility", "constants": shown},
        "display": {"formats": {signature: {"intent": words, "fields": fields, "required": ["_to", "_value"]}}},
    }


def decimal_text(amount_minor: int, scale: int) -> str:
    """Return an amount with its decimal places."""
    digits = str(amount_minor).rjust(scale + 1, "0")
    return f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
