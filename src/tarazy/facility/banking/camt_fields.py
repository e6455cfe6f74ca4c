"""Elements of camt messages turned into values: amounts, days, parties, details, entries.

Works for every version of camt.052, .053 and .054: elements are known by their local name, and what was renamed or
wrapped between versions (`Sts` with or without `Cd`, parties within `Pty` or bare) is read in both forms.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from tarazy.facility.banking.amounts import minor_from, scale_of
from tarazy.facility.banking.errors import BankFieldError
from tarazy.facility.banking.statements import (
    NOBODY,
    BankBalance,
    BankEntry,
    EntryCharge,
    EntryDetail,
    EntryParty,
)

Element = Any  # an element of lxml, which has no types of its own
SIGNS = {"CRDT": 1, "DBIT": -1}
TEXT_MAX = 4_000
NAMES_MAX = 4_096
UNNAMED = (NOBODY, NOBODY, NOBODY, NOBODY)


# Names of elements without their namespaces, each computed once: a plain dictionary is what is fastest here.
LOCAL: dict[str, str] = {}


def local(element: Element) -> str:
    """Return an element's name without its namespace; a file with endless names starts the dictionary anew."""
    tag: str = element.tag
    if tag not in LOCAL:
        if len(LOCAL) >= NAMES_MAX:
            LOCAL.clear()
        LOCAL[tag] = tag.rpartition("}")[2]
    return LOCAL[tag]


def by_name(element: Element) -> dict[str, Element]:
    """Return the children of an element by their local names; of several with one name the last."""
    try:
        return {LOCAL[each.tag]: each for each in element}
    except KeyError:
        return {local(each): each for each in element}


def named(element: Element, name: str) -> list[Element]:
    """Return the children with a local name."""
    return [each for each in element if local(each) == name]


def child(element: Element, *path: str) -> Element | None:
    """Return the first element at a path of local names, or None."""
    for name in path:
        for each in element:
            if local(each) == name:
                element = each
                break
        else:
            return None
    return element


def text_at(element: Element, *path: str) -> str:
    """Return the text at a path, without the spaces around it, or an empty one."""
    found = child(element, *path)
    return text_of(found) if found is not None else ""


def text_of(element: Element) -> str:
    """Return the text of an element."""
    text: str | None = element.text
    if not text:
        return ""
    return text.strip() if len(text) <= TEXT_MAX else text[:TEXT_MAX].strip()


@lru_cache(maxsize=4096)
def day_from(text: str) -> date:
    """Return the day of a date or a time, which may carry a zone. Raises: BankFieldError."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BankFieldError("date", expected="a day such as 2026-11-30", found=repr(text[:40])) from None


def day_of(element: Element | None) -> date | None:
    """Return the day of an element that holds `Dt` or `DtTm`. Raises: BankFieldError."""
    if element is None or len(element) == 0:
        return None
    return day_from(text_of(element[0]))


def whole_number(text: str, what: str) -> int | None:
    """Return a number, None for no text. Raises: BankFieldError."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BankFieldError(what, expected="digits", found=repr(text[:40]))
    return int(text)


def amount_of(element: Element) -> tuple[int, str]:
    """Return the amount of an `Amt` and its currency. Raises: BankFieldError."""
    currency = element.get("Ccy") or ""
    return minor_from(element.text or "", scale_of(currency)), currency


def sign_of(text: str) -> int:
    """Return 1 for a credit, -1 for a debit. Raises: BankFieldError."""
    sign = SIGNS.get(text)
    if sign is None:
        raise BankFieldError("CdtDbtInd", expected="CRDT or DBIT", found=repr(text[:20]))
    return sign


def flag_of(text: str, what: str) -> bool:
    """Return a truth value as XML writes it. Raises: BankFieldError."""
    if text not in ("true", "false", "1", "0", ""):
        raise BankFieldError(what, expected="true or false", found=repr(text[:20]))
    return text in ("true", "1")


def signed_amount(element: Element, what: str) -> tuple[int, str]:
    """Return amount with sign and currency of an element with `Amt` and `CdtDbtInd`. Raises: BankFieldError."""
    amount = child(element, "Amt")
    if amount is None:
        raise BankFieldError(what, expected="an Amt", found="none")
    minor, currency = amount_of(amount)
    return sign_of(text_at(element, "CdtDbtInd")) * minor, currency


def balance_of(element: Element) -> BankBalance:
    """Return a balance. Raises: BankFieldError."""
    code = text_at(element, "Tp", "CdOrPrtry", "Cd") or text_at(element, "Tp", "CdOrPrtry", "Prtry")
    minor, currency = signed_amount(element, "Bal")
    is_interim = text_at(element, "Tp", "SubTp", "Cd") == "INTM"
    return BankBalance(code, minor, currency, day_of(child(element, "Dt")), is_interim, element.sourceline or 0)


def account_of(element: Element | None) -> str:
    """Return the number of an account: its IBAN, else its other number."""
    if element is None:
        return ""
    return text_at(element, "Id", "IBAN") or text_at(element, "Id", "Othr", "Id")


def party_of(element: Element | None, account: str = "") -> EntryParty:
    """Return a party; newer versions wrap it in `Pty`."""
    if element is None:
        return EntryParty(account=account) if account else NOBODY
    inner = child(element, "Pty")
    element = element if inner is None else inner
    identifier = text_at(element, "Id", "PrvtId", "Othr", "Id") or text_at(element, "Id", "OrgId", "Othr", "Id")
    country = text_at(element, "CtryOfRes") or text_at(element, "PstlAdr", "Ctry")
    return EntryParty(text_at(element, "Nm"), account, identifier, country)


