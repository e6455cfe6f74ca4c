"""`tarazy facility key new|list|revoke`: API keys of accounts. The secret of a key is shown once, when it is made."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from rich.table import Table

from tarazy.cli.arguments import add_json, positive
from tarazy.cli.config.arguments import add_facility, configuration, facility_folder
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.accounts.api_keys import (
    NOBODY,
    READ,
    SCOPES,
    SUPERVISE,
    TRADE,
    AccountKey,
    ApiKeyError,
    ApiKeyStore,
    api_keys_folder,
)
from tarazy.facility.gateway.session_numbers import session_of_key
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import keys_folder

SECONDS_PER_DAY = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    acts = parser.add_subparsers(dest="key_act", required=True, metavar="ACT")
    new = acts.add_parser("new", help="make a key for an account")
    add_facility(new)
    new.add_argument("--account", type=positive, metavar="N", help="number of the account; none for a supervisor")
    new.add_argument("--scope", action="append", choices=SCOPES, help="what it may do (trade and read)")
    new.add_argument("--ip", action="append", metavar="NETWORK", help="address or network it may be used from (any)")
    new.add_argument("--days", type=positive, metavar="N", help="days until it expires (never)")
    new.add_argument("--label", default="", metavar="TEXT", help="what the key is for")
    new.add_argument("--public-key", type=Path, metavar="PEM", help="Ed25519 public key; without, a secret is made")
    new.add_argument(
        "--signed-only",
        action="store_true",
        help="the client signs everything: while the key is in force, the account orders nothing without a signature",
    )
    listed = acts.add_parser("list", help="list the keys, without secrets")
    add_facility(listed)
    revoke = acts.add_parser("revoke", help="end a key; a running gateway notices within a second")
    add_facility(revoke)
    revoke.add_argument("--key", required=True, metavar="ID", help="id of the key")
    revoke.add_argument("--reason", default="", metavar="TEXT", help="why")
    for act in (new, listed, revoke):
        add_json(act)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    directory = facility_folder(arguments, configuration(arguments))
    load_identity(directory)
    with opened(directory) as store:
        {"new": new, "list": show, "revoke": revoke}[arguments.key_act](arguments, output, store)
    return 0


@contextmanager
def opened(directory: Path) -> Iterator[ApiKeyStore]:
    """Open the keys of a facility. Raises: CliError for what cannot be done with them."""
    store = ApiKeyStore(api_keys_folder(keys_folder(directory)))
    try:
        yield store
    except ApiKeyError as error:
        raise CliError(str(error)) from None
    finally:
        store.close()


def new(arguments: argparse.Namespace, output: Output, store: ApiKeyStore) -> None:
    """Make a key and show its secret this once."""
    public_key = read_public_key(arguments.public_key) if arguments.public_key is not None else None
    if arguments.account is None and arguments.scope != [SUPERVISE]:
        raise CliError(f"expected --account N, or --scope {SUPERVISE} alone for a supervisor; found neither")
    key, secret = store.create(
        arguments.account or NOBODY,
        arguments.scope or (TRADE, READ),
        label=arguments.label,
        public_key=public_key,
        networks=arguments.ip or (),
        life_s=arguments.days * SECONDS_PER_DAY if arguments.days is not None else None,
        signed_only=arguments.signed_only,
    )
    output.say(f"api key     {key.key_id}\naccount     {key.account_id}\nscopes      {', '.join(sorted(key.scopes))}")
    if secret:
        output.say(f"api secret  {secret}   (shown this once)")
    output.result({**plain(key), **({"api_secret": secret} if secret else {})})


def revoke(arguments: argparse.Namespace, output: Output, store: ApiKeyStore) -> None:
    """End a key."""
    key = store.revoke(arguments.key, arguments.reason)
    output.say(f"revoked {key.key_id} of account {key.account_id}")
    output.result(plain(key))


def show(arguments: argparse.Namespace, output: Output, store: ApiKeyStore) -> None:
    """List all keys."""
    columns = ("api key", "account", "session", "kind", "scopes", "from", "state", "label")
    table = Table(*columns, box=None, padding=(0, 2, 0, 0))
    table.columns[0].no_wrap = True
    keys = store.list()
    for key in keys:
        places = ", ".join(map(str, key.networks)) or "anywhere"
        scopes = ", ".join(sorted(key.scopes))
        numbers = str(key.account_id), str(session_of_key(key.number))
        table.add_row(key.key_id, *numbers, kind(key), scopes, places, state(key), key.label)
    output.show(table)
    output.result({"keys": [plain(key) for key in keys]})


def read_public_key(path: Path) -> bytes:
    """Return the Ed25519 public key of a PEM file.

    Raises: CliError.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CliError(f"{path}: expected a public key in PEM, found {error}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise CliError(f"{path}: expected an Ed25519 public key, found {type(key).__name__}")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def plain(key: AccountKey) -> dict[str, object]:
    """Return a key for programs."""
    return {
        "api_key": key.key_id,
        "account": key.account_id,
        "kind": kind(key),
        "session": session_of_key(key.number),
        "label": key.label,
        "signed_only": key.signed_only,
        "scopes": sorted(key.scopes),
        "networks": list(map(str, key.networks)),
        "created_at": moment(key.created_s),
        "expires_at": moment(key.expires_s),
        "revoked_at": moment(key.revoked_s),
    }


def kind(key: AccountKey) -> str:
    """Return how the key signs."""
    return "hmac" if key.public_key is None else "ed25519"


def state(key: AccountKey) -> str:
    """Return whether the key is in force, and until when."""
    if key.revoked_s is not None:
        return f"revoked {moment(key.revoked_s)}"
    return f"until {moment(key.expires_s)}" if key.expires_s is not None else "in force"


def moment(seconds: int | None) -> str | None:
    """Return a time as text, None for never."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
