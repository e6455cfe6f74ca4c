"""A bank's folders over SFTP, against a real SFTP server on loopback (asyncssh's own)."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tarazy.facility.banking.banks.sftp import SftpBank, SftpDrop
from tarazy.facility.banking.errors import BankUnavailableError
from tarazy.facility.banking.handing import hand_over
from tarazy.facility.banking.sending import poll

from .desk import OURS, BankDesk, day, paid
from .messages import ACCOUNT
from .test_payouts import recorded, written

FIRST = day(paid("1500.00", "1234567"), closing="1500.00")
SECOND = day(paid("10.00", "1234567", reference="B2"), opening="1500.00", closing="1510.00", number="S2")


class BankServer:
    """A server with the folders `in` (to the bank) and `out` (from it) of one user."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "server"
        for name in ("in", "out"):
            (self.root / name).mkdir(parents=True)
        self.host_key, self.user_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
        self.key_file = folder / "id_ed25519"
        self.user_key.write_private_key(str(self.key_file))
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> None:
        """Listen on a free port."""
        self.thread.start()
        allowed = asyncssh.import_authorized_keys(self.user_key.export_public_key().decode())

        def factory(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
            return asyncssh.SFTPServer(channel, chroot=str(self.root).encode())

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen(
                "127.0.0.1",
                0,
                server_host_keys=[self.host_key],
                authorized_client_keys=allowed,
                sftp_factory=factory,
            )

        self.acceptor = asyncio.run_coroutine_threadsafe(listen(), self.loop).result(20)
        self.port = self.acceptor.get_port()

    def stop(self) -> None:
        """Stop listening."""

        async def close() -> None:
            self.acceptor.close()
            await self.acceptor.wait_closed()

        asyncio.run_coroutine_threadsafe(close(), self.loop).result(20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(20)
        self.loop.close()

    def bank(self, host_key: str = "") -> SftpBank:
        """Return how the server is reached, under its own host key or another one."""
        line = host_key or self.host_key.export_public_key().decode().strip()
        return SftpBank("127.0.0.1", self.port, "venue", self.key_file, line, "/in", "/out", 10.0)

    def leave(self, name: str, content: bytes, time_s: int) -> None:
        """Let the bank leave a file."""
        path = self.root / "out" / name
        path.write_bytes(content)
        os.utime(path, (time_s, time_s))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BankServer]:
    found = BankServer(tmp_path)
    found.start()
    yield found
    found.stop()


def test_statements_come_once_also_under_a_name_that_is_used_again(
    desk: BankDesk, server: BankServer, tmp_path: Path
) -> None:
    channel = SftpDrop(server.bank(), tmp_path / "bank")
    server.leave("statement.xml", FIRST, 1_000)
    server.leave("unfinished.xml.part", FIRST, 1_000)
    assert sum(each.new for each in poll(desk.book, channel, OURS).imported) == 1
    assert poll(desk.book, SftpDrop(server.bank(), tmp_path / "bank"), OURS).imported == []  # as after a restart
    server.leave("statement.xml", SECOND, 2_000)
    assert sum(each.new for each in poll(desk.book, channel, OURS).imported) == 1
    assert {each.name.partition("-")[2] for each in (tmp_path / "bank" / "taken").iterdir()} == {"statement.xml"}


def test_payment_file_is_whole_at_the_bank_and_there_once(desk: BankDesk, server: BankServer, tmp_path: Path) -> None:
    message_id = written(desk, 7)
    channel = SftpDrop(server.bank(), tmp_path / "bank")
    assert hand_over(desk.book, channel, ACCOUNT, recorded(desk)).handed == [message_id]
    there = server.root / "in" / f"{message_id}.xml"
    assert b"W7-1" in there.read_bytes()
    before = there.stat().st_mtime_ns
    # Killed after the upload and before it was noted: the next run finds it there and leaves it as it is.
    (tmp_path / "bank" / "sent" / there.name).unlink()
    channel.deliver(message_id, there.read_bytes())
    assert (there.stat().st_mtime_ns, [each.name for each in there.parent.iterdir()]) == (before, [there.name])


def test_server_with_another_host_key_gets_nothing(desk: BankDesk, server: BankServer, tmp_path: Path) -> None:
    written(desk, 7)
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with pytest.raises(BankUnavailableError, match="HostKeyNotVerifiable"):
        hand_over(desk.book, SftpDrop(server.bank(other), tmp_path / "bank"), ACCOUNT, recorded(desk))
    assert not list((server.root / "in").iterdir())


def test_bank_that_is_down_is_told_and_tried_again(desk: BankDesk, server: BankServer, tmp_path: Path) -> None:
    bank = server.bank()._replace(port=1)
    with pytest.raises(BankUnavailableError, match="the next run does it again"):
        SftpDrop(bank, tmp_path / "bank").files()
