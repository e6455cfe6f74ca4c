"""`tarazy instruct sign FILE --key KEY`: add one officer's signature, after saying what it is under."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import digest
from tarazy.cli.errors import CliError
from tarazy.cli.facility.instruct_show import show_draft, words_of
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file, open_key
from tarazy.facility.officers.drafts import Draft, draft_as_json, read_draft, sign_draft, sign_in_place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft")
    parser.add_argument("--key", type=Path, required=True, metavar="KEY", help="the officer's key file")
    add_passphrase_file(parser)
    parser.add_argument("--facility", type=Path, metavar="DIR", help="the facility's folder, for names and decimals")
    parser.add_argument(
        "--digest",
        type=digest,
        metavar="HEX",
        help="the digest that it must have, as the other officer read it out",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Sign one draft."""
    draft = read_draft(arguments.file)
    wanted = draft.digest if arguments.digest is None else arguments.digest
    require_digest(draft, wanted)

    def sign(found: Draft) -> Draft:
        require_digest(found, wanted)
        return sign_draft(found, key)

    key = open_key(arguments.key, arguments.passphrase_file)
    signed = sign_in_place(arguments.file, lambda: read_draft(arguments.file), sign)
    show_draft(output, signed, words_of(arguments.facility, signed))
    if signed.missing:
        output.say(f"\nsigned; it waits for officer {signed.missing[0]}")
    else:
        output.say(f"\nsigned by all; hand it in with: tarazy instruct submit DIR {arguments.file}")
    output.result({"draft": draft_as_json(signed), "missing": signed.missing})
    return 0


def require_digest(draft: Draft, wanted: bytes) -> None:
    """Refuse a draft that is not the one that was read out, or that changed while a passphrase was typed.

    Raises: CliError.
    """
    if draft.digest != wanted:
        raise CliError(f"expected the digest {wanted.hex()}, found {draft.digest.hex()}; nothing was signed")
