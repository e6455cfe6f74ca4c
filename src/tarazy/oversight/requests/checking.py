"""Does a record follow its clients' signed requests? Every order, cancel and withdrawal is held against them.

A command that names a registered key must be what a request of that key asks for: kept, signed, of this account, in
time, used once. Where a client states that it signs everything, a command without a request is made up. What this does
not prove: that the operator left nothing out; which key is a client's, which the client itself must compare; and, as
the dialect signs neither method nor path, that a question was not shown as a cancel, or a test as an order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import Any, NamedTuple

from tarazy.domain.records import COMMANDS, CommandKind
from tarazy.journal.sections import RequestReference
from tarazy.oversight.requests.document import RequestDocument, RequestDocumentError, decode_document
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.order_requests import OrderParty
from tarazy.oversight.requests.record_terms import KeyOnRecord, RecordTerms, TermsOfCommand
from tarazy.oversight.requests.timing import AHEAD_MAX_US, WINDOW_MAX_MS, read_stamp_us, read_window_us
from tarazy.oversight.requests.translation import AskedCommands, commands_of

NS_PER_US, NS_PER_MS = 1_000, 1_000_000
# How much later than its last check a request may get its time: the writer stamps what waits when he takes it.
STAMPED_WITHIN_NS = 60 * 10**9
REMEMBERED_NS = WINDOW_MAX_MS * NS_PER_MS + AHEAD_MAX_US * NS_PER_US + 2 * STAMPED_WITHIN_NS
TRADE_SCOPE, WITHDRAW_SCOPE = 1, 2
# What clients order themselves, and which scope a key needs for it.
CLIENT_KINDS: dict[int, int] = {
    CommandKind.place_order: TRADE_SCOPE,
    CommandKind.amend_order: TRADE_SCOPE,
    CommandKind.cancel_order: TRADE_SCOPE,
    CommandKind.cancel_all: TRADE_SCOPE,
    CommandKind.set_cancel_timer: TRADE_SCOPE,
    CommandKind.place_trailing_stop: TRADE_SCOPE,
    CommandKind.place_oco: TRADE_SCOPE,
    CommandKind.place_oto: TRADE_SCOPE,
    CommandKind.place_otoco: TRADE_SCOPE,
    CommandKind.cancel_order_list: TRADE_SCOPE,
    CommandKind.request_withdrawal: WITHDRAW_SCOPE,
}
FINDINGS_MAX = 100


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
    command_differs = "the command is not what the request asks for"


class RequestFinding(NamedTuple):
    """One command that does not follow from a request: what was expected, what was found."""

    seq: int
    account_id: int
    fault: Fault
    expected: str
    found: str

    def plain(self) -> dict[str, Any]:
        """Return the finding for programs."""
        return {
            "seq": self.seq,
            "account": self.account_id,
            "fault": self.fault.name,
            "meaning": self.fault.value,
            "expected": self.expected,
            "found": self.found,
        }


class FaultError(Exception):
    """A check of one command failed."""

    def __init__(self, fault: Fault, expected: str, found: str) -> None:
        super().__init__(fault.value)
        self.fault, self.expected, self.found = fault, expected, found


@dataclass
class RequestsReport:
    """What was found over a record. Counts are of commands; `findings` has the first hundred, `faults` all of them."""

    signed: int = 0
    unsigned: int = 0
    by_officers: int = 0
    signed_of: Counter[int] = field(default_factory=Counter)
    unsigned_of: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    findings: list[RequestFinding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Say whether every command that must come of a request does."""
        return not self.faults


class UsedRequests:
    """Which commands of which requests were ordered, as long as a request can be in time."""

    def __init__(self) -> None:
        self._used: dict[bytes, tuple[int, int]] = {}
        self._swept_ns = 0

    def use(self, request: bytes, index: int, ts_ns: int) -> None:
        """Note that a command of a request was ordered."""
        mask = self._used.get(request, (0, 0))[0]
        self._used[request] = (mask | 1 << index, ts_ns + REMEMBERED_NS)
        if ts_ns - self._swept_ns > REMEMBERED_NS:
            self._swept_ns = ts_ns
            self._used = {each: entry for each, entry in self._used.items() if entry[1] > ts_ns}

    def is_used(self, request: bytes, index: int) -> bool:
        """Say whether a command of a request was ordered already."""
        return bool(self._used.get(request, (0, 0))[0] >> index & 1)


class SignedCommand(NamedTuple):
    """A command with the request and the key that it names, on its way through the checks."""

    command: Any
    document: RequestDocument
    key: KeyOnRecord
    reference: RequestReference
    ts_ns: int


