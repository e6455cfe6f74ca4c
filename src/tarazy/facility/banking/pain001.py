"""pain.001.001.09 written: one message for the approved payouts of one account.

Where the codes of Kazakhstan stand: the KNP as `Purp/Prtry`, KOd and KBe as `RgltryRptg/Dtls` with the types KOD and
KBE, IIN or BIN as `Id/PrvtId|OrgId/Othr` with the scheme IIN or BIN, the actual payee as `UltmtCdtr`, the country of
residence as `CtryOfRes`. The National Bank's usage guidelines were not seen: compare with the bank's own guide.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from tarazy.domain.identifiers.iin_bin import NationalNumber, national_number
from tarazy.facility.banking.amounts import decimal_text, minor_from, scale_of
from tarazy.facility.banking.errors import BankFieldError
from tarazy.facility.banking.payouts import BankPayout

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


class PaymentSender(NamedTuple):
    """The facility as the payer. `sector_code` is its KOd."""

    name: str
    identifier: str
    account: str
    bic: str
    sector_code: str


def payment_message(message_id: str, made: datetime, sender: PaymentSender, payouts: Sequence[BankPayout]) -> bytes:
    """Return the message; the same arguments give the same bytes."""
    document = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})
    root = put(document, "CstmrCdtTrfInitn")
    scale = scale_of(payouts[0].currency)
    total = decimal_text(sum(each.amount_minor for each in payouts), scale)
    head = put(root, "GrpHdr")
    for name, value in (("MsgId", message_id), ("CreDtTm", made.strftime("%Y-%m-%dT%H:%M:%SZ"))):
        put(head, name, value)
    put(head, "NbOfTxs", str(len(payouts)))
    put(head, "CtrlSum", total)
    put_party(put(head, "InitgPty"), sender.name, sender.identifier)
    block = put(root, "PmtInf")
    for name, value in (
        ("PmtInfId", message_id),
        ("PmtMtd", "TRF"),
        ("NbOfTxs", str(len(payouts))),
        ("CtrlSum", total),
    ):
        put(block, name, value)
    put(put(block, "ReqdExctnDt"), "Dt", made.date().isoformat())
    put_party(put(block, "Dbtr"), sender.name, sender.identifier)
    put(put(put(block, "DbtrAcct"), "Id"), "IBAN", sender.account)
    put(put(put(block, "DbtrAgt"), "FinInstnId"), "BICFI", sender.bic)
    for each in payouts:
        put_payment(put(block, "CdtTrfTxInf"), each, scale, sender)
    return bytes(etree.tostring(document, xml_declaration=True, encoding="UTF-8"))


def put_payment(element: Any, payout: BankPayout, scale: int, sender: PaymentSender) -> None:
    """Write one payment."""
    payee = payout.payee
    put(put(element, "PmtId"), "EndToEndId", payout.end_to_end_id)
    amount = put(put(element, "Amt"), "InstdAmt", decimal_text(payout.amount_minor, scale))
    amount.set("Ccy", payout.currency)
    put(put(put(element, "CdtrAgt"), "FinInstnId"), "BICFI", payee.bic)
    put_party(put(element, "Cdtr"), payee.name, payee.identifier, payee.country)
    put(put(put(element, "CdtrAcct"), "Id"), "IBAN", payee.iban)
    if payee.actual_name:
        put_party(put(element, "UltmtCdtr"), payee.actual_name, payee.actual_identifier)
    put(put(element, "Purp"), "Prtry", payout.purpose)
    report = put(element, "RgltryRptg")
    for kind, code in (("KOD", sender.sector_code), ("KBE", payee.sector_code)):
        details = put(report, "Dtls")
        put(details, "Tp", kind)
        put(details, "Cd", code)
    put(put(element, "RmtInf"), "Ustrd", payout.text)


def put_party(element: Any, name: str, identifier: str, country: str = "") -> None:
    """Write who somebody is."""
    put(element, "Nm", name)
    kind = national_number(identifier)
    if identifier:
        outer = "OrgId" if kind is NationalNumber.organisation else "PrvtId"
        other = put(put(put(element, "Id"), outer), "Othr")
        put(other, "Id", identifier)
        if kind is not None:
            put(put(other, "SchmeNm"), "Prtry", kind.value.upper())
    if country:
        put(element, "CtryOfRes", country)


def put(parent: Any, name: str, text: str | None = None) -> Any:
    """Add an element."""
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text
    return element


def check_payment_message(content: bytes, payouts: Sequence[BankPayout], schema: Path | None = None) -> str:
    """Compare a message with what it should say, and hold it to a schema file where one is given.

    Returns what it was checked by: `schema` or `structure`. Raises: BankFieldError.
    """
    parser = safe_parser()
    document = etree.fromstring(content, parser)
    names = {"p": NAMESPACE}
    found = [
        (
            each.findtext("p:PmtId/p:EndToEndId", namespaces=names),
            minor_from(each.findtext("p:Amt/p:InstdAmt", namespaces=names) or "", scale_of(payouts[0].currency)),
            each.findtext("p:CdtrAcct/p:Id/p:IBAN", namespaces=names),
        )
        for each in document.iterfind(".//p:CdtTrfTxInf", names)
    ]
    wanted = [(each.end_to_end_id, each.amount_minor, each.payee.iban) for each in payouts]
    total = minor_from(
        document.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=names) or "", scale_of(payouts[0].currency)
    )
    if found != wanted or total != sum(each.amount_minor for each in payouts) or len(set(found)) != len(found):
        raise BankFieldError("pain.001", expected=f"the {len(wanted)} approved payments", found="another message")
    if schema is None:
        return "structure"
    rules = etree.XMLSchema(etree.parse(str(schema), parser))
    if not rules.validate(document):
        raise BankFieldError(
            "pain.001", expected=f"what {schema.name} allows", found=str(rules.error_log.last_error)[:300]
        )
    return "schema"


def safe_parser() -> Any:
    """Return a parser that expands and fetches nothing."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
