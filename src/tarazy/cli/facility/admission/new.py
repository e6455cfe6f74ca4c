"""`tarazy facility admission new DIR`: found the admission desk; from then on nothing is listed without it."""

from __future__ import annotations

import argparse

from tarazy.cli.facility.admission.arguments import add_facility_folder, open_admission
from tarazy.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility_folder(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Found it."""
    with open_admission(arguments.directory, new=True) as desk:
        path = desk.record.path
    output.say(f"founded {path}; from now on an asset is admitted by decision of the committee alone")
    output.say("  first: charter.propose and charter.approve, then list.import and register.import")
    output.result({"record": str(path)})
    return 0
