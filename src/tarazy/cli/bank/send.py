"""`tarazy bank send DIR IBAN --folder FOLDER` or `--channel FILE`: approved payouts as one pain.001, to the bank.

Doing it again after a crash goes on where it stopped: a message that is written is handed over, and is there once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.bank.channels import add_channel, open_channel
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.bank.payments import add_sender, sender_of, shown, standing_in
from tarazy.cli.output import Output
from tarazy.facility.banking.sending import drop_revoked, hand_over, write_payments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("account", metavar="IBAN", help="the account of client money that pays")
    add_channel(parser)
    parser.add_argument("--currency", default="KZT", metavar="CODE", help="its currency (KZT)")
    parser.add_argument("--schema", type=Path, metavar="FILE", help="pain.001.001.09.xsd, to which the message is held")
    add_sender(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write what is approved and hand over what is written."""
    with open_book(arguments) as book:
        dropped = drop_revoked(book, arguments.account, standing_in(arguments.directory))
        made = write_payments(book, sender_of(book, arguments), arguments.currency, arguments.schema)
        handed = hand_over(book, open_channel(arguments, book), arguments.account)
    checked = "schema" if arguments.schema else "structure"
    output.say(f"written: {made or 'nothing, none is approved'} (held to its {checked}); handed over: {shown(handed)}")
    for name in dropped:
        output.warn(f"{name}: taken back, the record has its withdrawal no longer")
    output.result({"written": made, "dropped": dropped, "checked_by": checked, "handed": handed})
    return 0
