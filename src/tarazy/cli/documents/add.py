"""`tarazy documents add DIR FILE ... --kind KIND`: store files; what was there already stays, with the later date."""

from __future__ import annotations

import argparse
import mimetypes
from datetime import UTC, date, datetime
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.config.arguments import add_config, config_path, configuration
from tarazy.cli.documents.arguments import add_by, add_store, by, day, line
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.platform.documents.entry import Description, Kind
from tarazy.platform.documents.store import DOCUMENT_BYTES_MAX, RETENTION_YEARS, RETENTION_YEARS_MAX, Documents


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_store(parser)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="files to store")
    parser.add_argument("--kind", choices=[each.value for each in Kind], required=True, help="what they are for")
    parser.add_argument("--media-type", metavar="TYPE", help="such as application/pdf (from the name)")
    until = parser.add_mutually_exclusive_group()
    until.add_argument("--until", type=day, metavar="DAY", help="last day on which they must stay")
    until.add_argument("--years", type=positive, metavar="N", help=f"the same in years from today ({RETENTION_YEARS})")
    parser.add_argument("--bytes-max", type=positive, metavar="N", help="largest document (64 MiB)")
    add_config(parser)
    add_by(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Store the files, one after the other."""
    bytes_max, years = limits(arguments)
    store = Documents(arguments.directory, document_bytes_max=bytes_max)
    until = arguments.until or years_from_today(years)
    found = []
    for path in arguments.files:
        guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        media_type = arguments.media_type or guessed
        found.append(store.add(path, Description(Kind(arguments.kind), path.name, media_type, until, by(arguments))))
        output.say(line(found[-1]))
    output.result({"documents": [each.plain() for each in found]})
    return 0


def limits(arguments: argparse.Namespace) -> tuple[int, int]:
    """Return the largest size and the years of retention; a bare install has no configuration to read."""
    bytes_max, years = DOCUMENT_BYTES_MAX, RETENTION_YEARS
    if config_path(arguments.config) is not None:
        section = configuration(arguments).documents
        bytes_max, years = section.document_bytes_max, section.retention_years
    return arguments.bytes_max or bytes_max, arguments.years or years


def years_from_today(years: int) -> date:
    """Return the day so many years from today; from a 29 February the 1 March where there is none.

    Raises: CliError.
    """
    if years > RETENTION_YEARS_MAX:
        raise CliError(f"--years: expected at most {RETENTION_YEARS_MAX}, found {years}")
    today = datetime.now(UTC).date()
    try:
        return today.replace(year=today.year + years)
    except ValueError:
        return date(today.year + years, 3, 1)
