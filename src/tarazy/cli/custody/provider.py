"""`tarazy custody provider DIR ID --name NAME --country XX --status approved --document FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.custody.desk import actor_of, add_actor, add_desk, open_store
from tarazy.cli.facility.digests import file_digest
from tarazy.cli.output import Output
from tarazy.facility.custody.travel_messages import PROVIDER_STATES, review_provider


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("id", metavar="ID", help="the name by which messages know the provider")
    parser.add_argument("--name", required=True, metavar="TEXT", help="its legal name")
    parser.add_argument("--country", required=True, metavar="XX", help="two letters")
    parser.add_argument("--status", choices=PROVIDER_STATES, required=True, help="approved or refused")
    parser.add_argument("--document", type=Path, required=True, metavar="FILE", help="what was found")
    parser.add_argument("--url", default="", metavar="URL", help="where its messages go, with --public-key")
    parser.add_argument("--public-key", default="", metavar="HEX", help="the Ed25519 key under which it signs")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Note one review."""
    actor, document = actor_of(arguments), file_digest(arguments.document).hex()
    terms = (arguments.id, arguments.name, arguments.country, arguments.status, document)
    with open_store(arguments) as store:
        row = review_provider(store, actor, *terms, (arguments.url.rstrip("/"), arguments.public_key.lower()))
    output.say(f"provider {row.provider}: {row.status} until {row.review_by}")
    output.result({"provider": row._asdict()})
    return 0
