"""camt.052, camt.053 and camt.054 read in a stream: bounded memory, whatever the size of the file.

The parser knows no network and expands no entity; a document type ends the reading, as no message of ISO 20022 has
one. Only one entry stands in memory, without its transactions: each of those is turned into a value and parted from the
tree at its end. What a file holds between two such ends is bounded, so that neither one endless element nor a million
unknown ones fill the memory. Depth is bounded by libxml2 (256), texts by 10 MB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from lxml import etree

from tarazy.facility.banking import camt_fields as fields
from tarazy.facility.banking.amounts import minor_from, scale_of
from tarazy.facility.banking.camt_fields import Element, child, local, named, text_at
from tarazy.facility.banking.checks import FileCheck, StatedTotals, StatementCheck
from tarazy.facility.banking.details import check_details
from tarazy.facility.banking.errors import BankFieldError, BankFileError
from tarazy.facility.banking.statements import (
    BankBalance,
    BankEntry,
    EntryDetail,
    StatementForm,
    StatementHead,
    StatementPart,
)

CHUNK_BYTES = 1 << 16
STRIDE_BYTES_MAX = 8 << 20
TRIM_BYTES = 1 << 20
DETAILS_MAX = 200_000
BALANCES_MAX = 1_000
FORMS = {"Rpt": StatementForm.intraday, "Stmt": StatementForm.booked, "Ntfctn": StatementForm.notice}
TAGS = tuple(f"{{*}}{name}" for name in ("GrpHdr", "Ntry", *FORMS))
VERSION = re.compile(r"(camt\.05[234]\.\d{3}\.\d{2})$")


class OpenStatement(NamedTuple):
    """A statement whose entries are being read."""

    check: StatementCheck
    balances: list[BankBalance]


class CamtReader:
    """Turns one file into parts. Used once."""

    def __init__(self, file: BinaryIO, where: object, turned: frozenset[int] = frozenset()) -> None:
        self.file, self.where, self.turned = file, where, turned
        self.files = FileCheck()
        self.open: OpenStatement | None = None
        self.message_id = ""
        self.statements = 0
        self.details: list[EntryDetail] = []
        self.detail_faults: list[BankFieldError] = []
        self.messages: Element | None = None
        self.is_checked = False
        self.line = 1

    def parts(self) -> Iterator[StatementPart]:
        """Yield head, entries and end of each statement. Raises: BankFileError where the file cannot be read on."""
        parser = etree.XMLPullParser(
            events=("end",),
            tag=TAGS,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        stride = 0
        try:
            while chunk := self.file.read(CHUNK_BYTES):
                parser.feed(chunk)
                stride += len(chunk)
                parent: Element | None = None
                for _, element in parser.read_events():
                    stride = 0
                    if local(element) != "Ntry":
                        yield from self._at_end_of(element)
                        continue
                    parent = element.getparent()
                    if self.open is None:
                        yield self._begin(parent)
                    entry = self._take_entry(element)
                    if entry is not None:
                        yield entry
                if parent is not None:
                    del parent[:-1]
                if stride >= TRIM_BYTES:
                    stride = self._trim(stride)
            parser.close()
        except etree.XMLSyntaxError as error:
            raise self._broken(error) from None
        if self.statements == 0:
            expected = "a statement of camt.052, camt.053 or camt.054"
            raise BankFileError(self.where, 1, expected=expected, found="XML without one")

    def _broken(self, error: etree.XMLSyntaxError) -> BankFileError:
        line = max(error.lineno or 0, self.line)
        action = "The file is cut or damaged: ask the bank for it again"
        return BankFileError(self.where, line, expected="well-formed XML", found=str(error.msg)[:200], action=action)

    def _at_end_of(self, element: Element) -> Iterator[StatementPart]:
        self.line = element.sourceline or self.line
        if not self.is_checked:
            self._refuse_document_type(element)
        if local(element) in FORMS:
            yield from self._take_end(element)
            return
        self.message_id = text_at(element, "MsgId")
        self.messages = element.getparent()

    def _refuse_document_type(self, element: Element) -> None:
        self.is_checked = True
        if element.getroottree().docinfo.internalDTD is not None or element.getroottree().docinfo.doctype:
            action = "No bank sends one: find out where the file comes from"
            found = "a document type, which can hold entities"
            raise BankFileError(self.where, 1, expected="a message of ISO 20022", found=found, action=action)

    def _trim(self, stride: int) -> int:
        """Take the whole transactions of a long entry out of the tree; return how far the last progress lies back."""
        statement = None if self.messages is None or len(self.messages) == 0 else self.messages[-1]
        entry = None if statement is None or len(statement) == 0 else statement[-1]
        if entry is not None and local(entry) == "Ntry" and self._take_details(entry):
            return 0
        if stride <= STRIDE_BYTES_MAX:
            return stride
        expected = f"an entry, a transaction or a statement within {STRIDE_BYTES_MAX:,} bytes"
        raise BankFileError(self.where, self.line, expected=expected, found="none")

    def _take_details(self, entry: Element) -> int:
        """Turn the whole transactions of an open entry into values, part them from the tree and count them.

        Whole are all but the last of the last group.
        """
        groups = named(entry, "NtryDtls")
        whole = [each for group in groups[:-1] for each in group] + [
            each for group in groups[-1:] for each in group[:-1]
        ]
        if len(self.details) + len(whole) > DETAILS_MAX:
            found = "more of them"
            raise BankFileError(self.where, self.line, expected=f"{DETAILS_MAX:,} transactions an entry", found=found)
        try:
            sign = fields.sign_of(text_at(entry, "CdtDbtInd")) if whole else 0
            self.details += [fields.detail_of(each, sign) for each in whole if local(each) == "TxDtls"]
        except BankFieldError as error:
            self.detail_faults = self.detail_faults or [error]
        for each in whole:
            each.getparent().remove(each)
        for group in groups[:-1]:
            entry.remove(group)
        return len(whole)

    def _take_entry(self, element: Element) -> BankEntry | None:
        check = self._statement().check
        position = check.entry_count + 1
        self.line = line = element.sourceline or self.line
        details, faults = self.details, self.detail_faults
        self.details, self.detail_faults = [], []
        try:
            if faults:
                raise faults[0]
            entry = fields.entry_of(element, position, details)
        except BankFieldError as error:
            check.drop(line, f"{error.expected} as {error.where}", error.found, position)
            check.entry_count += 1
            return None
        if entry.is_reversal and check.head.number in self.turned:
            entry = turn(entry)
        check_details(entry, check)
        check.add(entry)
        return entry

    def _take_end(self, element: Element) -> Iterator[StatementPart]:
        if self.open is None:
            yield self._begin(element)
        statement = self._statement()
        self._balances(element, statement)
        end = statement.check.end(tuple(statement.balances))
        self.files.end(statement.check, end)
        yield end._replace(faults=tuple(statement.check.faults))
        self.open = None
        part_before(element)
        element.getparent().remove(element)

    def _begin(self, element: Element) -> StatementHead:
        """Read what stands before the first entry."""
        if element is None or local(element) not in FORMS:
            raise BankFileError(self.where, self.line, expected="Ntry within a statement", found="it elsewhere")
        if not self.is_checked:
            self._refuse_document_type(element)
        self.statements += 1
        faults: list[BankFieldError] = []
        head = self._head(element, faults)
        check = StatementCheck(head)
        for error in faults:
            check.fault("field", head.line, f"{error.expected} as {error.where}", error.found)
        self.open = OpenStatement(check, [])
        self._balances(element, self.open)
        check.head = head = head._replace(
            currency=head.currency or next((each.currency for each in self.open.balances), ""),
            balances=tuple(self.open.balances),
        )
        self._totals(element, check)
        for name, value in (("an account", head.account), ("an Id", head.statement_id)):
            if not value:
                check.fault("field", head.line, name, "none")
        self.files.begin(check)
        return head

    def _head(self, element: Element, faults: list[BankFieldError]) -> StatementHead:
        account = child(element, "Acct")
        numbers: list[int | None] = []
        for name in ("ElctrncSeqNb", "LglSeqNb"):
            try:
                numbers.append(fields.whole_number(text_at(element, name), name))
            except BankFieldError as error:
                faults.append(error)
                numbers.append(None)
        page = text_at(element, "StmtPgntn", "PgNb") or text_at(element, "RptPgntn", "PgNb")
        last = text_at(element, "StmtPgntn", "LastPgInd") or text_at(element, "RptPgntn", "LastPgInd")
        namespace = etree.QName(element).namespace or ""
        version = VERSION.search(namespace)
        form = FORMS[local(element)]
        return StatementHead(
            self.statements,
            element.sourceline or 0,
            form,
            version.group(1) if version else form.value,
            self.message_id,
            text_at(element, "Id"),
            fields.account_of(account),
            text_at(account, "Ccy") if account is not None else "",
            servicer_of(account) if account is not None else "",
            text_at(account, "Ownr", "Nm") or text_at(account, "Ownr", "Pty", "Nm") if account is not None else "",
            numbers[0],
            numbers[1],
            int(page) if page.isascii() and page.isdigit() and len(page) < 10 else 0,
            last in ("", "true", "1"),
            text_at(element, "CreDtTm"),
            text_at(element, "CpyDplctInd"),
            (),
        )

    def _balances(self, element: Element, statement: OpenStatement) -> None:
        """Read the balances that were not read yet; each is parted from the tree."""
        for each in named(element, "Bal"):
            element.remove(each)
            if len(statement.balances) >= BALANCES_MAX:
                raise BankFileError(self.where, self.line, expected=f"{BALANCES_MAX} balances", found="more")
            try:
                statement.balances.append(fields.balance_of(each))
            except BankFieldError as error:
                statement.check.drop(each.sourceline or 0, f"{error.expected} as {error.where}", error.found)

    def _totals(self, element: Element, check: StatementCheck) -> None:
        """Read what the bank says of the sum of its entries."""
        summary = child(element, "TxsSummry")
        if summary is None:
            return
        try:
            check.totals = totals_of(summary, check.head.currency)
        except BankFieldError as error:
            check.fault("field", summary.sourceline or 0, f"{error.expected} as {error.where}", error.found)

    def _statement(self) -> OpenStatement:
        if self.open is None:
            raise BankFileError(self.where, self.line, expected="an open statement", found="none")
        return self.open


def turn(entry: BankEntry) -> BankEntry:
    """Return an entry with its sign, and that of its transactions, changed."""
    details = tuple(
        each if each.amount_minor is None else each._replace(amount_minor=-each.amount_minor) for each in entry.details
    )
    return entry._replace(amount_minor=-entry.amount_minor, details=details)


def part_before(element: Element) -> None:
    """Take everything before an element away, so that what is not read does not gather."""
    while (before := element.getprevious()) is not None:
        element.getparent().remove(before)


def servicer_of(account: Element) -> str:
    """Return the bank of an account: its BIC, else its own number."""
    bank = child(account, "Svcr", "FinInstnId")
    if bank is None:
        return ""
    return text_at(bank, "BICFI") or text_at(bank, "BIC") or text_at(bank, "ClrSysMmbId", "MmbId")


def totals_of(summary: Element, currency: str) -> StatedTotals:
    """Return the counts and sums of a `TxsSummry`. Raises: BankFieldError."""
    scale = scale_of(currency) if currency else 2
    whole = child(summary, "TtlNtries")
    net: int | None = None
    if whole is not None:
        net_of = child(whole, "TtlNetNtry")
        stated = net_of if net_of is not None else whole
        amount = text_at(stated, "Amt") or text_at(whole, "TtlNetNtryAmt")
        sign = text_at(stated, "CdtDbtInd")
        net = fields.sign_of(sign) * minor_from(amount, scale) if amount and sign else None
    counts = [
        fields.whole_number(text_at(summary, name, "NbOfNtries"), name)
        for name in ("TtlNtries", "TtlCdtNtries", "TtlDbtNtries")
    ]
    return StatedTotals(summary.sourceline or 0, counts[0], net, counts[1], counts[2])
