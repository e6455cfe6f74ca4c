"""`tarazy facility client draft DIR FILE --client N`: the instruction that tells the record of a decision, as a draft.

Nothing is signed or sent here: the officers sign the draft and hand it in as any other. `--cap` drafts the two rows of
the monthly cap of resident retail clients instead.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import add_desk, documents_of, open_register
from tarazy.cli.facility.digests import file_digest
from tarazy.cli.facility.instruct_draft import at_most_a_year, check_signers, document_of, find_officer, new_draft
from tarazy.cli.facility.instruct_show import show_draft
from tarazy.cli.journal.excerpt import decode_excerpt
from tarazy.cli.journal.seek import engine_after, last_seq, reference_state
from tarazy.cli.output import Output
from tarazy.cli.words import Words
from tarazy.facility.accounts.instructions import Command, OutboxRow, cap_commands, for_accounts, outbox
from tarazy.facility.accounts.parties import retain_until
from tarazy.facility.accounts.register import Register
from tarazy.facility.officers.drafts import Document, command_of, draft_as_json, write_draft
from tarazy.journal.identity import load_identity
from tarazy.platform.documents.entry import Description, Kind
from tarazy.platform.documents.store import Documents
from tarazy.spec.state import State

SCALE_MAX = 18


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft to write; an existing file stays")
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--client", type=positive, metavar="N", help="the client whose newest decision it tells")
    chosen.add_argument("--cap", action="store_true", help="the monthly cap of resident retail clients")
    parser.add_argument("--number", type=positive, metavar="N", help="an older entry of the client's outbox")
    parser.add_argument("--scale", type=int, metavar="N", help="decimal places of the reference currency, for --cap")
    parser.add_argument("--rulebook", type=Path, metavar="FILE", help="the rulebook that sets the cap, for --cap")
    parser.add_argument("--officer", type=positive, required=True, metavar="N", help="number of the officer who acts")
    parser.add_argument("--approver", type=positive, metavar="N", help="number of the second officer")
    parser.add_argument("--hours", type=at_most_a_year, default=24, metavar="N", help="how long it is valid (24)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write one draft."""
    state = reference_state(arguments.directory)
    officers = [find_officer(state, number) for number in (arguments.officer, arguments.approver) if number]
    with open_register(arguments, new=arguments.cap) as register:
        texts, papers = cap_of(register, arguments) if arguments.cap else decision_of(register, arguments, state)
    commands = [command_of(each) for each in texts]
    check_signers(state, commands, officers)
    identity = load_identity(arguments.directory)
    draft = new_draft(identity, state, officers, commands, papers, arguments.hours)
    write_draft(arguments.file, draft, new=True)
    show_draft(output, draft, Words(state))
    output.say(f"\nwrote {arguments.file}; each officer signs with: tarazy instruct sign {arguments.file} --key KEY")
    output.result({"file": str(arguments.file), "draft": draft_as_json(draft)})
    return 0


def decision_of(
    register: Register, arguments: argparse.Namespace, state: State
) -> tuple[list[Command], tuple[Document, ...]]:
    """Return the commands of a decision, with its paper kept as a document.

    Raises: CliError where nothing waits.
    """
    rows = [row for row in outbox(register, arguments.client) if arguments.number in (None, row.number)]
    if not rows:
        raise CliError(f"expected a decision on client {arguments.client} that the record is told of, found none")
    paper = keep_paper(register, documents_of(arguments), rows[-1])
    return for_accounts(rows[-1].commands, accounts_of(arguments.directory, len(state.accounts), arguments.client)), (
        paper,
    )


def accounts_of(directory: Path, count: int, owner_id: int) -> list[int]:
    """Return the numbers of an owner's accounts, from the record; all accounts are looked at."""
    every = range(1, count + 1)
    accounts = decode_excerpt(engine_after(directory, last_seq(directory)).excerpt(every, [])).state.accounts
    return [number for number in every if accounts[number - 1].owner_id == owner_id]


def keep_paper(register: Register, documents: Documents, row: OutboxRow) -> Document:
    """Keep a decision's paper among the documents, where it is not yet."""
    name = f"decision {row.decision} on client {row.client}"
    description = Description(Kind.decision, name, "application/json", retain_until(register.today), "register")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        file.write(row.paper)
        file.flush()
        return Document(name, bytes.fromhex(documents.add(Path(file.name), description).sha256))


def cap_of(register: Register, arguments: argparse.Namespace) -> tuple[list[Command], tuple[Document, ...]]:
    """Return the commands that set the monthly cap.

    Raises: CliError.
    """
    if arguments.scale is None or arguments.rulebook is None or not 0 <= arguments.scale <= SCALE_MAX:
        raise CliError(f"expected --scale 0 to {SCALE_MAX} and --rulebook FILE with --cap, found another choice")
    commands = cap_commands(register, arguments.scale, file_digest(arguments.rulebook))
    return commands, (document_of(arguments.rulebook),)
