"""`tarazy bank account DIR IBAN`: enter an account at a bank, as client money or as the house's."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.facility.client_desk import actor_of, add_actor
from tarazy.cli.output import Output
from tarazy.facility.banking.book import ESTATES, BankAccount, accounts, add_account
from tarazy.facility.banking.statements import ReversalSign


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("account", metavar="IBAN", help="the account's number")
    parser.add_argument("--estate", choices=ESTATES, required=True, help="whose money lies there; it stays so")
    parser.add_argument("--currency", required=True, metavar="CODE", help="currency (ISO 4217)")
    parser.add_argument(
        "--asset", type=positive, required=True, metavar="N", help="the currency's number in the record"
    )
    parser.add_argument("--bank", default="drop", metavar="NAME", help="name of the bank's adapter (drop)")
    signs = [each.value for each in ReversalSign]
    parser.add_argument(
        "--reversal-sign", choices=signs, default="", help="what marks of reversals say (balances decide)"
    )
    parser.add_argument("--name", default="", metavar="TEXT", help="what the account is called in the house")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Enter one account."""
    actor = actor_of(arguments)
    terms = (arguments.estate, arguments.asset, arguments.bank, arguments.reversal_sign, arguments.name)
    with open_book(arguments, new=True) as book:
        add_account(book, actor, BankAccount(arguments.account, arguments.currency, *terms, ""))
        found = accounts(book)
    output.say(f"{len(found)} accounts; statements of this one are taken from now on")
    output.result({"accounts": [each._asdict() for each in found]})
    return 0
