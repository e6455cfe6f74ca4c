"""`tarazy bank`: files of banks as an operator meets them.

Oracle: the messages are written here by hand or by addition; nothing of the reader makes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done
from .offices import Office, found_office, signed_by_both

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


PAID = (
    '<Ntry><Amt Ccy="KZT">{0}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2026-11-27</Dt></BookgDt><AcctSvcrRef>{1}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Pty>"
    "<Nm>{2}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>KZ221251234567890123</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>{3}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
)
KZT = ("--command", "RegisterAsset", "asset_kind=fiat", "scale=2", "asset_code=KZT", "dti=")


def instruct(tarazy: Run, office: Office, *words: object) -> Done:
    """Draft, sign by both officers and hand in."""
    path = signed_by_both(tarazy, office, *words)
    done = tarazy("instruct", "submit", office.facility, path, "--json")
    path.unlink()
    return done


def test_receipts_come_from_the_statement_into_the_record_once(tarazy: Run, tmp_path: Path) -> None:
    """Imported, matched, credited under two signatures, followed; the same list again is refused by the engine."""
    office = found_office(tarazy, tmp_path)
    officer = ("--officer", 1, "--key", office.keys[0])
    entered = tarazy("facility", "client", "new", office.facility, "--kind", "person", "--name", "Aigul Akhmetova",
                     "--residence", "KZ", *officer, "--json")  # fmt: skip
    client = entered.json["client"]
    openings = [
        f"account_role=client owner_id={client}",
        "account_role=house owner_id=3",
        "account_role=client owner_id=9",
    ]
    terms = "client_class=retail fee_tier=0 approval_id=0 leaf_salt=7".split()
    opened = [each for words in openings for each in ("--command", "OpenAccount", *words.split(), *terms)]
    done = instruct(tarazy, office, *KZT, *opened)
    assert done.code == 0, done.out
    account = ("bank", "account", office.facility, "KZ86125KZT5004100100", "--estate", "client", "--currency", "KZT")
    assert tarazy(*account, "--asset", 1, *officer).code == 0
    payer = ("bank", "payer", office.facility, "--client", client, "--account-id", 1, "--reference", "1234567")
    assert tarazy(*payer, *officer).code == 0
    for number, found in ((2, "one of the house"), (3, "one of owner 9"), (4, "3 accounts")):
        wrong = tarazy(
            "bank", "payer", office.facility, "--client", client, "--account-id", number, *payer[7:], *officer
        )
        assert (wrong.code, found in wrong.err) == (1, True), wrong.err
    path = tmp_path / "statement.xml"
    mine, stray = (
        PAID.format("30.50", "B1", "Ахметова Айгуль", "1234567"),
        PAID.format("7.00", "B2", "Somebody", "hello"),
    )
    path.write_text(camt(mine, stray, opening="0", closing="37.50"), encoding="utf-8")
    assert tarazy("bank", "import", office.facility, path, "--json").json["files"][0]["items"] == 2
    assert tarazy("bank", "import", office.facility, path, "--json").json["files"][0]["is_known"]
    for round_ in (1, 2):
        listed = tmp_path / f"commands{round_}.json"
        written = tarazy("bank", "commands", office.facility, listed, "--json").json
        assert written["commands"] == (2 if round_ == 1 else 0)
        if round_ == 1:
            assert instruct(tarazy, office, "--from", listed).code == 0
            again = instruct(tarazy, office, "--from", listed)
            assert [each["refused"] for each in again.json["answers"]][-2:] == ["evidence_already_used"] * 2
            followed = tarazy("bank", "follow", office.facility, "--json").json
            assert (followed["new"], followed["credited"], followed["received"]) == (2, 1, 1)
    due = tarazy("bank", "items", office.facility, "--due", "2026-12-28", "--json").json["items"]
    assert [(each["amount_minor"], each["state"]) for each in due] == [(700, "received")]
    send_back(tarazy, office, officer, tmp_path)


def send_back(tarazy: Run, office: Office, officer: tuple[object, ...], folder: Path) -> None:
    """What nobody claims goes back: asked for, approved, paid by two, sent, booked, settled; then the pack."""
    facility, payee, listed = office.facility, folder / "payee.json", folder / "return.json"
    fields = {"name": "Somebody", "iban": "KZ221251234567890123", "bic": "CASPKZKA", "identifier": "940140000385"}
    payee.write_text(json.dumps({**fields, "sector_code": "17"}))
    asked = tarazy("bank", "return", facility, listed, "--item", 2, "--destination", payee, "--json")
    assert asked.code == 0, asked.err
    number = instruct(tarazy, office, "--from", listed).json["answers"][-1]["seq"]
    pay = ("bank", "pay", facility, "--withdrawal", number, "--account", "KZ86125KZT5004100100", "--destination", payee)
    early = tarazy(*pay, *officer)
    assert (early.code, "the record has approved" in early.err) == (1, True)
    approve = f"account_id=0 asset_id=1 withdrawal_id={number} amount_minor=700".split()
    approve.append(f"destination_hash={asked.json['command']['destination_hash']}")
    assert instruct(tarazy, office, "--command", "ApproveWithdrawal", *approve).code == 0
    payout = tarazy(*pay, *officer, "--json").json["payout"]
    assert tarazy("bank", "pay", facility, "--approve", payout, *officer).code == 1
    other = ("--officer", 2, "--key", office.keys[1])
    assert tarazy("bank", "pay", facility, "--approve", payout, *other).code == 0
    drop = folder / "drop"
    sender = ("--name", "Venue", "--identifier", "980640000093", "--bic", "KCJBKZKX")
    send = ("bank", "send", facility, "KZ86125KZT5004100100", "--folder", drop, *sender, "--json")
    first = tarazy(*send).json
    assert (first["handed"], first["waiting"]) == ([], [{"message_id": first["written"], "withdrawals": [number]}])
    assert list((drop / "out").iterdir()) == []
    dispatch = folder / "dispatch.json"
    assert tarazy("bank", "commands", facility, dispatch, "--json").json["commands"] == 1
    assert instruct(tarazy, office, "--from", dispatch).code == 0
    second, again = tarazy(*send).json, tarazy(*send).json
    assert (second["handed"], again["written"], again["handed"]) == ([first["written"]], None, [])
    assert [each.stem for each in (drop / "out").iterdir()] == [first["written"]]
    paid = f"<Refs><EndToEndId>W{number}-1</EndToEndId></Refs>"
    debit = ENTRY.format("7.00", "DBIT", "").replace("B1<", "B9<")
    debit = debit.replace("</Ntry>", f"<NtryDtls><TxDtls>{paid}</TxDtls></NtryDtls></Ntry>")
    (drop / "in" / "s.xml").write_text(camt(debit, opening="37.50", closing="30.50", number="S2"))
    polled = tarazy("bank", "poll", facility, "--folder", drop, "--settle", 0, "--json")
    assert (polled.code, polled.json["booked"]) == (0, 1)
    told = folder / "told.json"
    assert tarazy("bank", "commands", facility, told, "--json").json["commands"] == 1
    assert instruct(tarazy, office, "--from", told).code == 0
    assert tarazy("bank", "commands", facility, folder / "none.json", "--json").json["commands"] == 0
    assert tarazy("bank", "payouts", facility, "--json").json["payouts"][0]["state"] == "booked"
    pack = folder / "pack.json"
    assert tarazy("bank", "pack", facility, pack, "--from", "2026-11-01", "--to", "2026-11-30").code == 0
    (account,) = json.loads(pack.read_text())["accounts"]
    assert (account["credits"], account["debits"]) == ({"count": 2, "sum": "37.50"}, {"count": 1, "sum": "7.00"})
    assert account["receipts"] == {"no reference of a client": 1, "reference and payer": 1}
    assert (account["payouts"], account["purpose_codes"], account["closing"]) == ({"booked": 1}, {"371": 1}, "30.50")
    assert "Aigul" not in pack.read_text()
