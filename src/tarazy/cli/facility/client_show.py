"""`tarazy facility client show DIR CLIENT`: everything that the register knows of one client."""

from __future__ import annotations

import argparse
from typing import Any

from tarazy.cli.arguments import positive
from tarazy.cli.facility.client_desk import add_desk, open_register
from tarazy.cli.output import Output
from tarazy.facility.accounts.clients import client_as_json, find_client
from tarazy.facility.accounts.decisions import decisions_of
from tarazy.facility.accounts.instructions import outbox
from tarazy.facility.accounts.knowledge_test import attempts_of
from tarazy.facility.accounts.obstacles import approval_obstacles
from tarazy.facility.accounts.owners import ownership
from tarazy.facility.accounts.parties import find_party, papers_of
from tarazy.facility.accounts.register import Register
from tarazy.facility.accounts.screening.clearing import hits_of, screened_parties


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("client", type=positive, metavar="CLIENT", help="number of the client")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show one client."""
    with open_register(arguments) as register:
        found = everything(register, arguments.client)
    facts = found["facts"]
    output.say(f"client {found['client']}: {found['state']} since {found['state_since']}", style="bold")
    output.say(f"  {facts['kind']} {' / '.join(facts['names'])}, residence {facts['residence'] or 'unknown'}")
    output.say(f"  class {found['class'] or 'none'}, {found['relation']}, exempt from the cap: {bool(found['exempt'])}")
    for party, papers in found["papers"].items():
        output.say(f"  papers of party {party}: {', '.join(papers) or 'none'}")
    for owner in found["owners"]:
        output.say(f"  owner: party {owner['party']}, {owner['share']}{', controls' if owner['controls'] else ''}")
    for row in found["decisions"]:
        output.say(f"  decision {row['decision']}: {row['kind']} {row['value']}, {row['standing']}, {row['reason']}")
    for text in found["obstacles"]:
        output.say(f"  in the way of an approval: {text}")
    output.result(found)
    return 0


def everything(register: Register, client: int) -> dict[str, Any]:
    """Return a client for programs."""
    row = find_client(register, client)
    parties = screened_parties(register, client)
    is_company = find_party(register, row.party).facts.kind == "company"
    behind = ownership(register, row.party) if is_company else None
    return client_as_json(register, client) | {
        "papers": {str(party): papers_of(register, party) for party in parties},
        "owners": [owner.plain() for owner in behind.owners] if behind else [],
        "undisclosed": str(behind.undisclosed) if behind else "0",
        "hits": [hit.plain() for party in parties for hit in hits_of(register, party)],
        "attempts": [attempt.plain() for attempt in attempts_of(register, client)],
        "decisions": [each.plain() for each in decisions_of(register, client)],
        "outbox": [each._asdict() for each in outbox(register, client)],
        "obstacles": approval_obstacles(register, row),
    }
