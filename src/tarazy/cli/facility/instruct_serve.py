"""`tarazy instruct serve`: the page of instructions that wait for a signature, on this machine alone.

The pages are imported when they are served, so that the other acts start without a web server.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tarazy.cli.arguments import port
from tarazy.cli.config.arguments import add_config, configuration, neither
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.journal.stages import title
from tarazy.cli.output import Output
from tarazy.cli.words import Words
from tarazy.domain.records import OfficerState
from tarazy.facility.officers.draft_folder import DraftFolder
from tarazy.journal.identity import load_identity
from tarazy.platform.documents.store import Documents

if TYPE_CHECKING:
    from tarazy.console.instructions.desk import InstructionDesk

PORT = 8010


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("drafts", type=Path, metavar="DRAFTS", help="folder with the drafts, as files *.json")
    parser.add_argument("--facility", type=Path, metavar="DIR", help="the facility's folder, here or in the file")
    parser.add_argument("--documents", type=Path, metavar="DIR", help="store in which the drafts' documents are sought")
    parser.add_argument("--port", type=port, default=PORT, metavar="P", help=f"port; 0 takes a free one ({PORT})")
    add_config(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until a signal ends it."""
    from tarazy.console.instructions.app import PREFIX, create_app
    from tarazy.platform.web.serving import ServeOptions, serve

    desk = desk_of(arguments)

    def ready(url: str) -> None:
        output.say(f"instructions to {desk.facility} wait at {url}{PREFIX}/; drafts in {arguments.drafts}")
        output.result({"url": f"{url}{PREFIX}/", "drafts": str(arguments.drafts)})

    serve(lambda: create_app(desk), ServeOptions(port=arguments.port, ready=ready))
    return 0


def desk_of(arguments: argparse.Namespace) -> InstructionDesk:
    """Return the desk: words and officers' keys are those of the record as it is now.

    Raises: CliError, JournalError, DraftError.
    """
    from tarazy.console.instructions.desk import InstructionDesk

    config = configuration(arguments)
    directory: Path | None = arguments.facility or config.facility.directory
    if directory is None:
        raise neither("--facility DIR", "facility.directory")
    identity, state = load_identity(directory), reference_state(directory)
    words = Words(state)
    active = [each for each in state.authority.officers if each.officer_state == OfficerState.active]
    store: Path | None = arguments.documents or config.documents.directory
    drafts = DraftFolder(arguments.drafts, identity.facility_id)
    drafts.all()
    return InstructionDesk(
        identity.name,
        drafts,
        lambda command: title(words, command, type(command).__name__),
        {each.officer_id: each.public_key for each in active},
        Documents(store) if store is not None else None,
    )
