"""pain.002 read: what a bank says of a payment message, of its parts, of single payments.

Any version: elements are known by their local names. A status of the whole message stands for every payment of which
nothing is said apart.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lxml import etree

from tarazy.facility.banking.camt_fields import by_name, named, text_at
from tarazy.facility.banking.errors import BankFileError
from tarazy.facility.banking.pain001 import safe_parser

BYTES_MAX = 16 << 20
REJECTED = ("RJCT", "CANC", "BLCK")
WHOLE = "*"
REPORT = "CstmrPmtStsRpt"


class PaymentStatus(NamedTuple):
    """A status with its reason; `end_to_end_id` is `*` for every payment of the message."""

    message_id: str
    end_to_end_id: str
    status: str
    reason: str

    @property
    def is_rejected(self) -> bool:
        """Say whether the bank will not pay."""
        return self.status in REJECTED


def read_status_report(content: bytes, where: object) -> list[PaymentStatus]:
    """Return the statuses of a report, from the whole to the single ones.

    Raises: BankFileError.
    """
    if len(content) > BYTES_MAX:
        raise BankFileError(where, 1, expected=f"at most {BYTES_MAX:,} bytes", found="more")
    try:
        document = etree.fromstring(content, safe_parser())
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise BankFileError(where, line, expected="a report as XML", found=str(error.msg)[:200]) from None
    if document.getroottree().docinfo.doctype:
        raise BankFileError(where, 1, expected="a report", found="a document type, which can hold entities")
    report = next((each for each in document.iter() if isinstance(each.tag, str) and local_name(each) == REPORT), None)
    if report is None:
        raise BankFileError(where, 1, expected="a CstmrPmtStsRpt", found="XML without one")
    group = by_name(report).get("OrgnlGrpInfAndSts")
    message_id = "" if group is None else text_at(group, "OrgnlMsgId")
    if group is None or not message_id:
        raise BankFileError(where, report.sourceline or 1, expected="an OrgnlMsgId", found="none")
    found = status_in(group, "GrpSts", message_id, WHOLE)
    for block in named(report, "OrgnlPmtInfAndSts"):
        found += status_in(block, "PmtInfSts", message_id, WHOLE)
        for payment in named(block, "TxInfAndSts"):
            found += status_in(payment, "TxSts", message_id, text_at(payment, "OrgnlEndToEndId"))
    return found


def local_name(element: Any) -> str:
    """Return an element's name without its namespace."""
    return str(etree.QName(element).localname)


def status_in(element: Any, name: str, message_id: str, end_to_end_id: str) -> list[PaymentStatus]:
    """Return the status that stands in an element, if one does."""
    status = text_at(element, name)
    if not status or not end_to_end_id:
        return []
    reasons = []
    for each in named(element, "StsRsnInf"):
        code = text_at(each, "Rsn", "Cd") or text_at(each, "Rsn", "Prtry")
        reasons.append(" ".join(part for part in (code, text_at(each, "AddtlInf")) if part))
    return [PaymentStatus(message_id, end_to_end_id, status, "; ".join(reasons)[:400])]
