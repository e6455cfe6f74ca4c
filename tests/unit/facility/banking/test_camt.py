"""camt.052, .053 and .054: what users of other readers found broken, and what banks really send.

The right value is the message definition's of ISO 20022, or plain addition: opening + entries = closing.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tarazy.facility.banking.details import details_minor, explains
from tarazy.facility.banking.statements import StatementForm, entry_identity

from .conftest import Read
from .messages import balance, camt, details, entry, statement

EDGES = (balance("OPBD", "100.00", day="2026-11-26"), balance("CLBD", "130.50"))


def codes(found: object) -> list[str]:
    return [each.code for each in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", [f"{number:02d}" for number in range(2, 14)])
def test_every_version_of_a_statement_is_read_exactly(read: Read, version: str) -> None:
    status = "BOOK" if version < "04" else "<Cd>BOOK</Cd>"
    content = camt(
        statement(entry("40.50", status=status), entry("10", "DBIT", status=status), balances=EDGES), version=version
    )
    (found,) = read(content)
    assert found.head.version == f"camt.053.001.{version}"
    assert [each.amount_minor for each in found.entries] == [4050, -1000]
    assert (found.end.opening.amount_minor, found.end.closing.amount_minor) == (10000, 13050)  # type: ignore[union-attr]
    assert found.end.is_balanced is True
    assert found.end.faults == ()


def test_statement_that_does_not_add_up_says_line_sum_and_what_was_found(read: Read) -> None:
    (found,) = read(camt(statement(entry("40.49"), balances=EDGES)))
    assert found.end.is_balanced is False
    (fault,) = found.end.faults
    assert fault.code == "balance"
    assert fault.text() == ("line 5, statement 1: expected 100.00 + 40.49 = 140.49, found 130.50 as closing balance")


def test_entry_of_1526_that_is_1500_and_26_of_charges_is_explained(read: Read) -> None:
    inner = "<Chrgs><Rcrd><Amt Ccy='KZT'>26.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>true</ChrgInclInd></Rcrd>"
    inner += "</Chrgs>"
    inner += details("<Refs><EndToEndId>E1</EndToEndId></Refs><Amt Ccy='KZT'>1500.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>")
    edges = (balance("OPBD", "2000.00"), balance("CLBD", "474.00"))
    (found,) = read(camt(statement(entry("1526.00", "DBIT", inner=inner), balances=edges)))
    (only,) = found.entries
    assert (only.amount_minor, details_minor(only)) == (-152600, -150000)
    assert [(each.amount_minor, each.is_included) for each in only.charges] == [(-2600, True)]
    assert explains(only, -150000)
    assert found.end.is_balanced is True
    assert found.end.notices == ()


def test_batch_entry_whose_transactions_do_not_make_its_amount_is_told(read: Read) -> None:
    inner = details("<Amt Ccy='KZT'>10.00</Amt>", "<Amt Ccy='KZT'>20.00</Amt>")
    (found,) = read(camt(statement(entry("30.50", inner=inner), balances=EDGES)))
    assert found.end.is_balanced is True
    assert codes(found.end.notices) == ["details"]
    assert "30.00" in found.end.notices[0].found


def test_batch_entry_of_many_transactions_keeps_each(read: Read) -> None:
    """Older versions give amounts within AmtDtls; transactions beyond the first megabyte are parted while reading."""
    filler = "x" * 400
    each = "<Refs><EndToEndId>E{0}</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy='KZT'>1.00</Amt></TxAmt></AmtDtls>"
    each += f"<RmtInf><Ustrd>{filler}</Ustrd></RmtInf>"
    inner = details(*(each.replace("{0}", str(number)) for number in range(6000)))
    edges = (balance("OPBD", "0"), balance("CLBD", "6000.00"))
    (found,) = read(camt(statement(entry("6000.00", inner=inner), balances=edges)))
    (only,) = found.entries
    assert [detail.end_to_end_id for detail in only.details] == [f"E{number}" for number in range(6000)]
    assert details_minor(only) == 600000
    assert found.end.faults == found.end.notices == ()


def test_reversal_that_carries_its_own_direction_is_taken_as_it_stands(read: Read) -> None:
    """ISO 20022: a credit with RvslInd undoes a debit; its own indicator is the direction that counts."""
    edges = (balance("OPBD", "100.00"), balance("CLBD", "100.00"))
    content = camt(statement(entry("25.00", "DBIT"), entry("25.00", "CRDT", reversal="true"), balances=edges))
    for by_balances in (False, True):
        (found,) = read(content, by_balances=by_balances)
        assert [(each.amount_minor, each.is_reversal) for each in found.entries] == [(-2500, False), (2500, True)]
        assert found.end.is_balanced is True


def test_reversal_indicator_flips_the_sign_where_the_balances_show_that_the_bank_means_it_so(read: Read) -> None:
    """Users of another reader had a debit with RvslInd for money that came back; their bank's page showed a credit."""
    edges = (balance("OPBD", "100.00"), balance("CLBD", "100.00"))
    inner = details("<Amt Ccy='KZT'>25.00</Amt>")
    content = camt(
        statement(entry("25.00", "DBIT"), entry("25.00", "DBIT", reversal="true", inner=inner), balances=edges)
    )
    (plain,) = read(content)
    assert plain.end.is_balanced is False
    assert plain.end.ties_turned
    (found,) = read(content, by_balances=True)
    assert [each.amount_minor for each in found.entries] == [-2500, 2500]
    assert found.entries[1].details[0].amount_minor == 2500
    assert found.end.is_balanced is True


