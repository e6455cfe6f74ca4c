"""Who logs on: the key, its signature over the fields of the Logon, its time, and what the session is to be.

Signed is the text of MsgType, SenderCompID, TargetCompID, MsgSeqNum and SendingTime with SOH between them, with
Ed25519, in base64 in RawData (binance/binance-spot-api-docs, fix-api.md, "How to sign Logon"). The window and the rule
that a signature counts once are those of the REST gateway.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple

from tarazy.facility.accounts.api_keys import READ, TRADE, AccountKey
from tarazy.facility.gateway.fix.message import INCORRECT, MISSING, ClientMessage
from tarazy.facility.gateway.fix.store import COPIES, MARKETS, ORDERS, SessionName
from tarazy.facility.gateway.gateway import Gateway
from tarazy.oversight.requests.errors import (
    BAD_KEY_FORMAT,
    INVALID_PARAMETER,
    INVALID_SIGNATURE,
    INVALID_TIMESTAMP,
    REJECTED_KEY,
    DialectError,
)
from tarazy.oversight.requests.parameters import Parameters

COMP_ID = re.compile(r"[a-zA-Z0-9_-]{1,8}")
HEARTBEAT_S = (5, 60)
SIGNATURE_PROBLEM, COMP_ID_PROBLEM, TIME_PROBLEM, OTHER = 8, 9, 10, 99
REASONS = {INVALID_SIGNATURE: SIGNATURE_PROBLEM, INVALID_TIMESTAMP: TIME_PROBLEM}
SIGNED = (35, 49, 56, 34, 52)


class LogonError(Exception):
    """A logon is refused: reason and tag of the Reject, the dialect's code, a text."""

    def __init__(self, reason: int, tag: int, code: int, text: str) -> None:
        super().__init__(reason, tag, code, text)
        self.reason, self.tag, self.code, self.text = reason, tag, code, text


class LogonTerms(NamedTuple):
    """What a client asked for when it logged on."""

    key: AccountKey
    name: SessionName
    heartbeat_s: int
    resets: bool
    in_sequence: bool
    acks_only: bool
    cancels: bool


def logon_terms(gateway: Gateway, message: ClientMessage, address: str, our_id: str, *, is_market: bool) -> LogonTerms:
    """Return what a verified Logon asks for.

    Raises: LogonError.
    """
    fields = message.body.fields
    check_form(message, our_id, is_market=is_market)
    role = MARKETS if is_market else COPIES if fields.get(9406) == "Y" else ORDERS
    try:
        key = gateway.authenticator.key_of(fields[553], address, TRADE if role == ORDERS else READ)
        if key.account_id not in gateway.models.venue.accounts.rows:
            raise DialectError(REJECTED_KEY, "Invalid API-key, IP, or permissions for action.")
        if key.public_key is None:
            raise DialectError(BAD_KEY_FORMAT, "FIX sessions only support Ed25519 keys.")
        verify(gateway, key, message)
    except DialectError as error:
        raise LogonError(REASONS.get(error.code, OTHER), 0, error.code, error.message) from None
    return LogonTerms(
        key,
        SessionName(key.account_id, message.header[49], role),
        int(fields[108]),
        fields.get(141) == "Y",
        fields.get(25035) == "2",
        fields.get(25036) == "2" and role == ORDERS,
        fields.get(9001) == "Y" and role == ORDERS,
    )


def check_form(message: ClientMessage, our_id: str, *, is_market: bool) -> None:
    """Raise LogonError where a field is missing or out of its bounds."""
    fields, header = message.body.fields, message.header
    for tag in (553, 95, 96, 25035):
        if tag not in fields:
            raise LogonError(MISSING, tag, INVALID_PARAMETER, f"expected tag {tag}")
    if COMP_ID.fullmatch(header[49]) is None:
        raise LogonError(COMP_ID_PROBLEM, 49, INVALID_PARAMETER, "expected ^[a-zA-Z0-9-_]{1,8}$ in SenderCompID")
    if header[56] != our_id:
        raise LogonError(COMP_ID_PROBLEM, 56, INVALID_PARAMETER, f"expected TargetCompID {our_id}")
    if int(fields[95]) != len(fields[96]):
        raise LogonError(INCORRECT, 95, INVALID_PARAMETER, f"expected the length of RawData, {len(fields[96])}")
    low, high = HEARTBEAT_S
    if not low <= int(fields[108]) <= high:
        raise LogonError(INCORRECT, 108, INVALID_PARAMETER, f"expected HeartBtInt from {low} to {high}")
    if is_market and fields.get(141) != "Y":
        raise LogonError(INCORRECT, 141, INVALID_PARAMETER, "expected ResetSeqNumFlag=Y: market data is not sent again")
    if fields.get(141) == "Y" and message.seq != 1:
        raise LogonError(INCORRECT, 34, INVALID_PARAMETER, "expected MsgSeqNum 1 with ResetSeqNumFlag=Y")


def verify(gateway: Gateway, key: AccountKey, message: ClientMessage) -> None:
    """Check signature and time, and that the signature was not sent before. Raises: DialectError."""
    payload = "\x01".join(message.header[tag] for tag in SIGNED).encode()
    if not key.verifies(payload, message.body.fields[96]):
        raise DialectError(INVALID_SIGNATURE, "Signature for this request is not valid.")
    deadline_us = deadline_of(gateway, message)
    gateway.authenticator.count_once(sha256(key.key_id.encode() + b"\x01" + payload).digest(), deadline_us)


def deadline_of(gateway: Gateway, message: ClientMessage) -> int:
    """Return until when a message is in time, by SendingTime and RecvWindow. Raises: DialectError, FixFieldError."""
    values = {"timestamp": str(max(message.sent_us(), 10**15))}
    if 25000 in message.header:
        values["recvWindow"] = message.header[25000]
    return gateway.authenticator.deadline_us(Parameters(values))
