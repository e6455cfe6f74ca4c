"""`tarazy bank`: files of banks as an operator meets them.

Oracle: the messages are written here by hand or by addition; nothing of the reader makes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done

Run = Callable[..., Done]

ENTRY = (
    '<Ntry><Amt Ccy="KZT">{0}</Amt><CdtDbtInd>{1}</CdtDbtInd>{2}<Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2026-11-27</Dt></BookgDt><AcctSvcrRef>B1</AcctSvcrRef></Ntry>"
)
EDGE = (
    '<Bal><Tp><CdOrPrtry><Cd>{0}</Cd></CdOrPrtry></Tp><Amt Ccy="KZT">{1}</Amt>'
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-27</Dt></Dt></Bal>"
)
MT940 = (
    ":20:R1\r\n:25:KZ86125KZT5004100100\r\n:28C:12/1\r\n:60F:C261126KZT100,00\r\n"
    ":61:2611271127C30,50NTRFX//B1\r\n:86:1234567\r\n:62F:C261127KZT130,50\r\n-\r\n"
)


def camt(*entries: str, opening: str = "100.00", closing: str = "130.50", number: str = "S1") -> str:
    """Return a message with one statement."""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M</MsgId></GrpHdr>"
        f"<Stmt><Id>{number}</Id><Acct><Id><IBAN>KZ86125KZT5004100100</IBAN></Id><Ccy>KZT</Ccy></Acct>\n"
        + EDGE.format("OPBD", opening)
        + EDGE.format("CLBD", closing)
        + "\n".join(entries)
        + "</Stmt></BkToCstmrStmt></Document>\n"
    )


@pytest.mark.parametrize("text", [camt(ENTRY.format("30.50", "CRDT", "")), MT940], ids=["camt", "mt940"])
def test_statement_that_holds_is_one_object(tarazy: Run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "statement"
    path.write_text(text, newline="")
    done = tarazy("bank", "read", path, "--json")
    assert done.code == 0, done.err
    (statement,) = done.json["statements"]
    for found in (statement, done.json):
        assert (found["opening"], found["closing"], found["balanced"], found["errors"]) == (
            "100.00",
            "130.50",
            True,
            [],
        )
        assert (found["opening_minor"], found["closing_minor"], found["entry_count"]) == (10000, 13050, 1)
        (entry,) = found["entries"]
        assert (entry["amount"], entry["amount_minor"], entry["currency"]) == ("30.50", 3050, "KZT")
        assert (entry["servicer_reference"], entry["booked_on"], entry["statement"]) == ("B1", "2026-11-27", 1)


def test_statement_that_does_not_tie_ends_with_1_and_says_where(tarazy: Run, tmp_path: Path) -> None:
    path = tmp_path / "statement.xml"
    path.write_text(camt(ENTRY.format("30.49", "CRDT", "")))
    done = tarazy("bank", "read", path, "--json")
    assert (done.code, done.json["balanced"], done.json["statements"][0]["balanced"]) == (1, False, False)
    assert "100.00 + 30.49 = 130.49" in done.json["errors"][0]["text"]
    assert "130.49" in tarazy("bank", "read", path).out


def test_sign_of_reversals_is_decided_by_the_balances_or_by_the_caller(tarazy: Run, tmp_path: Path) -> None:
    path = tmp_path / "statement.xml"
    turned = ENTRY.format("9.00", "DBIT", "<RvslInd>true</RvslInd>")
    path.write_text(camt(ENTRY.format("9.00", "DBIT", ""), turned, closing="100.00"))
    assert [each["amount"] for each in tarazy("bank", "read", path, "--json").json["entries"]] == ["-9.00", "9.00"]
    own = tarazy("bank", "read", path, "--reversal-sign", "own", "--json")
    assert (own.code, [each["amount"] for each in own.json["entries"]]) == (1, ["-9.00", "-9.00"])
    assert tarazy("bank", "read", path, "--reversal-sign", "original", "--json").code == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<a/>",
        camt(ENTRY.format("1", "CRDT", "")).encode()[:-40],
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    ],
)
def test_file_that_cannot_be_read_is_still_one_object(tarazy: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    done = tarazy("bank", "read", path, "--json")
    assert (done.code, done.json["balanced"]) == (1, False)
    assert done.json["error"] == done.json["errors"][-1]["text"]
    assert "expected" in done.json["error"]


def test_missing_file_is_one_object(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("bank", "read", tmp_path / "none", "--json")
    assert done.code == 1
    assert "expected a file" in done.json["error"]


def test_many_statements_and_entries_are_one_object(tarazy: Run, tmp_path: Path) -> None:
    """More than one block of kept entries, over two statements."""
    one = camt(*[ENTRY.format("1.00", "CRDT", "")] * 2000, opening="0", closing="2000.00")
    body = one[one.index("<Stmt>") : one.index("</BkToCstmrStmt>")]
    second = body.replace("<Id>S1<", "<Id>S2<").replace(">2000.00<", ">4000.00<").replace(">0<", ">2000.00<")
    path = tmp_path / "statement.xml"
    path.write_text(one.replace(body, body + second))
    done = tarazy("bank", "read", path, "--json")
    assert done.code == 0, done.json["errors"]
    assert [len(each["entries"]) for each in done.json["statements"]] == [2000, 2000]
    assert (len(done.json["entries"]), done.json["entry_count"]) == (4000, 4000)
    assert (done.json["opening"], done.json["closing"], done.json["balanced"]) == ("0.00", "4000.00", True)
    assert {each["statement"] for each in done.json["entries"][2000:]} == {2}
    without = tarazy("bank", "read", path, "--without-entries", "--json")
    assert (without.json["entries"], without.json["entry_count"]) == ([], 4000)
    assert json.dumps(without.json)
