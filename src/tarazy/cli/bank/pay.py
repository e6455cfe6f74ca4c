"""`tarazy bank pay DIR --withdrawal N`: propose to pay an approved withdrawal, or approve what another proposed."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.bank.payments import destination_from, withdrawal_of
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import actor_of, add_actor
from tarazy.cli.output import Output
from tarazy.facility.banking.payouts import approve_payout, find_payout, propose_payout, withdraw_payout


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--withdrawal", type=positive, metavar="N", help="propose to pay this withdrawal of the record")
    chosen.add_argument("--approve", type=positive, metavar="N", help="approve this payout as the second officer")
    chosen.add_argument("--withdraw", type=positive, metavar="N", help="take this payout back, before it is sent")
    parser.add_argument("--account", metavar="IBAN", help="the account of client money that pays")
    parser.add_argument("--currency", default="KZT", metavar="CODE", help="its currency (KZT)")
    parser.add_argument("--destination", type=Path, metavar="FILE", help="where the money goes, as JSON")
    parser.add_argument("--purpose", default="371", metavar="KNP", help="purpose of the payment (371)")
    parser.add_argument("--text", default="", metavar="TEXT", help="what the payee reads")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is taken back")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Propose, approve or take back one payout."""
    actor = actor_of(arguments)
    with open_book(arguments) as book:
        number = arguments.approve or arguments.withdraw
        if arguments.approve:
            approve_payout(book, actor, arguments.approve)
        elif arguments.withdraw:
            withdraw_payout(book, actor, arguments.withdraw, arguments.reason)
        else:
            if arguments.account is None or arguments.destination is None:
                raise CliError("expected --account IBAN and --destination FILE with --withdrawal, found one or none")
            recorded = withdrawal_of(arguments.directory, arguments.withdrawal)
            text = arguments.text or f"Withdrawal {arguments.withdrawal}"
            source, payee = (arguments.account, arguments.currency), destination_from(arguments.destination)
            number = propose_payout(book, actor, recorded, source, payee, arguments.purpose, text)
        found = find_payout(book, number)
    output.say(f"payout {found.payout} ({found.end_to_end_id}) is {found.state}")
    output.result(found.plain())
    return 0
