"""`tarazy reconciliation lift DIR ...`: the command by which two people end a break, and the document with their
reason.

Written are `lift-ASSET-LOCATION.json`, which `tarazy instruct draft --from` reads, and the document whose SHA-256 it
carries.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.instruct_draft import find_officer
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file
from tarazy.cli.reconciliation.sides import add_sides, preparer_of, run_of
from tarazy.domain.records import CustodyLocation
from tarazy.facility.officers.command_text import text_from
from tarazy.facility.reconciliation.reporting import lift, to_be_lifted
from tarazy.facility.reconciliation.running import open_breaks
from tarazy.platform.storage.files import write_whole

PRIVATE = 0o600
LOCATIONS = [location.name for location in CustodyLocation if location is not CustodyLocation.transit]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_sides(parser)
    add_passphrase_file(parser)
    parser.add_argument("--asset", type=positive, required=True, metavar="N", help="number of the asset")
    parser.add_argument("--location", choices=LOCATIONS, required=True, help="where the break is")
    parser.add_argument(
        "--approved-by", type=positive, required=True, metavar="N", help="the second officer, who signs the draft too"
    )
    parser.add_argument("--reason", required=True, metavar="TEXT", help="what the difference was and how it was closed")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="where command and document are written"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write one lift."""
    preparer = preparer_of(arguments)
    second = find_officer(reference_state(arguments.directory), arguments.approved_by)
    if second.public_key == preparer.signer.public_key:
        raise CliError(f"expected another officer than {preparer.officer_id} with another key, found the same one")
    facts, state = run_of(arguments)
    where = arguments.asset, int(CustodyLocation[arguments.location])
    places = [each for each in facts.found.places if (each.asset_id, each.location) == where]
    if where not in open_breaks(state) or not places:
        raise CliError(f"expected an open break of asset {where[0]} at {arguments.location}, found none in the record")
    if places[0] not in to_be_lifted(facts.found, {where}) and not places[0].is_break:
        raise CliError(f"expected a balance seen at {arguments.location}, found none; give it in --outside")
    names = (f"officer {preparer.officer_id}", f"officer {second.officer_id}")
    lifted = lift(places[0], arguments.reason, *names, state.last_ts_ns)
    arguments.out.mkdir(parents=True, exist_ok=True)
    name = f"lift-{where[0]}-{arguments.location}"
    document, command = arguments.out / f"{name}-reason.json", arguments.out / f"{name}.json"
    write_whole(document, lifted.document, PRIVATE)
    write_whole(command, json.dumps([text_from(lifted.command)], indent=1).encode() + b"\n", PRIVATE)
    output.say(f"wrote {command} and {document}; both officers sign a draft of it, with the document")
    output.result({"command": command, "document": document, "evidence_hash": lifted.command.evidence_hash})
    return 0
