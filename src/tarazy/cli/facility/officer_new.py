"""`tarazy officer new FILE`: make an officer's key. The public key goes to the administrators, the file to nobody."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file, from_file, new_passphrase
from tarazy.facility.officers.key_files import new_key_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the key file to write; an existing one stays")
    parser.add_argument("--name", default="", metavar="NAME", help="whose key it is, for people")
    parser.add_argument("--passphrase", action="store_true", help="encrypt the key; the passphrase is asked for")
    add_passphrase_file(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Make one key."""
    passphrase = None
    if arguments.passphrase_file is not None:
        passphrase = from_file(arguments.passphrase_file)
    elif arguments.passphrase:
        passphrase = new_passphrase()
    public_key = new_key_file(arguments.file, arguments.name, passphrase).public_key
    output.say(f"wrote {arguments.file}: readable by you alone{', encrypted' if passphrase is not None else ''}")
    output.say(f"public key {public_key.hex()}")
    output.say("Give the public key to two administrators: their instruction RegisterOfficer makes it an officer's.")
    output.result({"file": str(arguments.file), "public_key": public_key, "encrypted": passphrase is not None})
    return 0
