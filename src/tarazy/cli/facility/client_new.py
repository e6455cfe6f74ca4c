"""`tarazy facility client new DIR --kind person --name NAME ...`: enter a client, an owner of a company, or a payer."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import actor_of, add_actor, add_desk, open_register
from tarazy.cli.output import Output
from tarazy.facility.accounts.clients import RELATIONS, find_client, new_client
from tarazy.facility.accounts.owners import set_holding, share_from
from tarazy.facility.accounts.parties import KINDS, PartyFacts, find_party, new_party
from tarazy.facility.accounts.register import INTAKE
from tarazy.facility.accounts.screening.clearing import add_address, add_payer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("--kind", choices=KINDS, help="person or company")
    parser.add_argument("--name", action="append", default=[], metavar="TEXT", help="the name; repeat it for spellings")
    parser.add_argument("--birth", default="", metavar="DAY", help="date of birth")
    parser.add_argument("--country", default="", metavar="XX", help="citizenship or registration, two letters")
    parser.add_argument("--residence", default="", metavar="XX", help="country of residence, two letters")
    parser.add_argument("--identifier", default="", metavar="TEXT", help="number of the person or company (IIN, BIN)")
    parser.add_argument("--relation", choices=RELATIONS, default="client", help="client, affiliate or staff")
    parser.add_argument("--approval", type=positive, default=0, metavar="N", help="an affiliate's approval number")
    parser.add_argument("--tier", type=int, default=0, metavar="N", help="fee tier of the account (0)")
    parser.add_argument("--party", type=positive, metavar="N", help="a party that is known already, in place of a name")
    parser.add_argument("--owner-of", type=positive, metavar="PARTY", help="no client: an owner of this company")
    parser.add_argument("--share", metavar="SHARE", help="what the owner holds, as 1/3 or 25%%")
    parser.add_argument("--controls", action="store_true", help="the owner controls the company by this holding")
    parser.add_argument("--payer-of", type=positive, metavar="CLIENT", help="no client: pays in for this client")
    parser.add_argument("--address", action="append", default=[], metavar="TEXT", help="address of a digital asset")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Enter one party."""
    if (arguments.owner_of is None) != (arguments.share is None):
        raise CliError("expected --owner-of PARTY together with --share SHARE, found one of them")
    is_client = arguments.owner_of is None and arguments.payer_of is None
    if is_client and arguments.party is not None:
        raise CliError("expected --owner-of or --payer-of with --party, found neither")
    share = share_from(arguments.share) if arguments.share else None
    actor = actor_of(arguments)
    with open_register(arguments, new=True) as register, register.acting(actor, INTAKE):
        client = None
        if arguments.party is not None:
            party = find_party(register, arguments.party).party
        elif is_client:
            terms = {"relation": arguments.relation, "approval_id": arguments.approval, "tier": arguments.tier}
            client = new_client(register, actor, facts_of(arguments), **terms)
            party = find_client(register, client).party
        else:
            party = new_party(register, actor, facts_of(arguments))
        if share is not None:
            set_holding(register, actor, party, arguments.owner_of, share, arguments.controls)
        if arguments.payer_of is not None:
            add_payer(register, actor, arguments.payer_of, party)
        for address in arguments.address:
            add_address(register, actor, party, address)
    output.say(f"party {party}" if client is None else f"client {client}, party {party}: applied")
    output.result({"client": client, "party": party})
    return 0


def facts_of(arguments: argparse.Namespace) -> PartyFacts:
    """Return what the command line says of a party.

    Raises: CliError.
    """
    if arguments.kind is None or not arguments.name:
        raise CliError("expected --kind and --name of the party, found one of them or none")
    names = tuple(arguments.name)
    facts = (arguments.birth, arguments.country, arguments.residence, arguments.identifier)
    return PartyFacts(arguments.kind, names, *facts).checked()
