"""A bank over HTTP that fails: what is asked again is done once, and nothing is believed without the bank's signature.

The other side is a simulated bank that speaks HTTP on loopback and checks tokens and signatures itself; detached
signatures are checked against the example of RFC 7515, appendix A.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tarazy.facility.banking.banks.jws import decoded, encoded, holds_detached, sign_detached
from tarazy.facility.banking.banks.rest import RestBank, RestChannel
from tarazy.facility.banking.banks.simulator import SimulatedBank
from tarazy.facility.banking.errors import BankUnavailableError
from tarazy.facility.banking.handing import hand_over, payment_files
from tarazy.facility.banking.items import items
from tarazy.facility.banking.payouts import payouts
from tarazy.facility.banking.sending import poll

from .desk import OURS, BankDesk
from .messages import ACCOUNT
from .test_payouts import recorded, written

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
TOP_UP = "<RltdPties><Dbtr><Nm>Ахметова Айгуль</Nm></Dbtr></RltdPties><RmtInf><Ustrd>1234567</Ustrd></RmtInf>"


@pytest.fixture
def bank() -> Iterator[SimulatedBank]:
    """Return a bank that answers."""
    found = SimulatedBank(("venue", "the secret"), KEY.public_key(), ACCOUNT, 500_000)
    found.start()
    yield found
    found.stop()


def channel(bank: SimulatedBank, folder: Path, **more: object) -> RestChannel:
    """Return a channel to a bank, without waits between attempts."""
    terms = {"base": bank.base, "client_id": "venue", "secret": "the secret", "key": KEY, "key_id": "venue-1"}
    made = RestBank(**{**terms, "bank_key": bank.key.public_key(), "timeout_s": 1.0, **more})  # type: ignore[arg-type]
    return RestChannel(made, ACCOUNT, folder / "rest", sleep=lambda _: None)


def test_published_example_of_a_signature_holds() -> None:
    """RFC 7515, A.1: the key, the header and the payload are those of the example, its middle part left out."""
    key = decoded("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
    payload = b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
    value = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9..dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert holds_detached(value, payload, key)
    assert not holds_detached(value, payload + b" ", key)


def test_signature_of_another_kind_or_key_is_refused() -> None:
    value = sign_detached(b"body", KEY, "k")
    assert holds_detached(value, b"body", KEY.public_key())
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert not holds_detached(value, b"body", other.public_key())
    none = encoded(b'{"alg":"none"}') + "..eA"
    for wrong in (
        none,
        "",
        "..",
        "a..b",
        value.replace("..", ".x."),
        sign_detached(b"body", b"secret", "k"),
        "x" * 9_000,
    ):
        assert not holds_detached(wrong, b"body", KEY.public_key())


def test_life_of_payment_and_receipt_through_a_bank_that_fails(
    desk: BankDesk, bank: SimulatedBank, tmp_path: Path
) -> None:
    """Timeout, 500, an answer lost after the bank has done it, a token that expires: in the end each is there once."""
    message_id = written(desk, 7, 8)
    bank.faults.extend(["timeout", "500", "lost", "expired"])
    with pytest.raises(BankUnavailableError, match="4 times"):
        hand_over(desk.book, channel(bank, tmp_path), ACCOUNT, recorded(desk))
    assert payment_files(desk.book)[0].state == "handing"
    desk.reopen()
    bank.faults.clear()
    assert hand_over(desk.book, channel(bank, tmp_path), ACCOUNT, recorded(desk)).handed == [message_id]
    assert [each.end_to_end_id for each in bank.messages[message_id]] == ["W7-1", "W8-1"]
    bank.rejected["W8-1"] = "AC04"
    bank.close_day("2026-11-27", (200_000, TOP_UP))
    desk.reopen()
    rest = channel(bank, tmp_path)
    rest.watch([message_id])
    bank.faults.extend(["expired", "500"])
    found = poll(desk.book, rest, OURS)
    assert (len(found.imported), found.booked, found.odd, found.refused) == (1, 1, [], [])
    assert [(each.state, each.reason) for each in payouts(desk.book)] == [("booked", ""), ("rejected", "AC04")]
    assert [(each.amount_minor, each.client > 0) for each in items(desk.book)] == [(200_000, True)]
    again = poll(desk.book, channel(bank, tmp_path), OURS)
    assert (again.imported, again.booked, len(items(desk.book))) == ([], 0, 1)


def test_same_id_with_other_bytes_is_a_conflict_that_is_told(bank: SimulatedBank, tmp_path: Path) -> None:
    rest = channel(bank, tmp_path)
    rest.deliver("TZ1", b"<Document/>")
    rest.deliver("TZ1", b"<Document/>")
    with pytest.raises(BankUnavailableError, match="409"):
        rest.deliver("TZ1", b"<Document></Document>")


def test_answer_without_the_banks_signature_is_not_believed(
    desk: BankDesk, bank: SimulatedBank, tmp_path: Path
) -> None:
    bank.close_day("2026-11-27", (200_000, TOP_UP))
    bank.faults.append("unsigned")
    with pytest.raises(BankUnavailableError, match="bank's signature"):
        poll(desk.book, channel(bank, tmp_path), OURS)
    assert items(desk.book) == []


def test_wrong_secret_and_closed_bank_are_told_without_the_secret(bank: SimulatedBank, tmp_path: Path) -> None:
    with pytest.raises(BankUnavailableError) as caught:
        channel(bank, tmp_path, secret="wrong secret").files()
    assert "wrong secret" not in str(caught.value)
    with pytest.raises(BankUnavailableError, match="no answer"):
        channel(bank, tmp_path, base="http://127.0.0.1:9").files()
    assert "the secret" not in repr(channel(bank, tmp_path).bank)


def test_redirection_does_not_carry_the_secret_elsewhere(bank: SimulatedBank, tmp_path: Path) -> None:
    """RFC 6749, 2.3.1: the client's password goes to the token endpoint alone; a redirection would hand it on."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("authorization", ""))
            self.send_error(404)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self.send_response(302)
            self.send_header("location", f"http://127.0.0.1:{server.server_address[1]}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        rest = channel(bank, tmp_path, base=f"http://127.0.0.1:{server.server_address[1]}")
        with pytest.raises(BankUnavailableError):
            rest.files()
        server.shutdown()
        thread.join(5)
    assert seen == []
