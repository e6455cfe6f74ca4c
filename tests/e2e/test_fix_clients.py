"""Clients that others wrote, over TLS: QuickFIX, the dialect's official connector, and the example of the guide."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ..fix_client import quickfix_client
from ..fix_wire import FixKey, SocketClient, close_sockets
from ..trading_stage import Served, make_facility, served
from .test_fix_orders import BUY

ROOT = Path(__file__).resolve().parents[2]


def make_certificate(folder: Path) -> None:
    """Write a certificate of localhost that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "chain.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a facility by FIX over TLS, as the configuration of the guide says."""
    folder = tmp_path_factory.mktemp("tls")
    make_certificate(folder)
    (folder / "house.toml").write_text(
        '[facility.gateway.fix]\nport = 0\nmarket_data_port = 0\ncertificate_file = "chain.pem"\nkey_file = "key.pem"\n'
    )
    make_facility(folder / "facility", accounts=3)
    with served(folder / "facility", "--config", str(folder / "house.toml")) as found:
        assert {address.split(":")[0] for address in found.fix.values()} == {"tcp+tls"}
        yield found


def test_quickfix_trades_over_tls(running: Served, tmp_path: Path) -> None:
    tls = {"CertificateAuthoritiesFile": str(running.directory.parent / "chain.pem"), "SSLProtocol": "+TLSv1_2"}
    key = FixKey(running.directory, 1)
    with quickfix_client(running.fix["orders"], key, "TLS", tmp_path, **tls) as client:
        client.say("D", {**BUY, 11: "over-tls"})
        assert client.next("8", f11="over-tls")[150] == "0"
        client.say("F", {11: "end", 41: "over-tls", 55: "BTCUSD"})
        assert client.next("8")[150] == "4"


def test_plain_bytes_on_the_port_of_tls_are_not_answered(running: Served) -> None:
    stranger = SocketClient(running.fix["orders"].replace("+tls", ""), FixKey(running.directory, 1))
    stranger.log_on()
    assert b"8=FIX" not in stranger.socket.recv(100)
    close_sockets()


def test_official_connector_trades_watches_and_gets_copies(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = pytest.importorskip("binance_fix_connector.fix_connector")
    monkeypatch.setenv("SSL_CERT_FILE", str(running.directory.parent / "chain.pem"))
    key = FixKey(running.directory, 2)
    orders, market = (running.fix[name].replace("127.0.0.1", "localhost") for name in ("orders", "market_data"))
    trader = connector.create_order_entry_session(key.key_id, key.private, orders)
    copy = connector.create_drop_copy_session(key.key_id, key.private, orders)
    watcher = connector.create_market_data_session(key.key_id, key.private, market)
    sessions = (trader, copy, watcher)
    try:
        for session in sessions:
            assert got(session, "A")["108"] == "30"
        say(watcher, "V", {262: "w", 263: 1, 264: 10, 266: "Y", 146: 1, 55: "BTCUSD", 267: 2}, [(269, 0), (269, 1)])
        assert got(watcher, "W")["55"] == "BTCUSD"
        say(trader, "D", {11: "official", 38: "1", 40: 2, 44: "99", 54: 1, 55: "BTCUSD", 59: 1})
        placed = got(trader, "8")
        assert (placed["11"], placed["39"], placed["150"]) == ("official", "0", "0")
        assert got(copy, "8")["17"] == placed["17"]
        change = got(watcher, "X")
        assert (change["279"], change["270"], change["271"]) == ("0", "99.00000000", "1.00000000")
        say(trader, "XAK", {11: "half", 37: placed["37"], 55: "BTCUSD", 38: "0.5"})
        assert got(trader, "8")["150"] == "5"
        say(trader, "F", {11: "away", 41: "official", 55: "BTCUSD"})
        assert got(trader, "8")["150"] == "4"
        say(trader, "XLQ", {6136: "limits"})
        assert got(trader, "XLR")["25003"] == "3"
    finally:
        for session in sessions:
            session.logout()
            got(session, "5")
            session.disconnect()


def say(session: Any, kind: str, fields: dict[int, object], more: list[tuple[int, object]] | None = None) -> None:
    """Send a message by the connector's own means."""
    message = session.create_fix_message_with_basic_header(kind)
    for tag, value in [*fields.items(), *(more or [])]:
        message.append_pair(tag, value)
    session.send_message(message)


def got(session: Any, kind: str) -> dict[str, str]:
    """Return the next message of a kind, by the connector's own means; of those of groups the first of each tag."""
    for message in session.retrieve_messages_until(message_type=kind, timeout_seconds=10):
        pairs = [(tag.decode(), value.decode()) for tag, value in message.pairs]
        if ("35", kind) in pairs:
            return dict(reversed(pairs))
    raise AssertionError(f"no {kind} came")


def test_example_of_the_guide_runs(running: Served, tmp_path: Path) -> None:
    key = FixKey(running.directory, 3)
    path = tmp_path / "bot.key"
    path.write_bytes(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    command = [sys.executable, str(ROOT / "examples" / "01_fix_orders.py"), running.fix["orders"], key.key_id]
    done = subprocess.run([*command, str(path), "BTCUSD"], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == [
        "logged on",
        "example-1: new, quantity 0.02000000",
        "example-2: replaced, quantity 0.01000000",
        "example-3: canceled, quantity 0.01000000",
        "the facility says: Logout acknowledgment.",
    ], done.stdout + done.stderr


def test_address_of_others_needs_a_certificate(tmp_path: Path) -> None:
    make_facility(tmp_path / "facility", accounts=1)
    (tmp_path / "house.toml").write_text('[facility.gateway.fix]\nhost = "0.0.0.0"\nport = 0\n')
    command = [sys.executable, "-m", "tarazy.cli.main", "facility", "serve", str(tmp_path / "facility"), "--port", "0"]
    done = subprocess.run(
        [*command, "--config", str(tmp_path / "house.toml")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "expected a certificate_file for clients of 0.0.0.0, found none" in done.stderr