def charges_of(element: Element) -> tuple[EntryCharge, ...]:
    """Return the charges of a `Chrgs`: records in newer versions, the element itself in older ones.

    Raises: BankFieldError.
    """
    records = named(element, "Rcrd")
    if not records and text_at(element, "Amt"):
        records = [element]
    found = []
    for record in records:
        minor, currency = amount_of(child(record, "Amt"))
        sign = sign_of(text_at(record, "CdtDbtInd") or "DBIT")
        is_included = flag_of(text_at(record, "ChrgInclInd"), "ChrgInclInd")
        found.append(EntryCharge(sign * minor, currency, is_included))
    return tuple(found)


def detail_of(element: Element, sign: int) -> EntryDetail:
    """Return one transaction of an entry whose sign is known. Raises: BankFieldError."""
    values = by_name(element)
    references = {name: text_of(each) for name, each in by_name(values["Refs"]).items()} if "Refs" in values else {}
    get = references.get
    amount, own_sign = amount_in(values), sign_of(text_of(values["CdtDbtInd"])) if "CdtDbtInd" in values else sign
    return EntryDetail(
        None if amount is None else own_sign * amount[0],
        "" if amount is None else amount[1],
        get("EndToEndId", ""),
        get("InstrId", ""),
        get("TxId", ""),
        get("UETR", ""),
        get("AcctSvcrRef", ""),
        *(parties_of(by_name(values["RltdPties"])) if "RltdPties" in values else UNNAMED),
        code_in(values["Purp"]) if "Purp" in values else "",
        remittance_of(values["RmtInf"]) if "RmtInf" in values else "",
        code_in(child(values["RtrInf"], "Rsn")) if "RtrInf" in values else "",
        charges_of(values["Chrgs"]) if "Chrgs" in values else (),
    )


def amount_in(values: dict[str, Element]) -> tuple[int, str] | None:
    """Return amount and currency of a transaction: its own, else that of its details. Raises: BankFieldError."""
    if "Amt" in values:
        return amount_of(values["Amt"])
    stated = child(values["AmtDtls"], "TxAmt", "Amt") if "AmtDtls" in values else None
    return None if stated is None else amount_of(stated)


def code_in(element: Element | None) -> str:
    """Return a code: the bank's own first, which is where codes of one country stand, else the common one."""
    return "" if element is None else text_at(element, "Prtry") or text_at(element, "Cd")


def parties_of(found: dict[str, Element]) -> tuple[EntryParty, EntryParty, EntryParty, EntryParty]:
    """Return payer, payee, actual payer and actual payee."""
    payer = party_of(found.get("Dbtr"), account_of(found.get("DbtrAcct")))
    payee = party_of(found.get("Cdtr"), account_of(found.get("CdtrAcct")))
    return payer, payee, party_of(found.get("UltmtDbtr")), party_of(found.get("UltmtCdtr"))


def remittance_of(element: Element) -> str:
    """Return the text of a payment: free lines, then structured references."""
    lines = [text_of(each) for each in element if local(each) == "Ustrd"]
    if len(lines) < len(element):
        for each in named(element, "Strd"):
            lines += [text for text in (text_at(each, "CdtrRefInf", "Ref"), text_at(each, "AddtlRmtInf")) if text]
    return " ".join(lines)[:TEXT_MAX]


def status_of(element: Element) -> str:
    """Return the status of an entry, which newer versions wrap in `Cd`."""
    return text_of(element if len(element) == 0 else element[0])


def transaction_code_of(element: Element) -> str:
    """Return the code of a transaction: domain, family and sub-family, else the bank's own."""
    domain = child(element, "Domn")
    if domain is None:
        return text_at(element, "Prtry", "Cd")
    parts = (text_at(domain, "Cd"), text_at(domain, "Fmly", "Cd"), text_at(domain, "Fmly", "SubFmlyCd"))
    return "/".join(part for part in parts if part)


def entry_of(element: Element, position: int, taken: list[EntryDetail]) -> BankEntry:
    """Return an entry; `taken` are transactions that were parted from it while it was read. Raises: BankFieldError."""
    values = by_name(element)
    if "Amt" not in values or "CdtDbtInd" not in values:
        raise BankFieldError("Ntry", expected="an Amt and a CdtDbtInd", found="not both")
    sign = sign_of(text_of(values["CdtDbtInd"]))
    minor, currency = amount_of(values["Amt"])
    details = taken
    if "NtryDtls" in values:
        groups = [values["NtryDtls"]] if len(values) == len(element) else named(element, "NtryDtls")
        details = taken + [detail_of(each, sign) for group in groups for each in group if local(each) == "TxDtls"]
    return BankEntry(
        position,
        element.sourceline or 0,
        sign * minor,
        currency,
        status_of(values["Sts"]) if "Sts" in values else "BOOK",
        "RvslInd" in values and flag_of(text_of(values["RvslInd"]), "RvslInd"),
        day_of(values.get("BookgDt")),
        day_of(values.get("ValDt")),
        text_of(values["NtryRef"]) if "NtryRef" in values else "",
        text_of(values["AcctSvcrRef"]) if "AcctSvcrRef" in values else "",
        transaction_code_of(values["BkTxCd"]) if "BkTxCd" in values else "",
        text_of(values["AddtlNtryInf"]) if "AddtlNtryInf" in values else "",
        tuple(details),
        charges_of(values["Chrgs"]) if "Chrgs" in values else (),
    )
