"""`tarazy rules draft DIR FILE --release RELEASE`: a release's limits as an instruction that officers sign.

The release must be approved by two people, told to everybody and effective after the notice period. The draft lists the
exported rulebook among its documents, so that signers sign its SHA-256; each row of the limit table carries it.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from tarazy.cli.arguments import add_journal, positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.instruct_draft import at_most_a_year, check_signers, find_officer, new_draft
from tarazy.cli.facility.instruct_show import show_draft
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import a_day
from tarazy.cli.words import Words
from tarazy.facility.officers.drafts import Document, draft_as_json, write_draft
from tarazy.journal.identity import load_identity
from tarazy.rulebook.gates import limit_commands
from tarazy.rulebook.publication import load_release


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_journal(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft to write; an existing file stays")
    parser.add_argument("--release", type=Path, required=True, metavar="FILE", help="approval, notice and effect, TOML")
    parser.add_argument("--rulebook", type=Path, required=True, metavar="FILE", help="the exported rulebook")
    parser.add_argument("--officer", type=positive, required=True, metavar="N", help="number of the officer who acts")
    parser.add_argument("--approver", type=positive, required=True, metavar="N", help="number of the second officer")
    parser.add_argument("--hours", type=at_most_a_year, default=24, metavar="N", help="how long it is valid (24)")
    parser.add_argument("--today", type=a_day, default=None, metavar="DATE", help="the day of the notice check (today)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write one draft."""
    release = load_release(arguments.release, arguments.today or datetime.now(UTC).date())
    digest = sha256(arguments.rulebook.read_bytes()).digest()
    if digest != release.sha256:
        expected = f"the rulebook with SHA-256 {release.sha256.hex()}"
        raise CliError(f"{arguments.rulebook}: expected {expected}, found {digest.hex()}")
    state = reference_state(arguments.directory)
    commands = limit_commands(release)
    officers = [find_officer(state, number) for number in (arguments.officer, arguments.approver)]
    check_signers(state, commands, officers)
    identity = load_identity(arguments.directory)
    papers = (Document(arguments.rulebook.name, digest),)
    draft = new_draft(identity, state, officers, commands, papers, arguments.hours)
    write_draft(arguments.file, draft, new=True)
    show_draft(output, draft, Words(state))
    output.say(f"\nwrote {arguments.file}; each officer signs with: tarazy instruct sign {arguments.file} --key KEY")
    output.result({"file": str(arguments.file), "release": release.sha256.hex(), "draft": draft_as_json(draft)})
    return 0
