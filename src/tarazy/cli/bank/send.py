"""`tarazy bank send DIR IBAN --folder FOLDER` or `--channel FILE`: approved payouts as one pain.001, to the bank.

A message is written first; once the record has dispatched each of its payments by these very bytes, it is handed over.
Doing it again after a crash goes on where it stopped: the bank has a message once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.bank.channels import add_channel, open_channel
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.bank.payments import add_sender, recorded_in, sender_of, shown
from tarazy.cli.output import Output
from tarazy.facility.banking.handing import drop_revoked, hand_over
from tarazy.facility.banking.importing import require_bound
from tarazy.facility.banking.sending import write_payments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("account", metavar="IBAN", help="the account of client money that pays")
    add_channel(parser)
    parser.add_argument("--currency", default="KZT", metavar="CODE", help="its currency (KZT)")
    parser.add_argument("--schema", type=Path, metavar="FILE", help="pain.001.001.09.xsd, to which the message is held")
    add_sender(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write what is approved and hand over what the record has dispatched."""
    with open_book(arguments) as book:
        channel, bound = open_channel(arguments, book)
        require_bound(arguments.account, bound, "payments")
        recorded = recorded_in(arguments.directory)
        dropped = drop_revoked(book, arguments.account, recorded)
        made = write_payments(book, sender_of(book, arguments), arguments.currency, arguments.schema)
        found = hand_over(book, channel, arguments.account, recorded)
    checked = "schema" if arguments.schema else "structure"
    output.say(
        f"written: {made or 'nothing, none is approved'} (held to its {checked}); handed over: {shown(found.handed)}"
    )
    for each in found.waiting:
        output.say(
            f"{each.message_id} waits until the record dispatches {shown(each.withdrawals)}: tarazy bank commands "
            "writes the list, two officers sign it, then send again"
        )
    for name in dropped:
        output.warn(f"{name}: taken back, the record has its withdrawal no longer, or it was paid beside")
    waiting = [each._asdict() for each in found.waiting]
    values = {"written": made, "dropped": dropped, "checked_by": checked, "handed": found.handed, "waiting": waiting}
    output.result(values)
    return 0
