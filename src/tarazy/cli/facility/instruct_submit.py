"""`tarazy instruct submit DIR FILE`: hand a complete draft to the facility; exit code 1 where anything was refused.

The act opens the facility as its one writer. Where the writer runs already, the folder is in use and is left alone:
with `--url` the draft is handed to that process.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tarazy.cli.config.arguments import add_facility, configuration, facility_folder
from tarazy.cli.engines import CHOICES, fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.facility.admission.arguments import known_assets
from tarazy.cli.facility.publishing import published
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.domain.instructions import assemble
from tarazy.facility.admission.view import view_beside
from tarazy.facility.officers.drafts import Draft, draft_as_json, instruction_of, read_draft
from tarazy.facility.officers.errors import DraftError
from tarazy.facility.officers.outcomes import InstructionOutcome, answers_of, check_handed_in
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.sequencer.settings import Options
from tarazy.journal.errors import FolderInUseError
from tarazy.journal.identity import load_identity

TIMEOUT_S = 30.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft, signed by all its officers")
    parser.add_argument("--url", metavar="URL", help="hand it to the facility that is served there, on this machine")
    parser.add_argument("--engine", choices=CHOICES, default=None, help="default: core where it is built, else spec")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Hand in one draft."""
    config = configuration(arguments)
    directory, facility = facility_folder(arguments, config), config.facility
    draft = read_draft(arguments.file)
    identity = load_identity(directory)
    try:
        check_handed_in(identity.facility_id, identity.name, draft)
    except DraftError as error:
        raise CliError(str(error)) from None
    if arguments.url is not None:
        return say_outcome(output, hand_in(arguments.url, draft))
    engine = arguments.engine or facility.engine or fastest()
    return say_outcome(output, take_in(directory, draft, engine, facility.sequencer.options(), output))


def take_in(directory: Path, draft: Draft, engine: str, options: Options, output: Output) -> dict[str, Any]:
    """Journal a draft as the record's one writer; return its outcome.

    Raises: CliError where another process writes; ActError for what the admission desk has not decided.
    """
    check_admission(directory, draft.facility_id, draft)
    assembled = assemble(instruction_of(draft))
    started_ns = time.monotonic_ns()
    try:
        sequencer = Sequencer.open(directory, load_engine(engine), **options)
        with published(sequencer, directory, output):
            receipt = sequencer.submit(assembled.commands, instructions=assembled.entry).result()
    except FolderInUseError as error:
        advice = "The draft stays as it is: hand it to the facility that is served with --url, or when it has stopped."
        raise CliError(f"{error} {advice}") from error
    answers = answers_of(draft, receipt.first_seq, receipt.events)
    took_ns = time.monotonic_ns() - started_ns
    return InstructionOutcome(receipt.first_seq, receipt.ts_ns, took_ns, answers).plain()


def check_admission(directory: Path, facility_id: bytes, draft: Draft) -> None:
    """Refuse what the admission desk has not decided, where the facility has one. Raises: ActError."""
    view = view_beside(directory, facility_id)
    if view is not None:
        try:
            view.check(draft.commands, known_assets(reference_state(directory)))
        finally:
            view.close()


def say_outcome(output: Output, outcome: dict[str, Any]) -> int:
    """Say what came of each command; return 1 where anything was refused."""
    for answer in outcome["answers"]:
        done = f"refused: {answer['refused']}" if answer["refused"] else "done"
        output.say(f"  {answer['seq']:,} {answer['command']}: {done}")
    refused = outcome["refused"]
    output.say(f"{len(outcome['answers']) - refused} done, {refused} refused; the record has them all")
    output.result(outcome)
    return 1 if refused else 0


def hand_in(url: str, draft: Draft) -> dict[str, Any]:
    """Hand a draft to a facility that is served on this machine; return its outcome.

    Raises: CliError.
    """
    request = Request(f"{url.rstrip('/')}/v1/instructions", json.dumps(draft_as_json(draft)).encode(), method="POST")
    request.add_header("content-type", "application/json")
    try:
        if not url.startswith("http://"):
            raise CliError(f"expected an address http://127.0.0.1:PORT, found {url!r}")
        with urlopen(request, timeout=TIMEOUT_S) as response:
            found: dict[str, Any] = json.loads(response.read())
    except HTTPError as error:
        raise CliError(f"{url}: {refusal_text(error)}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise CliError(f"{url}: expected a facility that is served there, found {reason}") from None
    return found


def refusal_text(error: HTTPError) -> str:
    """Return why a served facility did not take a draft."""
    try:
        return str(json.loads(error.read())["msg"])
    except (ValueError, KeyError, TypeError):
        return f"status {error.code}"