class RequestChecker:
    """Hold commands against requests one by one, in the record's order. `find(hash)` returns a kept document."""

    def __init__(self, terms: RecordTerms, find: Callable[[bytes], bytes | None]) -> None:
        self.terms = terms
        self.report = RequestsReport()
        self._find = find
        self._used = UsedRequests()

    def check(self, seq: int, record: bytes, reference: RequestReference | None, *, is_officers: bool) -> None:
        """Check one command of a client's kind."""
        kind = int.from_bytes(record[:2], "little")
        command = COMMANDS[kind].unpack(record)
        account_id = command.account_id
        if reference is not None and reference.text:
            self.terms.note_text(seq, reference.text)
        if is_officers:
            self.report.by_officers += 1
            return
        try:
            if reference is None or reference.key_id not in self.terms.keys:
                self._unsigned(command)
                return
            self._check_signed(kind, command, reference)
        except FaultError as error:
            self._fault(RequestFinding(seq, account_id, error.fault, error.expected, error.found))
            return
        self.report.signed += 1
        self.report.signed_of[account_id] += 1

    def _unsigned(self, command: Any) -> None:
        """Count a command that no signed request stands behind."""
        if self.terms.signed_only(command.account_id, command.ts_ns):
            raise FaultError(Fault.not_signed, "a request signed with a key of the account", "none")
        self.report.unsigned += 1
        self.report.unsigned_of[command.account_id] += 1

    def _fault(self, finding: RequestFinding) -> None:
        self.report.faults[finding.fault.name] += 1
        if len(self.report.findings) < FINDINGS_MAX:
            self.report.findings.append(finding)

    def _check_signed(self, kind: int, command: Any, reference: RequestReference) -> None:
        """Check a command that names a registered key. Raises: FaultError."""
        key = self.terms.keys[reference.key_id]
        document = self._document(reference)
        signed = SignedCommand(command, document, key, reference, command.ts_ns)
        check_key(signed, CLIENT_KINDS[kind])
        check_time(signed)
        asked = asked_commands(signed, self.terms)
        once = sha256(reference.key_id.to_bytes(4, "little") + document.payload).digest()
        self._used.use(once, self._index(signed, asked, once), command.ts_ns)

    def _document(self, reference: RequestReference) -> RequestDocument:
        """Return the request that a command names. Raises: FaultError."""
        found = self._find(reference.request_hash)
        if found is None:
            raise FaultError(Fault.request_missing, f"a request of hash {reference.request_hash.hex()}", "none")
        try:
            return decode_document(found)
        except RequestDocumentError as error:
            raise FaultError(Fault.request_unreadable, "a signed request", str(error)) from error

    def _index(self, signed: SignedCommand, asked: AskedCommands, once: bytes) -> int:
        """Return which of a request's commands this one is. Raises: FaultError where it is none, or was ordered."""
        command, reference = signed.command._replace(ts_ns=0), signed.reference
        same = [
            index
            for index, each in enumerate(asked.commands)
            if each == command and asked.text_of(index) == reference.text
        ]
        free = [index for index in same if not self._used.is_used(once, index)]
        if free:
            return free[0]
        if same:
            raise FaultError(Fault.used_twice, "a request for each command", "one that was ordered before")
        expected, found = difference(asked, command, reference.text)
        raise FaultError(Fault.command_differs, expected, found)


def check_key(signed: SignedCommand, scope: int) -> None:
    """Refuse a key of another account, one that had ended, one without the scope, and what it did not sign.

    Raises: FaultError.
    """
    key, account_id = signed.key, signed.command.account_id
    if key.account_id != account_id:
        raise FaultError(Fault.account_differs, f"a key of account {account_id}", f"one of account {key.account_id}")
    if key.ended_seq:
        found = f"key {signed.reference.key_id}, revoked by command {key.ended_seq}"
        raise FaultError(Fault.key_not_in_force, "a key in force", found)
    if key.valid_until_ns and signed.ts_ns >= key.valid_until_ns + STAMPED_WITHIN_NS:
        found = f"key {signed.reference.key_id}, valid until {key.valid_until_ns}"
        raise FaultError(Fault.key_not_in_force, "a key in force", found)
    if not key.scopes & scope:
        raise FaultError(Fault.scope_missing, f"scope {scope}", f"scopes {key.scopes}")
    if not signed.document.is_signed_by(key.public_key):
        raise FaultError(Fault.signature_invalid, f"a signature of key {signed.reference.key_id}", "another one")


def check_time(signed: SignedCommand) -> None:
    """Refuse a request that was ordered before it was made, or behind its window. Raises: FaultError."""
    try:
        parameters = signed.document.parameters()
        stamp_us, window_us = read_stamp_us(parameters), read_window_us(parameters)
    except DialectError as error:
        raise FaultError(Fault.out_of_time, "a time and a window", error.message) from error
    first_ns = (stamp_us - AHEAD_MAX_US) * NS_PER_US - STAMPED_WITHIN_NS
    last_ns = (stamp_us + window_us) * NS_PER_US + STAMPED_WITHIN_NS
    if not first_ns <= signed.ts_ns <= last_ns:
        raise FaultError(Fault.out_of_time, f"a command from {first_ns} to {last_ns}", f"one of {signed.ts_ns}")


def asked_commands(signed: SignedCommand, terms: RecordTerms) -> AskedCommands:
    """Return what a request asks for. Raises: FaultError where that is nothing."""
    account_id = signed.command.account_id
    party = OrderParty(account_id, terms.approvals.get(account_id, 0))
    try:
        return commands_of(signed.document, party, TermsOfCommand(terms, signed.command))
    except DialectError as error:
        raise FaultError(Fault.command_differs, "what the request asks for", error.message) from error


def difference(asked: AskedCommands, command: Any, text: str) -> tuple[str, str]:
    """Return what a request asks for and what was ordered, in the fields that differ."""
    kind = type(command)
    index = next((at for at, each in enumerate(asked.commands) if type(each) is kind), None)
    if index is None:
        return " and ".join(type(each).__name__ for each in asked.commands), kind.__name__
    expected = asked.commands[index]
    names = [name for name in kind._fields if getattr(expected, name) != getattr(command, name)]
    if not names:
        return f"the text {asked.text_of(index)!r}", f"the text {text!r}"
    return said(expected, names), said(command, names)


def said(command: Any, names: list[str]) -> str:
    """Return some fields of a command in words."""
    values = ((name, getattr(command, name)) for name in names)
    return ", ".join(f"{name} {value.hex() if isinstance(value, bytes) else value}" for name, value in values)
