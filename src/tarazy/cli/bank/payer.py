"""`tarazy bank payer DIR --client N --reference DIGITS`: a client as a payer: reference, names, own accounts."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.bank.payments import state_of
from tarazy.cli.facility.client_desk import actor_of, add_actor
from tarazy.cli.output import Output
from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.parties import find_party
from tarazy.facility.accounts.register import Register, register_beside
from tarazy.facility.banking.book import ClientPayer, add_payer
from tarazy.facility.banking.client_accounts import require_client_account
from tarazy.facility.banking.items import match_again


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("--client", type=positive, required=True, metavar="N", help="its number in the register")
    parser.add_argument("--account-id", type=positive, required=True, metavar="N", help="its account in the record")
    parser.add_argument(
        "--reference", required=True, metavar="DIGITS", help="seven digits that it writes into payments"
    )
    parser.add_argument("--iban", action="append", default=[], metavar="IBAN", help="an account of its own; repeat it")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Enter one client with the names and the number that the register has."""
    actor = actor_of(arguments)
    with Register(register_beside(arguments.directory)) as register:
        facts = find_party(register, find_client(register, arguments.client).party).facts
    numbers = (arguments.reference, arguments.client, arguments.account_id)
    payer = ClientPayer(*numbers, facts.kind, facts.names, tuple(arguments.iban), facts.identifier)
    with open_book(arguments) as book:
        require_client_account(state_of(arguments.directory), arguments.account_id, arguments.client)
        add_payer(book, actor, payer)
        matched = match_again(book)
    output.say(f"client {payer.client} pays with reference {payer.reference}; {matched} waiting items are its")
    output.result({"client": payer.client, "reference": payer.reference, "matched": matched})
    return 0
