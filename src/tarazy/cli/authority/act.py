"""`tarazy authority act DIR ACT SUBJECT`: act as an officer, with the fields of the act."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tarazy.authority.desk import ACTS, PROPOSE
from tarazy.cli.authority.arguments import add_folder, add_officer, open_desk, signer_of
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.platform.signed_acts.texts import body_from_texts

BODY_MAX = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_folder(parser)
    parser.add_argument("act", metavar="ACT", help="kind of act; `tarazy authority kinds` lists them")
    parser.add_argument("subject", metavar="SUBJECT", help="short name of whom or what it is about")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=TEXT", help="a field; once more for each entry of a list"
    )
    parser.add_argument("--body", type=Path, metavar="FILE", help="all fields as one JSON object")
    add_officer(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Check, sign and write it."""
    if arguments.act not in ACTS:
        raise CliError(f"expected an act of {', '.join(ACTS)}, found {arguments.act!r}")
    body = body_of(arguments)
    with open_desk(arguments) as desk:
        line = desk.act(arguments.officer, signer_of(arguments), arguments.act, arguments.subject, body)
    act = line.unsigned
    if act.act == PROPOSE:
        output.say(f"proposal {act.number}: {ACTS[arguments.act].words}, {act.subject}; another officer decides it:")
        output.say(
            f"  tarazy authority decide {arguments.directory} {act.number} --approve --reason ... --officer N --key KEY"
        )
    else:
        output.say(f"act {act.number}: {ACTS[arguments.act].words}, {act.subject}")
    output.result({"act": line.plain(), "proposal": act.number if act.act == PROPOSE else None})
    return 0


def body_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the fields from --body and --set. Raises: CliError, ActRefusedError."""
    body: dict[str, Any] = {}
    if arguments.body is not None:
        if arguments.body.stat().st_size > BODY_MAX:
            raise CliError(f"{arguments.body}: expected at most {BODY_MAX:,} bytes, found more")
        try:
            body = json.loads(arguments.body.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise CliError(f"{arguments.body}: expected a JSON object, found {str(error)[:120]}") from None
        if not isinstance(body, dict):
            raise CliError(f"{arguments.body}: expected a JSON object, found {type(body).__name__}")
    texts: dict[str, str] = {}
    for each in arguments.set:
        name, equals, text = each.partition("=")
        if not equals:
            raise CliError(f"--set: expected FIELD=TEXT, found {each!r}")
        texts[name] = f"{texts[name]}\n{text}" if name in texts else text
    return body | body_from_texts(arguments.act, ACTS[arguments.act].fields, texts)
