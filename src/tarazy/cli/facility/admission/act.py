"""`tarazy facility admission act DIR ACT SUBJECT`: act as an officer at the admission desk."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.admission.arguments import add_facility_folder, open_admission
from tarazy.cli.files import read_bounded
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file, open_key
from tarazy.facility.admission.desk import DESK_ACTS
from tarazy.platform.signed_acts.record import LINE_MAX
from tarazy.platform.signed_acts.texts import body_from_texts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility_folder(parser)
    parser.add_argument("kind", metavar="ACT", help="kind of act; `tarazy facility admission kinds` lists them")
    parser.add_argument("subject", metavar="SUBJECT", help="name of the token, head or rule, `facility` for the others")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=TEXT", help="a field; once more for each entry of a list"
    )
    parser.add_argument("--file", action="append", default=[], metavar="FIELD=PATH", help="a field from a text file")
    parser.add_argument("--officer", type=positive, required=True, metavar="N", help="number of the officer who acts")
    parser.add_argument("--key", type=Path, required=True, metavar="KEY", help="the officer's key file")
    add_passphrase_file(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Check, sign and write it."""
    if arguments.kind not in DESK_ACTS:
        raise CliError(f"expected an act of {', '.join(DESK_ACTS)}, found {arguments.kind!r}")
    body = body_from_texts(arguments.kind, DESK_ACTS[arguments.kind].fields, texts_of(arguments))
    signer = open_key(arguments.key, arguments.passphrase_file)
    with open_admission(arguments.directory) as desk:
        line = desk.act(arguments.officer, signer, arguments.kind, arguments.subject, body)
        proposal = desk.state.proposals.get(body.get("proposal", 0))
        outcome = proposal.outcome if proposal is not None else ""
    output.say(f"act {line.unsigned.number}: {DESK_ACTS[arguments.kind].words}, {arguments.subject}")
    if outcome:
        output.say(f"  proposal {body['proposal']}: {outcome}")
    output.result({"act": line.plain(), "outcome": outcome})
    return 0


def texts_of(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the fields of --set and --file. Raises: CliError."""
    texts: dict[str, str] = {}
    for option, pairs in (("--set", arguments.set), ("--file", arguments.file)):
        for each in pairs:
            name, equals, text = each.partition("=")
            if not equals:
                raise CliError(f"{option}: expected FIELD={'TEXT' if option == '--set' else 'PATH'}, found {each!r}")
            if option == "--file":
                text = decoded(Path(text))
            texts[name] = f"{texts[name]}\n{text}" if name in texts else text
    return texts


def decoded(path: Path) -> str:
    """Return the text of a file. Raises: CliError."""
    try:
        return read_bounded(path, LINE_MAX).decode("utf-8")
    except UnicodeDecodeError:
        raise CliError(f"{path}: expected text in UTF-8, found other bytes") from None
