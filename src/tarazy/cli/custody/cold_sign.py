"""`tarazy custody cold-sign FILE SIGNED --key-file FILE`: sign where there is no network, and no record."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.passphrases import from_file
from tarazy.facility.custody.offline_files import read_offline, sign_file, write_offline
from tarazy.facility.custody.payment_drafts import read_content
from tarazy.facility.custody.wallet_keys import SeedKeys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the file that cold-make wrote")
    parser.add_argument("signed", type=Path, metavar="SIGNED", help="the file to write, with one more signature")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="its first line is an extended private key")
    parser.add_argument("--seed-file", type=Path, metavar="FILE", help="seed of a one-key wallet, with --wallet")
    parser.add_argument("--wallet", metavar="NAME", help="name of that wallet")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Sign one file."""
    if (arguments.key_file is None) == (arguments.seed_file is None) or bool(arguments.seed_file) != bool(
        arguments.wallet
    ):
        raise CliError("expected --key-file, or --seed-file with --wallet, found another choice of them")
    file = read_offline(arguments.file)
    for each in read_content(file.chain, file.draft).outputs:
        output.say(f"pays {each.amount_minor} of {each.contract} to {each.address}")
    key = from_file(arguments.key_file).decode("ascii", "replace") if arguments.key_file else ""
    keys = SeedKeys(arguments.seed_file, arguments.wallet) if arguments.seed_file else None
    done = sign_file(file, extended_key=key, keys=keys)
    body = write_offline(arguments.signed, done)
    output.say("complete" if done.signed else "more signatures are needed")
    output.result({"file": str(arguments.signed), "complete": bool(done.signed), "digest": body["digest"]})
    return 0
