"""What holds for every signed request: a key of the account, in force and with the scope, signed it, and in time."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from tarazy.oversight.requests.document import RequestDocument, RequestDocumentError, decode_document
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.faults import Fault, FaultError
from tarazy.oversight.requests.record_terms import KeyOnRecord
from tarazy.oversight.requests.timing import AHEAD_MAX_US, WINDOW_MAX_MS, read_stamp_us, read_window_us

NS_PER_US, NS_PER_MS = 1_000, 1_000_000
# How much later than its last check a request may get its time: the writer stamps what waits when he takes it.
STAMPED_WITHIN_NS = 60 * 10**9
REMEMBERED_NS = WINDOW_MAX_MS * NS_PER_MS + AHEAD_MAX_US * NS_PER_US + 2 * STAMPED_WITHIN_NS
TRADE_SCOPE, WITHDRAW_SCOPE = 1, 2


class RequestOfKey(NamedTuple):
    """A kept request, the account and the key that the record names for it, and the time of the command."""

    account_id: int
    document: RequestDocument
    key_id: int
    key: KeyOnRecord
    ts_ns: int


def kept_document(find: Callable[[bytes], bytes | None], digest: bytes) -> RequestDocument:
    """Return the request of a hash. Raises: FaultError."""
    found = find(digest)
    if found is None:
        raise FaultError(Fault.request_missing, f"a request of hash {digest.hex()}", "none")
    try:
        return decode_document(found)
    except RequestDocumentError as error:
        raise FaultError(Fault.request_unreadable, "a signed request", str(error)) from error


def once_of(key_id: int, document: RequestDocument) -> bytes:
    """Return what counts once: the signed bytes, with the key."""
    return sha256(key_id.to_bytes(4, "little") + document.payload).digest()


def check_key(signed: RequestOfKey, scope: int) -> None:
    """Refuse a key of another account, one that had ended, and one without the scope. Raises: FaultError."""
    key, account_id = signed.key, signed.account_id
    if key.account_id != account_id:
        raise FaultError(Fault.account_differs, f"a key of account {account_id}", f"one of account {key.account_id}")
    if key.ended_seq:
        found = f"key {signed.key_id}, revoked by command {key.ended_seq}"
        raise FaultError(Fault.key_not_in_force, "a key in force", found)
    if key.valid_until_ns and signed.ts_ns >= key.valid_until_ns + STAMPED_WITHIN_NS:
        found = f"key {signed.key_id}, valid until {key.valid_until_ns}"
        raise FaultError(Fault.key_not_in_force, "a key in force", found)
    if not key.scopes & scope:
        raise FaultError(Fault.scope_missing, f"scope {scope}", f"scopes {key.scopes}")


def check_signature(signed: RequestOfKey) -> None:
    """Refuse what the key did not sign. Raises: FaultError."""
    if not signed.document.is_signed_by(signed.key.public_key):
        raise FaultError(Fault.signature_invalid, f"a signature of key {signed.key_id}", "another one")


def check_time(signed: RequestOfKey, open_ms: int = 0) -> None:
    """Refuse a request that was ordered before it was made, or behind its window, and behind what it stays open.

    Raises: FaultError.
    """
    try:
        parameters = signed.document.parameters()
        stamp_us, window_us = read_stamp_us(parameters), read_window_us(parameters)
    except DialectError as error:
        raise FaultError(Fault.out_of_time, "a time and a window", error.message) from error
    first_ns = (stamp_us - AHEAD_MAX_US) * NS_PER_US - STAMPED_WITHIN_NS
    last_ns = (stamp_us + window_us) * NS_PER_US + open_ms * NS_PER_MS + STAMPED_WITHIN_NS
    if not first_ns <= signed.ts_ns <= last_ns:
        raise FaultError(Fault.out_of_time, f"a command from {first_ns} to {last_ns}", f"one of {signed.ts_ns}")
