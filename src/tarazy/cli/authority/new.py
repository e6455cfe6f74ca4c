"""`tarazy authority new DIR`: found an authority with the keys of its first officers."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.authority.desk import AuthorityDesk
from tarazy.authority.office import FOUND, OFFICERS_MIN, founding_body
from tarazy.authority.state import ROLES
from tarazy.cli.authority.arguments import DESK_KEY, add_folder
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file, open_key
from tarazy.facility.officers.key_files import new_key_file
from tarazy.platform.signed_acts.record import ActRecord


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_folder(parser)
    parser.add_argument("--title", required=True, metavar="NAME", help="name of the authority")
    parser.add_argument(
        "--officer",
        action="append",
        required=True,
        metavar="NAME=KEY[=ROLES]",
        help=f"an officer: name, key file, roles with commas (all: {','.join(ROLES)}); give two or more",
    )
    add_passphrase_file(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Found it; the keys of the first two officers sign."""
    if len(arguments.officer) < OFFICERS_MIN:
        raise CliError(f"--officer: expected {OFFICERS_MIN} or more, found {len(arguments.officer)}")
    parts = [officer(text) for text in arguments.officer]
    signers = [open_key(path, arguments.passphrase_file) for _, path, _ in parts]
    rows = [
        {"officer_id": str(n), "name": name, "public_key": signer.public_key.hex(), "roles": roles}
        for n, ((name, _, roles), signer) in enumerate(zip(parts, signers, strict=True), 1)
    ]
    record = ActRecord(arguments.directory, new=True)
    try:
        with AuthorityDesk(record) as desk:
            desk_key = new_key_file(arguments.directory / DESK_KEY, "the authority's desk")
            body = founding_body(arguments.title, desk_key.public_key, rows, 2, signers[1])
            line = desk.act(1, signers[0], FOUND, "authority", body)
    except BaseException:
        record.path.unlink()
        (arguments.directory / DESK_KEY).unlink(missing_ok=True)
        raise
    output.say(f"founded {arguments.title} in {arguments.directory}; act 1, {line.hash[:16]}")
    output.say(f"Keep {arguments.directory / DESK_KEY} with the service, and the officers' keys with the officers.")
    output.result({"directory": str(arguments.directory), "act": line.plain(), "officers": rows})
    return 0


def officer(text: str) -> tuple[str, Path, str]:
    """Return (name, key file, roles) of an argument. Raises: CliError."""
    name, _, rest = text.partition("=")
    path, _, roles = rest.partition("=")
    if not name or not path:
        raise CliError(f"--officer: expected NAME=KEY or NAME=KEY=ROLES, found {text!r}")
    return name, Path(path), roles or ",".join(ROLES)
