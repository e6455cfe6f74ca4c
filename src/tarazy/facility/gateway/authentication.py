"""Who sends a request: its key, its signature over the bytes as they were sent, and its time.

The signature covers the query and then the form body, percent-encoded as they arrived, without the parameter
`signature` itself (binance/binance-spot-api-docs, rest-api.md, "SIGNED endpoint security"). A request that changes
something counts once: the same signature is refused as long as its time is within its window. What was counted is in
memory alone, so that after a start nothing is taken that can have been counted before it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from tarazy.facility.accounts.api_keys import AccountKey, ApiKeyStore
from tarazy.oversight.requests.document import (
    DOCUMENT_BYTES_MAX,
    RAW,
    REST,
    SOCKET,
    RequestDocument,
    document_hash,
    signed_payload,
    socket_payload,
    socket_values,
)
from tarazy.oversight.requests.errors import (
    BAD_KEY_FORMAT,
    INVALID_SIGNATURE,
    INVALID_TIMESTAMP,
    NEW_ORDER_REJECTED,
    REJECTED_KEY,
    TOO_MANY_PARAMETERS,
    DialectError,
)
from tarazy.oversight.requests.parameters import Parameters, missing
from tarazy.oversight.requests.timing import AHEAD_MAX_US, read_stamp_us, read_window_us

SEEN_MAX = 1_000_000
KEY_ID = re.compile(r"[A-Za-z0-9]{1,64}")


class SignedRequest(NamedTuple):
    """A signed request that was verified. `digest` is of its bytes; after `deadline_us` it is not ordered any more.

    `document` is what is kept of it, where a client's own key signed it; `digest` is then the document's.
    """

    key: AccountKey
    parameters: Parameters
    digest: bytes
    deadline_us: int
    document: bytes = b""


def now_us() -> int:
    """Return the time of the server, UTC microseconds."""
    return time.time_ns() // 1_000


class Authenticator:
    """Checks keys, signatures and times. On the event loop's thread.

    `last_ts_us` is the time of the record's last command: what was ordered before this start was made before it, or
    less than a second behind it by a clock that is ahead. `first_us`: what is stamped before it is not ordered.
    """

    def __init__(self, keys: ApiKeyStore, clock_us: Callable[[], int] = now_us, *, last_ts_us: int = 0) -> None:
        self.keys = keys
        self.clock_us = clock_us
        self.first_us = min(last_ts_us + AHEAD_MAX_US, clock_us())
        self._seen: dict[bytes, int] = {}

    def key_of(self, key_id: str, address: str, scope: str | None) -> AccountKey:
        """Return the key that a request names, if it may do what is asked from where it comes.

        Raises: DialectError.
        """
        if KEY_ID.fullmatch(key_id) is None:
            raise DialectError(BAD_KEY_FORMAT, "API-key format invalid.", 401)
        key = self.keys.find(key_id)
        if key is None:  # it may be new
            self.keys.refresh()
            key = self.keys.find(key_id)
        if key is None or not key.allows(address) or (scope is not None and scope not in key.scopes):
            raise DialectError(REJECTED_KEY, "Invalid API-key, IP, or permissions for action.", 401)
        return key

    def signed(
        self,
        key: AccountKey,
        query: bytes,
        body: bytes,
        *,
        changes: bool,
        target: tuple[str, str] = ("", ""),
        raw: bytes | None = None,
    ) -> SignedRequest:
        """Verify a request that went to `target`, a method and a path; `raw`: its body where that is no form.

        Raises: DialectError.
        """
        payload, signature = signed_payload(query, body)
        if signature is None:
            raise missing("signature")
        if not key.verifies(payload, signature):
            raise DialectError(INVALID_SIGNATURE, "Signature for this request is not valid.")
        parameters = Parameters.of(query, body)
        parameters.text("signature")
        deadline_us = self.deadline_us(parameters)
        digest = sha256(key.key_id.encode() + b"?" + payload).digest()
        if changes:
            self.check_start(parameters)
            self.count_once(digest, deadline_us)
            if key.public_key is not None:
                found = (REST, *target, query, body) if raw is None else (RAW, *target, query, raw)
                document = kept(RequestDocument(*found))
                return SignedRequest(key, parameters, document_hash(document), deadline_us, document)
        return SignedRequest(key, parameters, digest, deadline_us)

    def signed_values(
        self, key: AccountKey, values: dict[str, str], *, changes: bool, target: tuple[str, str] = ("", "")
    ) -> SignedRequest:
        """Verify a request of the WebSocket API: what is signed are its parameters in the order of their names.

        Raises: DialectError.
        """
        signature = values.pop("signature", None)
        if signature is None:
            raise missing("signature")
        payload = socket_payload(values)
        if not key.verifies(payload, signature):
            raise DialectError(INVALID_SIGNATURE, "Signature for this request is not valid.")
        is_kept = changes and key.public_key is not None
        parameters = Parameters(socket_values(payload) if is_kept else values)
        parameters.text("apiKey")
        deadline_us = self.deadline_us(parameters)
        digest = sha256(key.key_id.encode() + b"?" + payload).digest()
        if changes:
            self.check_start(parameters)
            self.count_once(digest, deadline_us)
        if is_kept:
            document = kept(RequestDocument(SOCKET, *target, signature.encode("ascii", "replace"), payload))
            return SignedRequest(key, parameters, document_hash(document), deadline_us, document)
        return SignedRequest(key, parameters, digest, deadline_us)

    def deadline_us(self, parameters: Parameters) -> int:
        """Return until when a request is in time.

        Raises: DialectError where it is too old or too far ahead.
        """
        stamp_us = read_stamp_us(parameters)
        now, window_us = self.clock_us(), read_window_us(parameters)
        if stamp_us >= now + AHEAD_MAX_US:
            raise DialectError(
                INVALID_TIMESTAMP, "Timestamp for this request was 1000ms ahead of the server's time.", serverTime=now
            )
        self.check_time(stamp_us + window_us)
        return stamp_us + window_us

    def check_time(self, deadline_us: int) -> None:
        """Raise DialectError where a request is not in time any more: on arrival, and before it is ordered."""
        now = self.clock_us()
        if now > deadline_us:
            message = "Timestamp for this request is outside of the recvWindow."
            raise DialectError(INVALID_TIMESTAMP, message, serverTime=now)

    def check_start(self, parameters: Parameters) -> None:
        """Raise DialectError where a request can have been ordered before this start."""
        if read_stamp_us(parameters) < self.first_us:
            message = "Timestamp for this request is before the facility's last start."
            raise DialectError(INVALID_TIMESTAMP, message, serverTime=self.clock_us(), advice="Sign the request anew.")

    def has_seen(self, digest: bytes) -> bool:
        """Say whether a request that changes something was sent before."""
        return digest in self._seen

    def count_once(self, digest: bytes, deadline_us: int) -> None:
        """Refuse a request whose bytes were sent before."""
        if len(self._seen) >= SEEN_MAX:
            now = self.clock_us()
            self._seen = {seen: until for seen, until in self._seen.items() if until >= now}
        if digest in self._seen:
            raise DialectError(NEW_ORDER_REJECTED, "Duplicate request sent.", advice="Sign each request anew.")
        self._seen[digest] = deadline_us


def kept(document: RequestDocument) -> bytes:
    """Return the bytes of a signed request that are kept.

    Raises: DialectError where they are too many.
    """
    data = document.encode()
    if len(data) > DOCUMENT_BYTES_MAX:
        raise DialectError(TOO_MANY_PARAMETERS, f"A signed request has at most {DOCUMENT_BYTES_MAX} bytes.")
    return data
