"""`tarazy facility admission serve DIR --drafts FOLDER`: the desk's pages and its drafts, on this machine alone."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tarazy.cli.arguments import port
from tarazy.cli.errors import CliError
from tarazy.cli.facility.admission.arguments import add_facility_folder, open_admission
from tarazy.cli.facility.admission.draft import TERMS, DraftRequest, draft_of
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.journal.stages import title
from tarazy.cli.output import Output
from tarazy.cli.words import Words
from tarazy.domain.records import OfficerState
from tarazy.facility.admission.desk import AdmissionDesk
from tarazy.facility.officers.draft_folder import DraftFolder
from tarazy.facility.officers.drafts import write_draft
from tarazy.facility.officers.errors import OfficersError
from tarazy.journal.identity import Identity, load_identity

if TYPE_CHECKING:
    from tarazy.console.instructions.desk import InstructionDesk

PORT = 8011


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility_folder(parser)
    parser.add_argument("--drafts", type=Path, required=True, metavar="FOLDER", help="folder of drafts, files *.json")
    parser.add_argument("--port", type=port, default=PORT, metavar="P", help=f"port; 0 takes a free one ({PORT})")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until a signal ends it."""
    from tarazy.console.admission.app import PREFIX, create_app
    from tarazy.console.admission.services import AdmissionServices
    from tarazy.platform.web.serving import ServeOptions, serve

    directory, identity = arguments.directory, load_identity(arguments.directory)
    desk = open_admission(directory)  # its lock lives as long as the process
    drafts = DraftFolder(arguments.drafts, identity.facility_id)
    drafts.all()
    writer = draft_writer(directory, desk, drafts)
    services = AdmissionServices(identity.name, desk, writer, TERMS)
    instructions = instruction_desk(directory, identity, drafts)

    def ready(url: str) -> None:
        output.say(f"{identity.name}: admission desk at {url}{PREFIX}/, drafts in {arguments.drafts}")
        output.result({"url": f"{url}{PREFIX}/", "instructions": f"{url}/instructions/"})

    serve(lambda: create_app(services, instructions), ServeOptions(port=arguments.port, ready=ready))
    return 0


def draft_writer(
    directory: Path, desk: AdmissionDesk, drafts: DraftFolder
) -> Callable[[str, str, tuple[int, int], Mapping[str, int]], str]:
    """Return what writes a draft into the folder, from the record as it is then."""
    from tarazy.console.layout.page_layout import ServiceError

    def write(kind: str, about: str, officers: tuple[int, int], terms: Mapping[str, int]) -> str:
        number = int(about) if about.isascii() and about.isdecimal() and len(about) < 10 else 0
        asked = {
            "admit": DraftRequest(admit=number),
            "market": DraftRequest(market=about, terms=dict(terms)),
            "delist": DraftRequest(delist=number),
        }[kind]
        try:
            draft = draft_of(directory, reference_state(directory), desk.state, asked, desk.today, officers)
            name = f"{kind}-{about.lower()}-{time.time_ns() // 10**6}"
            write_draft(drafts.path(name), draft, new=True)
        except (CliError, OfficersError) as error:
            raise ServiceError(str(error), 422) from error
        return name

    return write


def instruction_desk(directory: Path, identity: Identity, drafts: DraftFolder) -> InstructionDesk:
    """Return the desk on which the drafts are signed; keys and words are those of the record as it is now."""
    from tarazy.console.instructions.desk import InstructionDesk

    state = reference_state(directory)
    words = Words(state)
    active = [each for each in state.authority.officers if each.officer_state == OfficerState.active]
    keys = {each.officer_id: each.public_key for each in active}
    return InstructionDesk(identity.name, drafts, lambda command: title(words, command, type(command).__name__), keys)
