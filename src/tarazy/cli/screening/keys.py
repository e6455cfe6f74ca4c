"""`tarazy screening keys`: who may call the service. The secret of a key is shown once, when it is made."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from tarazy.cli.arguments import positive
from tarazy.cli.config.arguments import add_config, configuration
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.access.keys import DEFAULT_SCOPES, SCOPES, ApiKey, KeyStore

SECONDS_PER_DAY = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `keys`."""
    add_config(parser)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the service (var/screening)")
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--create", metavar="NAME", help="make a key for somebody")
    acts.add_argument("--revoke", metavar="APP_KEY", help="end a key and its access tokens")
    parser.add_argument(
        "--scope", action="append", choices=sorted(SCOPES), help="what it may do (read, screen, simulate)"
    )
    parser.add_argument("--days", type=positive, metavar="N", help="days until it expires (never)")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is revoked")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List, make or revoke keys; the service notices within a second."""
    data = arguments.data or configuration(arguments).screening.data
    if not data.is_dir() and arguments.create is None:
        raise CliError(f"expected the folder of a service, found none at {data}; give --data")
    data.mkdir(parents=True, exist_ok=True)
    store = KeyStore(data, AuditTrail(data / "audit.jsonl"))
    try:
        if arguments.create is not None:
            create(arguments, output, store)
        elif arguments.revoke is not None:
            revoke(arguments, output, store)
        else:
            show(output, store.list())
    finally:
        store.close()
    return 0


def create(arguments: argparse.Namespace, output: Output, store: KeyStore) -> None:
    """Make a key and show its secret this once."""
    scopes = frozenset(arguments.scope) if arguments.scope else DEFAULT_SCOPES
    life_s = arguments.days * SECONDS_PER_DAY if arguments.days is not None else None
    try:
        key, secret = store.create(arguments.create, scopes, life_s)
    except ValueError as error:
        raise CliError(str(error)) from None
    output.say(
        f"app key     {key.app_key}\napp secret  {secret}   (shown this once)\nscopes      {', '.join(sorted(scopes))}"
    )
    output.result({**plain(key), "app_secret": secret})


def revoke(arguments: argparse.Namespace, output: Output, store: KeyStore) -> None:
    """End a key."""
    try:
        store.revoke(arguments.revoke, arguments.reason)
    except KeyError as error:
        raise CliError(str(error.args[0])) from None
    output.say(f"revoked {arguments.revoke}")
    output.result({"revoked": arguments.revoke})


def show(output: Output, keys: list[ApiKey]) -> None:
    """List the keys in force, without secrets."""
    table = Table("app key", "name", "scopes", "expires", box=None, padding=(0, 2, 0, 0))
    for key in keys:
        table.add_row(key.app_key, key.name, ", ".join(sorted(key.scopes)), expiry(key) or "never")
    output.show(table)
    output.result({"keys": [plain(key) for key in keys]})


def plain(key: ApiKey) -> dict[str, object]:
    """Return a key for programs."""
    return {"app_key": key.app_key, "name": key.name, "scopes": sorted(key.scopes), "expires_at": expiry(key)}


def expiry(key: ApiKey) -> str | None:
    """Return when a key expires, None for never."""
    if key.expires_s is None:
        return None
    return datetime.fromtimestamp(key.expires_s, UTC).isoformat(timespec="seconds")
