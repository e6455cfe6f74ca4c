"""`tarazy custody travel-send DIR --as ID --key KEY`: travel data that wait go out, then the transactions."""

from __future__ import annotations

import argparse

from tarazy.cli.custody.desk import add_desk, open_store
from tarazy.cli.custody.travel_serve import add_exchange
from tarazy.cli.output import Output
from tarazy.cli.passphrases import open_key
from tarazy.facility.custody.travel_exchange import TravelDesk, send_transfers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    add_exchange(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Send once; exit code 1 while something waits for a provider that does not answer."""
    signer = open_key(arguments.key, arguments.passphrase_file)
    with open_store(arguments) as store:
        counts = send_transfers(TravelDesk(store, arguments.provider, signer))
    output.say(", ".join(f"{name} {count}" for name, count in counts.items()))
    output.result(counts)
    return 1 if counts["waiting"] else 0
