"""A bank's server by a channel's file on the command line, and the treasury's pages in a browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tarazy.cli.main import main
from tarazy.domain.signer import KeySigner
from tarazy.facility.banking.banks.simulator import SimulatedBank
from tarazy.facility.banking.book import BankAccount, add_account, book_beside
from tarazy.facility.banking.items import items
from tarazy.facility.banking.payouts import approve_payout
from tarazy.facility.officers.founding import Founder, found_facility

from ..custody_stage import SEGMENT_BYTES
from ..unit.facility.banking.desk import FINA, GANI, BankDesk, day, paid
from ..unit.facility.banking.messages import ACCOUNT
from ..unit.facility.banking.test_payouts import TO_AIGUL, proposed, recorded
from .browser import Browser
from .console_server import started

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
HOSTILE = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture
def desk(tmp_path: Path) -> BankDesk:
    """Return the bank book of a facility."""
    founders = [Founder(KeySigner.from_seed(bytes([n]) * 32)) for n in (1, 2)]
    found_facility(tmp_path / "venue", "Venue", founders, segment_bytes=SEGMENT_BYTES)
    made = BankDesk(tmp_path)
    assert made.book.path == book_beside(tmp_path / "venue")
    made.set_up()
    return made


def channel_file(folder: Path, bank: SimulatedBank) -> Path:
    """Write how a bank by REST is reached."""
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = bank.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for name, content in (("key.pem", private), ("bank.pem", public), ("secret", b"the secret\n")):
        (folder / name).write_bytes(content)
    values = {
        "kind": "rest",
        "bank": "drop",
        "folder": "rest",
        "base": bank.base,
        "account": ACCOUNT,
        "client_id": "venue",
        "secret_file": "secret",
        "key_file": "key.pem",
        "key_id": "venue-1",
        "bank_key_file": "bank.pem",
    }
    path = folder / "bank.toml"
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
    return path


def test_payment_and_statement_go_through_a_bank_by_rest(
    desk: BankDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The book stands alone here; `bank send` over a record with its withdrawal is in test_bank_cli."""
    monkeypatch.setattr("tarazy.cli.bank.send.recorded_in", lambda _: recorded(desk))
    bank = SimulatedBank(("venue", "the secret"), KEY.public_key(), ACCOUNT, 500_000)
    bank.start()
    try:
        approve_payout(desk.book, GANI, proposed(desk, 7, 150_000, TO_AIGUL))
        way = ["--channel", str(channel_file(tmp_path, bank)), "--json"]
        sender = ["--name", "Venue Ltd", "--identifier", "980640000093", "--bic", "KCJBKZKX"]
        capsys.readouterr()
        for _ in range(2):  # the record dispatches between the two
            assert main(["bank", "send", str(tmp_path / "venue"), ACCOUNT, *sender, *way]) == 0
        (message_id,) = json.loads(capsys.readouterr().out.splitlines()[-1])["handed"]
        assert [each.end_to_end_id for each in bank.messages[message_id]] == ["W7-1"]
        bank.close_day("2026-11-28")
        assert main(["bank", "poll", str(tmp_path / "venue"), *way]) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["booked"] == 1
    finally:
        bank.stop()


OTHER_BANK = "KZ988560000000123456"


def test_folder_of_one_bank_says_nothing_of_the_accounts_of_another(
    desk: BankDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bank (or who holds its folder) forges a statement of client money at another one; it is put aside, whole."""
    terms = ("client", 1, "other", "", "client", "")
    add_account(desk.book, FINA, BankAccount(OTHER_BANK, "KZT", *terms))
    inbox = tmp_path / "drop" / "in"
    inbox.mkdir(parents=True)
    forged = day(paid("1000000.00", "1234567"), closing="1000000.00", account=OTHER_BANK)
    (inbox / "s.xml").write_bytes(forged)
    venue, folder = str(tmp_path / "venue"), ["--folder", str(tmp_path / "drop")]
    capsys.readouterr()
    assert main(["bank", "poll", venue, *folder, "--settle", "0", "--json"]) == 1
    ((name, why),) = json.loads(capsys.readouterr().out.splitlines()[-1])["refused"]
    assert (name, OTHER_BANK in why, "of this channel" in why) == ("s.xml", True, True)
    assert items(desk.book) == []
    sender = ["--name", "Venue Ltd", "--identifier", "980640000093", "--bic", "KCJBKZKX"]
    assert main(["bank", "send", venue, OTHER_BANK, *sender, *folder, "--json"]) == 1
    assert "of this channel" in json.loads(capsys.readouterr().out.splitlines()[-1])["error"]
    (inbox / "again.xml").write_bytes(forged)
    assert main(["bank", "poll", venue, *folder, "--bank", "other", "--settle", "0"]) == 0
    assert [each.amount_minor for each in items(desk.book)] == [100_000_000]
    assert main(["bank", "poll", venue, *folder, "--bank", "nobody"]) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [('kind = "fax"', "expected kind"), ("kind = ", "expected TOML"), ('kind = "sftp"', "expected the fields")],
)
def test_channel_that_is_none_says_what_was_expected(
    desk: BankDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    path = tmp_path / "bank.toml"
    path.write_text(line)
    assert main(["bank", "poll", str(tmp_path / "venue"), "--channel", str(path)]) != 0
    assert words in capsys.readouterr().err


def test_pages_show_receipts_payouts_and_statements_at_two_widths(desk: BankDesk, tmp_path: Path) -> None:
    stranger = paid("9.00", HOSTILE, name="Somebody Else", iban="KZ221251234567890123", reference="B3")
    desk.take(day(paid("1500.00", "1234567"), stranger, closing="1509.00"))
    proposed(desk, 7, 100_000, TO_AIGUL)
    desk.book.close()
    pages = {"": "Somebody Else", "payouts": "tarazy bank pay DIR --approve 1", "statements": "1509.00 KZT"}
    with started(tmp_path, "bank", "pages", tmp_path / "venue", "--port", 0) as told, Browser() as browser:
        for width in (1280, 390):
            page = browser.page(width)
            for path, words in pages.items():
                page.open(told["url"] + path)
                assert words in page.text("body"), page.text("body")
                assert page.overflow() == []
                page.screenshot(tmp_path / f"bank-{path or 'receipts'}-{width}.png")
            assert not page.complaints
            assert not page.from_elsewhere()
            page.close()
