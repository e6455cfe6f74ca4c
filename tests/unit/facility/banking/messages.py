"""Messages of banks written for tests: text alone, from the formats' descriptions, by nothing of what is tested."""

from __future__ import annotations

from collections.abc import Sequence

ACCOUNT = "KZ86125KZT5004100100"
ROOTS = {
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "053": ("BkToCstmrStmt", "Stmt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def balance(code: str, amount: str, mark: str = "CRDT", day: str = "2026-11-27", currency: str = "KZT") -> str:
    """Return a balance."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(
    amount: str,
    mark: str = "CRDT",
    *,
    inner: str = "",
    reversal: str = "",
    status: str = "<Cd>BOOK</Cd>",
    reference: str = "R1",
    currency: str = "KZT",
    day: str = "2026-11-27",
) -> str:
    """Return an entry; `inner` is what stands behind the servicer's reference."""
    turned = f"<RvslInd>{reversal}</RvslInd>" if reversal else ""
    return (
        f"<Ntry><Amt Ccy='{currency}'>{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{turned}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<AcctSvcrRef>{reference}</AcctSvcrRef>{inner}</Ntry>"
    )


def details(*transactions: str) -> str:
    """Return the details of an entry."""
    return f"<NtryDtls>{''.join(f'<TxDtls>{each}</TxDtls>' for each in transactions)}</NtryDtls>"


def statement(
    *entries: str,
    balances: Sequence[str] = (),
    number: str = "S1",
    sequence: str = "",
    account: str = ACCOUNT,
    currency: str = "KZT",
    kind: str = "053",
    extra: str = "",
) -> str:
    """Return a statement; `extra` stands before the account."""
    tag = ROOTS[kind][1]
    counted = f"<ElctrncSeqNb>{sequence}</ElctrncSeqNb>" if sequence else ""
    return (
        f"<{tag}><Id>{number}</Id>{extra}{counted}<CreDtTm>2026-11-28T01:00:00+05:00</CreDtTm>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>\n"
        + "\n".join([*balances, *entries])
        + f"</{tag}>"
    )


def camt(*statements: str, kind: str = "053", version: str = "08", head: str = "", encoding: str = "UTF-8") -> bytes:
    """Return a whole message."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n{head}'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"><{ROOTS[kind][0]}>'
        f"<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-28T01:00:00+05:00</CreDtTm></GrpHdr>\n"
        + "\n".join(statements)
        + f"</{ROOTS[kind][0]}></Document>\n"
    )
    return text.encode(encoding)
