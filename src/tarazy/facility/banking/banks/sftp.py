"""A bank's folders over SFTP: payment files go to one folder there, statements and reports are fetched from another.

The bank's host key is given and nothing else is trusted. A payment file is written under an unfinished name, then
renamed, so that the bank sees it whole. What was fetched is known by name, size and time, as banks use names again; the
file there stays. A file that is uploaded again after a crash is one to the bank by its message id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar, cast

import asyncssh

from tarazy.facility.banking.banks.file_drop import FILES_MAX, FOLDERS, NAME, UNFINISHED, FileDrop
from tarazy.facility.banking.banks.own_copies import alone, is_there
from tarazy.facility.banking.errors import BankActRefusedError, BankFieldError, BankUnavailableError
from tarazy.platform.storage.files import write_whole

FILE_BYTES_MAX = 256 << 20
TIMEOUT_S = 30.0
T = TypeVar("T")


class SftpBank(NamedTuple):
    """Where and how a bank's server is reached. `host_key` is the line of its public key, as in known_hosts."""

    host: str
    port: int
    user: str
    key_file: Path
    host_key: str
    outbox: str
    inbox: str
    timeout_s: float = TIMEOUT_S


class SftpDrop:
    """A channel over SFTP; copies of what was sent and fetched lie in the same folders as those of a file drop."""

    def __init__(self, bank: SftpBank, folder: Path) -> None:
        self.bank, self.folder = bank, folder
        self.local = FileDrop(folder, 0.0)

    def deliver(self, message_id: str, content: bytes) -> None:
        """Put a payment message into the bank's folder; one that was put there before stays as it is.

        Raises: BankFieldError for an id that is no name; BankUnavailableError where it is not known to be there;
        BankActRefusedError where another file has its name.
        """
        if not NAME.fullmatch(message_id):
            raise BankFieldError("message id", expected="letters, digits and dashes", found=repr(message_id[:40]))
        name = f"{message_id}.xml"
        target, sent = str(PurePosixPath(self.bank.outbox) / name), self.folder / "sent" / name

        async def put(client: asyncssh.SFTPClient) -> bytes | None:
            if await client.exists(target):
                return await there(client, target, len(content))
            async with client.open(f"{target}.part", "wb") as file:
                await file.write(content)
            await client.rename(f"{target}.part", target)
            return content

        with alone(self.folder):
            if is_there(sent, content):
                return
            if self._with_bank(f"sending {name}", put) not in (content, None):
                expected, found = "the payment file that was sent", "another file under its name"
                action = "The bank may pay what nobody dispatched: call it at once"
                raise BankActRefusedError(f"{self.bank.host} {target}", expected=expected, found=found, action=action)
            write_whole(sent, content, 0o600)

    def files(self) -> list[Path]:
        """Fetch what is new and return what waits, the oldest first. Raises: BankUnavailableError."""
        known = {each.name for name in FOLDERS for each in (self.folder / name).iterdir()}
        self._with_bank("fetching files", lambda client: self._fetch(client, known))
        return self.local.files()

    def finish(self, path: Path, *, is_taken: bool) -> None:
        """Put a file away."""
        self.local.finish(path, is_taken=is_taken)

    async def _fetch(self, client: asyncssh.SFTPClient, known: set[str]) -> None:
        listed = sorted(await client.readdir(self.bank.inbox), key=lambda each: each.attrs.mtime or 0)
        for each in listed[-FILES_MAX:]:
            name, size, time_s = str(each.filename), each.attrs.size or 0, each.attrs.mtime or 0
            if not is_fetchable(name, each.attrs.type) or size > FILE_BYTES_MAX:
                continue
            local = f"{sha256(f'{name} {size} {time_s}'.encode()).hexdigest()[:12]}-{name}"
            if local in known:
                continue
            content = await self._read(client, name, size)
            if content is not None:
                write_whole(self.folder / "in" / local, content, 0o600)

    async def _read(self, client: asyncssh.SFTPClient, name: str, size: int) -> bytes | None:
        """Return a file that did not change while it was read, else None: the next look takes it."""
        path = str(PurePosixPath(self.bank.inbox) / name)
        async with client.open(path, "rb") as file:
            content = cast(bytes, await file.read(FILE_BYTES_MAX + 1))  # opened as bytes, declared as either
        after = await client.stat(path)
        return content if len(content) == size == (after.size or 0) else None

    def _with_bank(self, what: str, act: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
        """Do something on the bank's server. Raises: BankUnavailableError, which holds no key."""

        async def run() -> T:
            async with asyncio.timeout(self.bank.timeout_s):
                async with (
                    asyncssh.connect(
                        self.bank.host,
                        self.bank.port,
                        username=self.bank.user,
                        client_keys=[str(self.bank.key_file)],
                        known_hosts=([asyncssh.import_public_key(self.bank.host_key)], [], []),
                        agent_path=None,
                        config=None,
                    ) as connection,
                    connection.start_sftp_client() as client,
                ):
                    return await act(client)

        try:
            return asyncio.run(run())
        except (OSError, asyncssh.Error, asyncssh.KeyImportError, TimeoutError) as error:
            where = f"{self.bank.host}:{self.bank.port}"
            found = f"{type(error).__name__} {error}"[:200]
            action = "Nothing is known of it: the next run does it again"
            raise BankUnavailableError(where, expected=what, found=found, action=action) from error


async def there(client: asyncssh.SFTPClient, path: str, size: int) -> bytes | None:
    """Return what a file of the bank's folder holds, a byte more than `size` at most; None where it may not be read."""
    try:
        async with client.open(path, "rb") as file:
            return cast(bytes, await file.read(size + 1))
    except asyncssh.SFTPPermissionDenied:
        return None


def is_fetchable(name: str, kind: int) -> bool:
    """Say whether a name in the bank's folder is that of a whole, plain file with a plain name."""
    is_plain = "/" not in name and not name.startswith(".") and name.isprintable() and len(name) <= 150
    return is_plain and not name.endswith(UNFINISHED) and kind == asyncssh.FILEXFER_TYPE_REGULAR