def test_several_accounts_in_one_file_stay_apart(read: Read) -> None:
    other = "KZ221251234567890123"
    first = statement(entry("30.50"), balances=EDGES)
    second = statement(entry("1.00"), balances=(balance("OPBD", "5"), balance("CLBD", "6")), account=other)
    found = read(camt(first, second))
    assert [(each.head.account, len(each.entries)) for each in found] == [("KZ86125KZT5004100100", 1), (other, 1)]
    assert all(each.end.is_balanced and not each.end.faults for each in found)


def test_notice_without_a_balance_is_not_balanced_and_no_error(read: Read) -> None:
    (found,) = read(camt(statement(entry("5.00"), kind="054"), kind="054"))
    assert found.head.form is StatementForm.notice
    assert found.end.is_balanced is None
    assert found.end.faults == ()


def test_day_statement_without_a_balance_is_an_error(read: Read) -> None:
    (found,) = read(camt(statement(entry("5.00"), balances=EDGES[:1])))
    assert found.end.is_balanced is False
    assert codes(found.end.faults) == ["missing_balance"]


def test_negative_balances_have_their_sign(read: Read) -> None:
    edges = (balance("OPBD", "50.00", "DBIT"), balance("CLBD", "20.00", "DBIT"))
    (found,) = read(camt(statement(entry("30.00"), balances=edges)))
    assert (found.end.opening.amount_minor, found.end.closing.amount_minor) == (-5000, -2000)  # type: ignore[union-attr]
    assert found.end.is_balanced is True


def test_previous_closing_opens_where_no_opening_is_given_and_must_agree_where_one_is(read: Read) -> None:
    edges = (balance("PRCD", "100.00"), balance("CLBD", "130.50"))
    (found,) = read(camt(statement(entry("30.50"), balances=edges)))
    assert found.end.is_balanced is True
    (found,) = read(camt(statement(entry("30.50"), balances=(balance("PRCD", "90.00"), *EDGES))))
    assert codes(found.end.faults) == ["balance"]


def test_two_interim_balances_are_the_edges_of_an_intraday_report(read: Read) -> None:
    edges = (balance("ITBD", "10.00"), balance("ITBD", "15.00"))
    (found,) = read(camt(statement(entry("5.00", status="BOOK"), balances=edges, kind="052"), kind="052", version="02"))
    assert (found.head.form, found.end.is_balanced) == (StatementForm.intraday, True)


def test_pending_entries_do_not_count_into_booked_balances(read: Read) -> None:
    entries = (entry("30.50"), entry("7.00", status="<Cd>PDNG</Cd>"))
    (found,) = read(camt(statement(*entries, balances=EDGES)))
    assert [each.is_booked for each in found.entries] == [True, False]
    assert found.end.is_balanced is True


