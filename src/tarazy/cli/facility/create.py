"""`tarazy facility create DIR --name NAME --officer KEY --officer KEY`: found a facility.

Every founder's key is needed once, to sign the identity; afterwards the keys go home with their owners, and the
facility's own key stays in the folder `DIR.keys` beside the record. The record's first frame registers the officers.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.config.arguments import add_facility, configuration, facility_folder
from tarazy.cli.engines import fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.facility.publishing import published
from tarazy.cli.market_data.playing import check_free
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file, open_key
from tarazy.facility.officers.errors import shown
from tarazy.facility.officers.founding import NS_PER_YEAR, Founder, found_facility
from tarazy.facility.officers.roles import EVERY_PERSONS_ROLE, roles_from, roles_text
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.identity import NAME_CHARACTERS_MAX

YEARS_MAX = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility(parser)
    parser.add_argument("--name", required=True, metavar="NAME", help="the facility's name")
    parser.add_argument(
        "--officer",
        action="append",
        required=True,
        metavar="KEY[=ROLES]",
        help="a key file, with roles joined by + (all of a person); two administrators at least",
    )
    parser.add_argument("--years", type=years, default=5, metavar="N", help="how long the officers are valid (5)")
    add_passphrase_file(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Create one facility."""
    check_name(arguments.name)
    config = configuration(arguments)
    directory, facility = facility_folder(arguments, config), config.facility
    check_free(directory)
    founders = [founder_of(text, arguments.passphrase_file) for text in arguments.officer]
    created_ns = time.time_ns()
    until_ns = created_ns + arguments.years * NS_PER_YEAR
    identity = found_facility(directory, arguments.name, founders, created_ns=created_ns, valid_until_ns=until_ns)
    engine = load_engine(facility.engine or fastest())
    with published(Sequencer.open(directory, engine, **facility.sequencer.options()), directory, output):
        pass
    output.say(f"{identity.name}, facility {identity.facility_id.hex()}, in {directory}", style="bold")
    output.say(f"  its key is in {directory}.keys: back it up apart from the record")
    for number, officer in enumerate(identity.officers, 1):
        output.say(f"  officer {number}: {roles_text(officer.roles)} ({officer.public_key.hex()})")
    output.result(
        {
            "facility_id": identity.facility_id,
            "public_key": identity.public_key,
            "officers": [officer.public_key for officer in identity.officers],
        }
    )
    return 0


def check_name(name: str) -> None:
    """Refuse a name that the identity cannot carry.

    Raises: CliError.
    """
    if not name.strip() or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        expected = f"a name of 1 to {NAME_CHARACTERS_MAX} printable characters"
        raise CliError(f"--name: expected {expected}, found {shown(name)}")


def years(text: str) -> int:
    """Return how many years officers are valid."""
    number = positive(text)
    if number > YEARS_MAX:
        raise argparse.ArgumentTypeError(f"expected at most {YEARS_MAX}, found {number}")
    return number


def founder_of(text: str, passphrase_file: Path | None) -> Founder:
    """Return the founder of KEY or KEY=ROLES; a file of the whole name is a key."""
    path, equals, roles = text.rpartition("=")
    if not equals or Path(text).exists():
        return Founder(open_key(Path(text), passphrase_file), EVERY_PERSONS_ROLE)
    return Founder(open_key(Path(path), passphrase_file), roles_from("--officer", roles))
