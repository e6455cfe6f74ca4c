"""How a bank is reached: its folders on this machine, or a file that names its server (SFTP or REST).

    kind = "sftp"                     kind = "rest"
    bank = "halyk"                    bank = "bcc"                its name in the bank book
    accounts = ["KZ..."]              account = "KZ..."           what it may speak of
    folder = "bank"                   folder = "bank"             copies of what was sent and fetched
    host = "sftp.bank.example"        base = "https://api.bank.example/v1"
    port = 22
    user = "venue"                    client_id = "venue"
    key_file = "id_ed25519"           secret_file = "secret"      its first line
    host_key = "ssh-ed25519 AAAA..."  key_file = "key.pem"        signs what we send
    outbox = "/in"                    key_id = "2026-11"
    inbox = "/out"                    bank_key_file = "bank.pem"  signs what the bank answers

Paths are relative to the file. Secrets and keys stay in files of their own. A channel speaks of its own bank's accounts
alone: what it says of another one is put aside, and no payment of another account goes by it.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tarazy.cli.errors import CliError
from tarazy.cli.passphrases import from_file
from tarazy.facility.banking.banks.file_drop import SETTLE_S, FileDrop
from tarazy.facility.banking.banks.rest import RestBank, RestChannel
from tarazy.facility.banking.book import BankBook, channel_accounts
from tarazy.facility.banking.handing import payment_files
from tarazy.facility.banking.payouts import payouts
from tarazy.facility.banking.sending import BankChannel

FILE_BYTES_MAX = 1 << 16
FIELDS = {
    "sftp": {"bank", "accounts", "folder", "host", "port", "user", "key_file", "host_key", "outbox", "inbox"},
    "rest": {"bank", "folder", "base", "account", "client_id", "secret_file", "key_file", "key_id", "bank_key_file"},
}
DROP = "drop"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class BoundChannel(NamedTuple):
    """A way to a bank, and the accounts that it may speak of."""

    channel: BankChannel
    accounts: frozenset[str]


def add_channel(parser: argparse.ArgumentParser) -> None:
    """Declare how the bank is reached."""
    ways = parser.add_mutually_exclusive_group(required=True)
    ways.add_argument("--folder", type=Path, metavar="FOLDER", help="the bank's folders on this machine")
    ways.add_argument("--channel", type=Path, metavar="FILE", help="the bank's server: a TOML file for SFTP or REST")
    parser.add_argument("--bank", metavar="NAME", help=f"with --folder: the bank's name in the bank book ({DROP})")


def open_channel(arguments: argparse.Namespace, book: BankBook, settle_s: float = SETTLE_S) -> BoundChannel:
    """Return the channel with its accounts. Raises: CliError, BankingError, OSError."""
    if arguments.folder is not None:
        bound = channel_accounts(book, arguments.bank or DROP)
        return BoundChannel(FileDrop(arguments.folder, settle_s), bound)
    if arguments.bank is not None:
        raise CliError("expected --bank NAME with --folder alone, found it with --channel, whose file names the bank")
    path: Path = arguments.channel
    values = read(path)
    folder = path.parent / values["folder"]
    named = values["accounts"] if values["kind"] == "sftp" else [values["account"]]
    bound = channel_accounts(book, values["bank"], named)
    if values["kind"] == "sftp":
        return BoundChannel(sftp(path, values, folder), bound)
    channel = RestChannel(rest_bank(path, values), values["account"], folder)
    open_ones = {each.message_id for each in payouts(book) if each.state in ("sent", "accepted")}
    channel.watch(
        sorted(
            each.message_id
            for each in payment_files(book, "handing", "handed")
            if each.message_id in open_ones and each.account in bound
        )
    )
    return BoundChannel(channel, bound)


def read(path: Path) -> dict[str, Any]:
    """Return what a channel's file says. Raises: CliError, OSError."""
    with path.open("rb") as file:
        text = file.read(FILE_BYTES_MAX + 1)
    try:
        found = tomllib.loads(text.decode()) if len(text) <= FILE_BYTES_MAX else {}
    except ValueError as error:
        raise CliError(f"{path}: expected TOML, found {error}") from None
    fields = FIELDS.get(str(found.get("kind")))
    if fields is None:
        raise CliError(f'{path}: expected kind = "sftp" or "rest", found {str(found.get("kind"))[:20]!r}')
    texts = [each for name, each in found.items() if name not in ("port", "accounts")]
    named = found.get("accounts", [""])
    texts += named if isinstance(named, list) and named else [None]
    if set(found) != fields | {"kind"} or not all(isinstance(each, str) for each in texts):
        shown = ", ".join(sorted(found))[:200]
        expected = f"the fields {', '.join(sorted(fields))}, all text but port, and accounts a list of texts"
        raise CliError(f"{path}: expected {expected}, found {shown}")
    return found


def sftp(path: Path, values: dict[str, Any], folder: Path) -> BankChannel:
    """Return a channel over SFTP. Raises: CliError where the extra is not installed, or a value is none."""
    try:
        from tarazy.facility.banking.banks.sftp import SftpBank, SftpDrop
    except ImportError as error:
        raise CliError("expected the extra sftp, found it not installed; pip install 'tarazy[sftp]'") from error
    if type(values["port"]) is not int or not 1 <= values["port"] <= 65_535:
        raise CliError(f"{path}: expected a port from 1 to 65535, found {values['port']!r}")
    names = ("host", "port", "user", "key_file", "host_key", "outbox", "inbox")
    given = {name: values[name] for name in names} | {"key_file": path.parent / values["key_file"]}
    return SftpDrop(SftpBank(**given), folder)


def rest_bank(path: Path, values: dict[str, Any]) -> RestBank:
    """Return where and how a bank is asked. Raises: CliError for an address without TLS, or keys that are none."""
    address = urlsplit(values["base"])
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
        raise CliError(f"{path}: expected an address with https://, found {values['base'][:80]!r}")
    secret = from_file(path.parent / values["secret_file"]).decode()
    try:
        key: Any = load_pem_private_key((path.parent / values["key_file"]).read_bytes(), None)
        bank_key: Any = load_pem_public_key((path.parent / values["bank_key_file"]).read_bytes())
        if not isinstance(key, rsa.RSAPrivateKey) or not isinstance(bank_key, rsa.RSAPublicKey):
            raise ValueError("no RSA keys")
    except (ValueError, TypeError):
        raise CliError(
            f"{path}: expected RSA keys as PEM in key_file and bank_key_file, found something else"
        ) from None
    return RestBank(values["base"], values["client_id"], secret, key, values["key_id"], bank_key)
