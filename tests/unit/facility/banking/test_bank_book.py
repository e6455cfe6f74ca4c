"""The bank book: files again and again, whose money it is, what waits, and lives with crashes in them.

The right answers come from the rules as written: reference, then account and name, never amount (a licensed exchange
tells its clients so), client money apart from the house's, thirty days until money that nobody claims goes back.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tarazy.domain.records import CreditDeposit, ReceiveUnattributed
from tarazy.facility.accounts.trail import verify_trail
from tarazy.facility.banking.book import BankAccount, BankBook, add_account, add_payer, find_account
from tarazy.facility.banking.errors import BankActRefusedError, BankFieldError, BankFileError
from tarazy.facility.banking.importing import gaps, import_file
from tarazy.facility.banking.items import allocate, commands, follow, items, match_again
from tarazy.facility.banking.kept import kept_entries, kept_statements
from tarazy.facility.officers.command_text import command_from

from .desk import AIGUL, AIGUL_IBAN, FINA, HOUSE, OLGA, SULU, BankDesk, day, paid
from .messages import ACCOUNT, camt, details, entry, statement
from .test_mt940 import message


def test_same_file_again_changes_nothing(desk: BankDesk) -> None:
    content = day(paid("30.50", "1234567"), closing="30.50")
    first = desk.take(content)
    assert (first.is_known, first.new, first.entries, first.items) == (False, 1, 1, 1)
    again = desk.take(content)
    assert (again.is_known, again.new, again.items) == (True, 0, 0)
    assert len(items(desk.book)) == 1


def test_statement_that_comes_again_in_another_file_is_known(desk: BankDesk) -> None:
    content = day(paid("30.50", "1234567"), closing="30.50")
    desk.take(content)
    second = day(paid("1.00"), opening="30.50", closing="31.50", number="S2", on="2026-11-28")
    more = second[second.index(b"<Stmt>") : second.index(b"</Document>")]
    found = desk.take(content.replace(b"</BkToCstmrStmt>", more))
    assert (found.new, found.known) == (1, 1)
    assert [each.amount_minor for each in items(desk.book)] == [3050, 100]


def test_statement_with_another_content_is_refused_whole(desk: BankDesk) -> None:
    desk.take(day(paid("30.50", "1234567"), closing="30.50"))
    with pytest.raises(BankActRefusedError, match="another content"):
        desk.take(day(paid("31.50", "1234567"), closing="31.50"))
    assert [each.amount_minor for each in items(desk.book)] == [3050]
    assert len(kept_statements(desk.book)) == 1


def test_statement_of_a_week_beside_those_of_its_days_is_refused(desk: BankDesk) -> None:
    desk.take(day(paid("30.50", reference="B77"), closing="30.50"))
    week = day(paid("30.50", reference="B77"), paid("2", reference="B78"), closing="32.50", number="W", on="2026-11-29")
    with pytest.raises(BankActRefusedError, match="no other statement has"):
        desk.take(week)


def test_mt940_beside_camt_of_the_same_account_is_refused(desk: BankDesk) -> None:
    desk.take(day(paid("30.50"), closing="30.50"))
    text = message("61:2611271127C30,50NTRFX", opening="60F:C261126KZT0,00", closing="62F:C261127KZT30,50")
    with pytest.raises(BankActRefusedError, match="count twice"):
        desk.take(text.encode())


def test_files_out_of_order_leave_a_gap_until_the_middle_one_comes(desk: BankDesk) -> None:
    desk.take(day(paid("10"), closing="10", number="S1", on="2026-11-25"))
    desk.take(day(paid("5"), opening="30", closing="35", number="S3", on="2026-11-27"))
    (gap,) = gaps(desk.book)
    assert (gap.after_statement, gap.before_statement, gap.expected, gap.found) == ("S1", "S3", "10.00", "30.00")
    desk.take(day(paid("20"), opening="10", closing="30", number="S2", on="2026-11-26"))
    assert gaps(desk.book) == []


def test_statement_that_cannot_be_read_keeps_its_whole_file_out(desk: BankDesk) -> None:
    good = day(paid("10"), closing="10", number="S1", on="2026-11-25").decode()
    bad = day(paid("9x"), opening="10", closing="20", number="S2", on="2026-11-26").decode()
    both = good.replace("</BkToCstmrStmt>", bad[bad.index("<Stmt>") : bad.index("</Document>")])
    with pytest.raises(BankActRefusedError, match="9x"):
        desk.take(both.encode())
    with pytest.raises(BankFileError):
        desk.take(both.encode()[:-60])
    assert kept_statements(desk.book) == []


def test_account_that_was_not_entered_is_refused(desk: BankDesk) -> None:
    with pytest.raises(BankActRefusedError, match="account of the bank book"):
        desk.take(day(paid("10"), closing="10", account=AIGUL_IBAN))


def test_notice_and_report_of_the_day_book_nothing(desk: BankDesk) -> None:
    for kind in ("054", "052"):
        found = desk.take(camt(statement(paid("10", "1234567"), kind=kind), kind=kind))
        assert (found.new, found.items) == (0, 0)
    assert items(desk.book) == []


def test_money_on_the_houses_account_is_nobodys_deposit(desk: BankDesk) -> None:
    found = desk.take(day(paid("10", "1234567"), closing="10", account=HOUSE))
    assert (found.new, found.items) == (1, 0)
    assert [each.amount_minor for each in kept_entries(desk.book, kept_statements(desk.book)[0].statement)] == [1000]


@pytest.mark.parametrize(
    ("payment", "client", "why"),
    [
        (paid("10", "пополнение 1234567 счет"), AIGUL.client, "reference 1234567"),
        (paid("10", "1234567", name="AKHMETOVA AIGUL"), AIGUL.client, "reference 1234567"),
        (paid("10", "1234567", name="Петров Пётр"), 0, "but another payer"),
        (paid("10", "1234567", actual="Петров Пётр"), 0, "but another payer"),
        (paid("10", "1234567 7654321"), 0, "references of 2 clients"),
        (paid("10", "12345678"), AIGUL.client, "account and name"),
        (paid("10", "привет"), AIGUL.client, "account and name"),
        (paid("10", "привет", name="Петров Пётр"), 0, "but another name"),
        (paid("10", "привет", iban=HOUSE), 0, "no reference"),
        (paid("10", "7654321", name="whoever", identifier="940140000385"), SULU.client, "reference 7654321"),
        (paid("10", "7654321", name="Sulu Trade", identifier="971240001315"), 0, "but another payer"),
        (paid("10", end_to_end="TOPUP-1234567"), AIGUL.client, "reference 1234567"),
    ],
)
def test_receipt_is_the_clients_by_reference_then_account_and_name(
    desk: BankDesk, payment: str, client: int, why: str
) -> None:
    desk.take(day(payment, closing="10"))
    (item,) = items(desk.book)
    assert (item.client, item.state) == (client, "matched" if client else "unallocated")
    assert why in item.reason


def test_equal_amount_never_makes_a_match(desk: BankDesk) -> None:
    """Aigul has just paid 777.77; a stranger's payment of the same amount stays nobody's."""
    payments = (paid("777.77", "1234567"), paid("777.77", name="Петров Пётр", iban=HOUSE))
    desk.take(day(*payments, closing="1555.54"))
    assert [each.client for each in items(desk.book)] == [AIGUL.client, 0]


def test_batch_of_payments_becomes_an_item_for_each(desk: BankDesk) -> None:
    one = "<Amt Ccy='KZT'>4.00</Amt><RltdPties><Dbtr><Nm>Ахметова Айгуль</Nm></Dbtr></RltdPties>"
    one += "<RmtInf><Ustrd>1234567</Ustrd></RmtInf>"
    two = "<Amt Ccy='KZT'>6.00</Amt>"
    desk.take(day(entry("10", inner=details(one, two)), closing="10"))
    assert [(each.amount_minor, each.client) for each in items(desk.book)] == [(400, AIGUL.client), (600, 0)]
    broken = details(one, two.replace("6.00", "5.00"))
    desk.take(day(entry("10", inner=broken, reference="R2"), opening="10", closing="20", number="S2"))
    last = items(desk.book)[-1]
    assert (last.amount_minor, last.client) == (1000, 0)


def test_reversal_of_a_debit_is_no_deposit(desk: BankDesk) -> None:
    back = paid("10", "1234567").replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")
    desk.take(day(entry("10", "DBIT", reference="D1"), back, closing="0"))
    (item,) = items(desk.book)
    assert (item.client, "reversal" in item.reason) == (0, True)


def test_unclaimed_money_goes_back_after_thirty_days_on_a_working_day(desk: BankDesk) -> None:
    """27 November and 30 days is 27 December 2026, a Sunday; the Monday after is a working day by the calendar."""
    desk.take(day(paid("10", iban=HOUSE, name="x"), paid("5", "1234567", reference="B2"), closing="15"))
    assert [each.return_by for each in items(desk.book)] == ["2026-12-28", "2026-12-28"]
    assert [each.amount_minor for each in items(desk.book, due_until="2026-12-28")] == [1000]
    assert items(desk.book, due_until="2026-12-27") == []


def test_return_day_moves_behind_a_holiday(desk: BankDesk) -> None:
    """16 November and 30 days is 16 December 2026, Independence Day, a Wednesday."""
    desk.take(day(paid("10").replace("2026-11-27", "2026-11-16"), closing="10", on="2026-11-16"))
    assert items(desk.book)[0].return_by == "2026-12-17"


def test_officer_gives_an_item_to_a_client_with_a_reason_and_the_trail_has_it(desk: BankDesk) -> None:
    desk.take(day(paid("10", iban=HOUSE, name="мать Айгуль"), closing="10"))
    with pytest.raises(BankActRefusedError, match="a reason"):
        allocate(desk.book, OLGA, 1, AIGUL.client, " ")
    allocate(desk.book, OLGA, 1, AIGUL.client, "letter of 28 November")
    with pytest.raises(BankActRefusedError, match="unallocated"):
        allocate(desk.book, OLGA, 1, SULU.client, "changed my mind")
    keys = {actor.officer_id: actor.signer.public_key for actor in (FINA, OLGA)}
    assert verify_trail(desk.book.connection, keys)
    assert (items(desk.book)[0].client, items(desk.book)[0].state) == (AIGUL.client, "matched")


def test_later_knowledge_of_a_client_matches_what_waited(desk: BankDesk) -> None:
    desk.take(day(paid("10", iban=HOUSE), closing="10"))
    assert match_again(desk.book) == 0
    add_payer(desk.book, OLGA, AIGUL._replace(ibans=(AIGUL_IBAN, HOUSE)))
    assert match_again(desk.book) == 1
    assert items(desk.book)[0].client == AIGUL.client


def test_reference_and_account_are_entered_once_and_checked(desk: BankDesk) -> None:
    with pytest.raises(BankActRefusedError, match="one that is free"):
        add_payer(desk.book, OLGA, SULU._replace(reference="1234567"))
    with pytest.raises(BankFieldError, match="7 digits"):
        add_payer(desk.book, OLGA, SULU._replace(reference="123"))
    with pytest.raises(BankActRefusedError, match="an account that is new"):
        add_account(desk.book, FINA, BankAccount(ACCOUNT, "KZT", "house", 1, "drop", "", "x", ""))
    with pytest.raises(BankFieldError, match="IBAN"):
        add_account(desk.book, FINA, BankAccount("KZ00125KZT5004100100", "KZT", "house", 1, "drop", "", "x", ""))
    with pytest.raises(BankActRefusedError, match="role"):
        add_account(desk.book, OLGA, BankAccount(AIGUL_IBAN, "KZT", "house", 1, "drop", "", "x", ""))
    assert find_account(desk.book, ACCOUNT, "KZT").estate == "client"


def test_commands_bring_each_receipt_into_the_record_once(desk: BankDesk) -> None:
    desk.take(day(paid("30.50", "1234567"), paid("7", iban=HOUSE, name="x", reference="B2"), closing="37.50"))
    first, second = (command_from(str(each.pop("command")), each) for each in commands(desk.book))
    assert isinstance(first, CreditDeposit)
    assert (first.account_id, first.asset_id, first.amount_minor) == (AIGUL.account_id, 1, 3050)
    assert isinstance(second, ReceiveUnattributed)
    assert second.amount_minor == 700
    hashes = [each.evidence_hash for each in items(desk.book)]
    assert [each["evidence_hash"] for each in commands(desk.book)] == hashes
    assert follow(desk.book, dict(zip(hashes, (41, 42), strict=True)), {hashes[1]: 42}) == 2
    assert [(each.state, each.seq) for each in items(desk.book)] == [("credited", 41), ("received", 42)]
    assert commands(desk.book) == []
    assert follow(desk.book, dict(zip(hashes, (41, 42), strict=True)), {hashes[1]: 42}) == 0
    assert [each.amount_minor for each in items(desk.book, due_until="2027-01-01")] == [700]


def test_evidence_is_the_same_in_every_book(desk: BankDesk, tmp_path: Path) -> None:
    """A watcher on another machine computes the same evidence from the same file."""
    content = day(paid("30.50", "1234567"), paid("30.50", "1234567"), closing="61.00")
    desk.take(content)
    (tmp_path / "other").mkdir()
    other = BankDesk(tmp_path / "other")
    other.set_up()
    other.take(content)
    hashes = [[each.evidence_hash for each in items(book)] for book in (desk.book, other.book)]
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0])) == 2
    other.book.close()


IMPORT = """
import sys
from pathlib import Path
from tarazy.facility.banking.book import BankBook
from tarazy.facility.banking.importing import import_file
print("ready", flush=True)
book = BankBook(Path(sys.argv[1]))
for path in sys.argv[2:]:
    import_file(book, Path(path))
