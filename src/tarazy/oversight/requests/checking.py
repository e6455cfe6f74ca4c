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
from typing import Any, NamedTuple

from tarazy.domain.records import COMMANDS, CommandKind
from tarazy.journal.sections import RequestReference
from tarazy.oversight.requests.block_checking import BlockChecker, CheckedBlock
from tarazy.oversight.requests.block_requests import Quoted
from tarazy.oversight.requests.document import RAW, RequestDocument
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.faults import Fault, FaultError
from tarazy.oversight.requests.key_checks import (
    REMEMBERED_NS,
    TRADE_SCOPE,
    WITHDRAW_SCOPE,
    RequestOfKey,
    check_key,
    check_signature,
    check_time,
    kept_document,
    once_of,
)
from tarazy.oversight.requests.order_requests import OrderParty
from tarazy.oversight.requests.record_terms import RecordTerms, TermsOfCommand
from tarazy.oversight.requests.translation import AskedCommands, as_asked, commands_of

BLOCK = CommandKind.execute_block_trade
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
    CommandKind.execute_block_trade: TRADE_SCOPE,
    CommandKind.request_withdrawal: WITHDRAW_SCOPE,
}
FINDINGS_MAX = 100


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


@dataclass
class RequestsReport:
    """What was found over a record. Counts are of commands; `findings` has the first hundred, `faults` all of them.

    A trade off the book counts for each of its two parties.
    """

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


class LatestRequest(NamedTuple):
    """The request that was looked at last: a batch stands behind many commands, one behind the other."""

    asked_by: RequestOfKey
    request_hash: bytes
    asked: AskedCommands
    once: bytes


class RequestChecker:
    """Hold commands against requests one by one, in the record's order. `find(hash)` returns a kept document."""

    def __init__(self, terms: RecordTerms, find: Callable[[bytes], bytes | None]) -> None:
        self.terms = terms
        self.report = RequestsReport()
        self._find = find
        self._used = UsedRequests()
        self._blocks = BlockChecker(terms, find)
        self._latest: LatestRequest | None = None

    def check(
        self, seq: int, record: bytes, reference: RequestReference | None, *, is_officers: bool, is_traded: bool = False
    ) -> None:
        """Check one command of a client's kind; `is_traded`: it is a trade off the book, and settled."""
        kind = int.from_bytes(record[:2], "little")
        command = COMMANDS[kind].unpack(record)
        if reference is not None and reference.text:
            self.terms.note_text(seq, reference.text)
        if is_officers:
            self.report.by_officers += 1
            return
        try:
            block = self._blocks.check(command, is_traded=is_traded) if kind == BLOCK else None
            is_signed = self._is_signed(kind, command, reference, block)
        except FaultError as error:
            account_id = error.account_id or command.account_id
            self._fault(RequestFinding(seq, account_id, error.fault, error.expected, error.found))
            return
        self._count(command.account_id, is_signed)
        if block is not None:
            self._count(command.counterparty_account_id, block.is_quote_signed)

    def _count(self, account_id: int, is_signed: bool) -> None:
        """Count a command of an account."""
        report = self.report
        if is_signed:
            report.signed += 1
            report.signed_of[account_id] += 1
        else:
            report.unsigned += 1
            report.unsigned_of[account_id] += 1

    def _is_signed(
        self, kind: int, command: Any, reference: RequestReference | None, block: CheckedBlock | None
    ) -> bool:
        """Say whether a signed request stands behind a command, and check it. Raises: FaultError."""
        if reference is None or reference.key_id not in self.terms.keys:
            self.terms.require_signature(command.account_id, command.ts_ns)
            return False
        self._check_signed(kind, command, reference, block.quoted if block is not None else None)
        return True

    def _fault(self, finding: RequestFinding) -> None:
        self.report.faults[finding.fault.name] += 1
        if len(self.report.findings) < FINDINGS_MAX:
            self.report.findings.append(finding)

    def _check_signed(self, kind: int, command: Any, reference: RequestReference, quoted: Quoted | None) -> None:
        """Check a command that names a registered key. Raises: FaultError."""
        key = self.terms.keys[reference.key_id]
        latest = self._latest
        if latest is None or latest.request_hash != reference.request_hash or latest.asked_by.key is not key:
            document = kept_document(self._find, reference.request_hash)
            latest = None
        else:
            document = latest.asked_by.document
        signed = RequestOfKey(command.account_id, document, reference.key_id, key, command.ts_ns)
        check_key(signed, CLIENT_KINDS[kind])
        if latest is None:
            check_signature(signed)
        check_time(signed)
        if latest is not None and latest.asked_by.account_id == command.account_id:
            asked, once = latest.asked, latest.once
        else:
            asked = asked_commands(document, command, self.terms, quoted)
            once = once_of(reference.key_id, document)
        self._used.use(once, self._index(command, reference, asked, once), command.ts_ns)
        is_many = document.channel == RAW
        self._latest = LatestRequest(signed, reference.request_hash, asked, once) if is_many else None

    def _index(self, command: Any, reference: RequestReference, asked: AskedCommands, once: bytes) -> int:
        """Return which of a request's commands this one is. Raises: FaultError where it is none, or was ordered."""
        same = [index for index in asked.places_of(command) if asked.text_of(index) == reference.text]
        free = next((index for index in same if not self._used.is_used(once, index)), None)
        if free is not None:
            return free
        if same:
            raise FaultError(Fault.used_twice, "a request for each command", "one that was ordered before")
        expected, found = difference(asked, as_asked(command), reference.text)
        raise FaultError(Fault.command_differs, expected, found)


def asked_commands(document: RequestDocument, command: Any, terms: RecordTerms, quoted: Quoted | None) -> AskedCommands:
    """Return what a request asks for. Raises: FaultError where that is nothing."""
    account_id = command.account_id
    party = OrderParty(account_id, terms.approvals.get(account_id, 0))
    try:
        return commands_of(document, party, TermsOfCommand(terms, command, quoted))
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