def test_chain_between_two_statements_holds_and_a_broken_one_is_told(read: Read) -> None:
    """The sums of a published two-statement sample: 18.15 + 8.85 = 27.00, 27.00 - 7.00 = 20.00."""
    first = statement(
        entry("8.85"), balances=(balance("OPBD", "18.15"), balance("CLBD", "27.00")), number="253", sequence="1"
    )
    second = (balance("OPBD", "27.00"), balance("CLBD", "20.00"))
    found = read(camt(first, statement(entry("7.00", "DBIT"), balances=second, number="254", sequence="2")))
    assert [each.end.faults for each in found] == [(), ()]
    broken = (balance("OPBD", "26.00"), balance("CLBD", "19.00"))
    found = read(camt(first, statement(entry("7.00", "DBIT"), balances=broken, number="254", sequence="2")))
    assert codes(found[1].end.faults) == ["chain"]
    assert "27.00" in found[1].end.faults[0].expected


def test_gap_in_the_numbers_is_told_and_a_new_year_begins_again(read: Read) -> None:
    edges = (balance("OPBD", "1", day="2026-12-31"), balance("CLBD", "1", day="2026-12-31"))
    later = (balance("OPBD", "1", day="2027-01-04"), balance("CLBD", "1", day="2027-01-04"))
    first = statement(balances=edges, number="A", sequence="250")
    found = read(camt(first, statement(balances=edges, number="B", sequence="252")))
    assert codes(found[1].end.faults) == ["sequence"]
    found = read(camt(first, statement(balances=later, number="B", sequence="1")))
    assert found[1].end.faults == ()


def test_same_statement_twice_is_told(read: Read) -> None:
    one = statement(entry("30.50"), balances=EDGES)
    found = read(camt(one, one))
    assert "duplicate" in codes(found[1].end.faults)


def test_pages_of_one_statement_are_no_duplicates(read: Read) -> None:
    def page(number: int, last: str, opening: str, closing: str) -> str:
        extra = f"<StmtPgntn><PgNb>{number}</PgNb><LastPgInd>{last}</LastPgInd></StmtPgntn>"
        edges = (balance("OPBD", opening), balance("CLBD", closing))
        return statement(entry("1.00"), balances=edges, sequence="9", extra=extra)

    found = read(camt(page(1, "false", "0", "1"), page(2, "true", "1", "2")))
    assert [each.end.faults for each in found] == [(), ()]


def test_two_equal_bookings_on_one_day_are_two_and_the_same_end_to_end_id_twice_is_legal(read: Read) -> None:
    same = entry("15.25", inner=details("<Refs><EndToEndId>SAME</EndToEndId></Refs>"), reference="")
    (found,) = read(camt(statement(same, same, balances=EDGES)))
    assert found.end.is_balanced is True
    assert [each.details[0].end_to_end_id for each in found.entries] == ["SAME", "SAME"]
    assert len({entry_identity(found.head, each) for each in found.entries}) == 2


def test_stated_counts_and_sums_are_compared(read: Read) -> None:
    told = "<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries><TtlNetNtry><Amt>31.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
    told += "</TtlNetNtry></TtlNtries></TxsSummry>"
    (found,) = read(camt(statement(told, entry("30.50"), balances=EDGES)))
    assert [each.expected for each in found.end.faults] == ["3 entries as stated", "31.00 net sum as stated"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (entry("30.505"), "at most 2 decimals"),
        (entry("-30.50"), "without a sign"),
        (entry("30,50"), "without a sign"),
        (entry("30.50", currency="ZZZ"), "ISO 4217"),
        (entry("30.50", "CREDIT"), "CRDT or DBIT"),
        (entry("30.50", day="2026-13-01"), "a day"),
        (entry("30.50", reversal="yes"), "true or false"),
        ("<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>", "an Amt and a CdtDbtInd"),
    ],
)
def test_entry_that_cannot_be_read_names_itself_and_unfits_its_statement(read: Read, wrong: str, says: str) -> None:
    (found,) = read(camt(statement(wrong, entry("30.50"), balances=EDGES)))
    assert found.end.is_balanced is False
    assert says in found.end.faults[0].text()
    assert (found.end.faults[0].line, found.end.faults[0].entry) == (6, 1)
    assert [each.position for each in found.entries] == [2]


