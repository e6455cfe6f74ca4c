"""`tarazy instruct show FILE [DIR]`: what a signature would do, in words, and the digest that two officers compare.

With the facility's folder, amounts are decimals of their assets and markets have names; without it they are the numbers
of the draft. The words come from the same bytes that are signed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.errors import CliError
from tarazy.cli.facility.digests import file_digest
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.journal.stages import title
from tarazy.cli.output import Output
from tarazy.cli.words import Words
from tarazy.facility.officers.command_text import moment_text
from tarazy.facility.officers.drafts import Draft, draft_as_json, read_draft
from tarazy.spec.state import State


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft")
    parser.add_argument("--facility", type=Path, metavar="DIR", help="the facility's folder, for names and decimals")
    parser.add_argument(
        "--document", type=Path, action="append", default=[], metavar="PATH", help="a file to find among its documents"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show one draft; exit code 1 where a named file is none of its documents."""
    draft = read_draft(arguments.file)
    show_draft(output, draft, words_of(arguments.facility, draft))
    found = {str(path): is_listed(output, draft, path) for path in arguments.document}
    output.result({"draft": draft_as_json(draft), "missing": draft.missing, "documents": found})
    return 0 if all(found.values()) else 1


def words_of(directory: Path | None, draft: Draft) -> Words:
    """Return the words of the facility's reference data, or plain ones.

    Raises: CliError where the folder is another facility's.
    """
    if directory is None:
        return Words(State())
    from tarazy.journal.identity import load_identity

    identity = load_identity(directory)
    if identity.facility_id != draft.facility_id:
        raise CliError(f"expected the facility {draft.facility_id.hex()}, found {identity.facility_id.hex()}")
    return Words(reference_state(directory))


def show_draft(output: Output, draft: Draft, words: Words) -> None:
    """Print what a draft orders and who is to sign it."""
    output.say(f"Instruction {draft.instruction_number} to {draft.facility}", style="bold")
    output.say(f"  valid until {moment_text(draft.valid_until_ns)}, once")
    output.say(f"  names what there was at command {draft.known_seq:,} of the record, or what it makes itself")
    for number, command in enumerate(draft.commands, 1):
        output.say(f"  {number}. {title(words, command, type(command).__name__)}")
    for document in draft.documents:
        output.say(f"  document {document.name}: {document.digest.hex()}")
    for officer in draft.officers:
        done = "has not signed" if officer.officer_id in draft.missing else "has signed"
        output.say(f"  officer {officer.officer_id} {done} ({officer.public_key.hex()})")
    output.say(f"  digest {draft.digest.hex()}")


def is_listed(output: Output, draft: Draft, path: Path) -> bool:
    """Say whether a file is one of the documents that the signers have read."""
    digest = file_digest(path)
    name = next((each.name for each in draft.documents if each.digest == digest), None)
    output.say(f"  {path} is {'the document ' + name if name is not None else 'NONE of its documents'}")
    return name is not None
