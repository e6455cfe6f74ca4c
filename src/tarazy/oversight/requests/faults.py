"""What can be wrong with a command that should come of a signed request."""

from __future__ import annotations

from enum import Enum


class Fault(Enum):
    """What is wrong with a command that should come of a signed request."""

    not_signed = "the client signs everything, and no signed request stands behind the command"
    request_missing = "the request that the record names is not kept"
    request_unreadable = "what is kept as the request is none"
    signature_invalid = "the key did not sign the request"
    key_not_in_force = "the key was revoked or had ended"
    scope_missing = "the key may not sign this kind of command"
    account_differs = "the key is another account's"
    used_twice = "the request was ordered before"
    out_of_time = "the request was ordered outside its own time window"
    consent_missing = "the consent that a trade off the book names is not kept, or is none"
    consent_differs = "the trade is not what its consent says"
    command_differs = "the command is not what the request asks for"


class FaultError(Exception):
    """A check of one command failed; `account_id` is the party's that it is about, 0 the command's own."""

    def __init__(self, fault: Fault, expected: str, found: str) -> None:
        super().__init__(fault.value)
        self.fault, self.expected, self.found = fault, expected, found
        self.account_id = 0