def test_currency_has_its_own_number_of_places(read: Read) -> None:
    edges = (balance("OPBD", "1000", currency="JPY"), balance("CLBD", "1500.00000", currency="JPY"))
    (found,) = read(camt(statement(entry("500", currency="JPY"), balances=edges, currency="JPY")))
    assert (found.end.is_balanced, found.entries[0].amount_minor) == (True, 500)
    edges = (balance("OPBD", "0", currency="KWD"), balance("CLBD", "1.234", currency="KWD"))
    (found,) = read(camt(statement(entry("1.234", currency="KWD"), balances=edges, currency="KWD")))
    assert found.entries[0].amount_minor == 1234


def test_fields_of_kazakhstan_are_read_from_old_and_new_forms(read: Read) -> None:
    new = (
        "<RltdPties><Dbtr><Pty><Nm>Ахметова Айгуль</Nm><Id><PrvtId><Othr><Id>900101300000</Id></Othr></PrvtId></Id>"
        "<CtryOfRes>DE</CtryOfRes></Pty></Dbtr><DbtrAcct><Id><IBAN>KZ221251234567890123</IBAN></Id></DbtrAcct>"
        "<UltmtDbtr><Pty><Nm>ТОО Сулу</Nm><Id><OrgId><Othr><Id>940140000385</Id></Othr></OrgId></Id></Pty></UltmtDbtr>"
        "</RltdPties><Purp><Prtry>371</Prtry></Purp><RmtInf><Ustrd>клиент</Ustrd><Ustrd>1234567</Ustrd></RmtInf>"
    )
    for inner in (new, new.replace("<Pty>", "").replace("</Pty>", "")):
        (found,) = read(camt(statement(entry("30.50", inner=details(inner)), balances=EDGES)))
        (detail,) = found.entries[0].details
        assert detail.payer == ("Ахметова Айгуль", "KZ221251234567890123", "900101300000", "DE")
        assert detail.actual_payer[:1] + detail.actual_payer[2:3] == ("ТОО Сулу", "940140000385")
        assert (detail.purpose, detail.remittance) == ("371", "клиент 1234567")
        assert found.entries[0].value_on == date(2026, 11, 27)


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "windows-1251"])
def test_encodings_are_those_that_the_file_names(read: Read, encoding: str) -> None:
    name = "Ахметова" if encoding not in ("ISO-8859-1",) else "Müller"
    inner = details(f"<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties>")
    (found,) = read(camt(statement(entry("30.50", inner=inner), balances=EDGES), encoding=encoding))
    assert found.entries[0].details[0].payer.name == name


def test_message_within_an_envelope_and_with_a_prefix_is_read(read: Read) -> None:
    inner = camt(statement(entry("30.50"), balances=EDGES)).decode().partition("\n")[2]
    inner = inner.replace("<", "<n:").replace("<n:/", "</n:").replace("xmlns=", "xmlns:n=")
    (found,) = read(f"<Envelope xmlns='urn:bank'><AppHdr><MsgId>H</MsgId></AppHdr>{inner}</Envelope>".encode())
    assert (found.head.message_id, found.end.is_balanced) == ("M1", True)


AMOUNTS = st.integers(0, 10**15)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(AMOUNTS, st.booleans(), st.booleans()), max_size=12), st.integers(-(10**15), 10**15))
def test_any_statement_that_is_written_by_addition_is_read_exactly(
    read: Read, bookings: list[tuple[int, bool, bool]], opening: int
) -> None:
    """Amount, credit or not, booked or pending: what is read is what was written, and it ties."""

    def text(minor: int) -> str:
        return f"{abs(minor) // 100}.{abs(minor) % 100:02d}"

    def edge(code: str, minor: int) -> str:
        return balance(code, text(minor), "CRDT" if minor >= 0 else "DBIT")

    signed = [(minor if credit else -minor, booked) for minor, credit, booked in bookings]
    closing = opening + sum(minor for minor, booked in signed if booked)
    entries = [
        entry(text(minor), "CRDT" if credit else "DBIT", status=f"<Cd>{'BOOK' if booked else 'PDNG'}</Cd>")
        for minor, credit, booked in bookings
    ]
    (found,) = read(camt(statement(*entries, balances=(edge("OPBD", opening), edge("CLBD", closing)))))
    assert [(each.amount_minor, each.is_booked) for each in found.entries] == signed
    assert (found.end.is_balanced, found.end.faults) == (True, ())