"""


def test_life_of_imports_killed_at_any_moment_loses_and_doubles_nothing(desk: BankDesk, tmp_path: Path) -> None:
    """Three files of 300 entries; a process that imports them is killed again and again, then one runs to its end."""
    paths = []
    for number in range(3):
        entries = [paid("1.00", "1234567", reference=f"B{number}-{each}") for each in range(300)]
        edges = {"opening": str(number * 300), "closing": str((number + 1) * 300)}
        paths.append(desk.file(day(*entries, **edges, number=f"S{number}", on=f"2026-11-2{number + 4}")))
    desk.book.close()
    chance = random.Random(20261127)
    command = [sys.executable, "-c", IMPORT, str(tmp_path / "venue.banks"), *map(str, paths)]
    for _ in range(6):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.random() * 0.5)
            os.kill(process.pid, signal.SIGKILL)
    with BankBook(tmp_path / "venue.banks") as book:
        for path in paths + paths[::-1]:
            import_file(book, path)
        found = items(book)
        assert len(found) == len({each.evidence_hash for each in found}) == 900
        assert sum(each.amount_minor for each in found) == 90_000
        assert gaps(book) == []
    desk.reopen()


def test_two_persons_are_never_one_name(desk: BankDesk) -> None:
    desk.take(day(paid("10", name="Ахметов Айдар"), closing="10"))
    assert items(desk.book)[0].client == 0
