"""`tarazy custody addresses DIR`: the inventory; with `--prove ADDRESS` what to sign, with `--proof` the signature.

`--typed` prints it as typed data for `eth_signTypedData_v4` (EIP-712), for wallets that sign no plain text.
`--confirm ADDRESS` is the second officer's word that coins may be moved to an address of another wallet.
"""

from __future__ import annotations

import argparse
import json

from rich.table import Table

from tarazy.cli.arguments import positive
from tarazy.cli.custody.desk import actor_of, add_actor, add_desk, open_store
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.custody.chain_kinds import typed_request
from tarazy.facility.custody.inventory import (
    AddressRow,
    addresses,
    control_message,
    find_wallet,
    proofs_due,
    record_proof,
)
from tarazy.facility.custody.second_looks import confirm_address
from tarazy.facility.custody.store import CustodyStore
from tarazy.journal.identity import load_identity


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("--wallet", default="", metavar="NAME", help="only this wallet's")
    parser.add_argument("--account", type=positive, default=0, metavar="N", help="only this account's")
    parser.add_argument("--due", action="store_true", help="only those whose proof is missing or too old")
    parser.add_argument("--prove", metavar="ADDRESS", help="print what this address must sign today")
    parser.add_argument("--typed", action="store_true", help="with --prove: as typed data of EIP-712")
    parser.add_argument(
        "--proof", metavar="TEXT", help="its signature: BIP-322 in base64, EIP-191 or EIP-712 in hexadecimal"
    )
    parser.add_argument("--confirm", metavar="ADDRESS", help="as the second officer: coins may be moved to it")
    add_actor(parser, needed=False)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List addresses, or take one step of a proof."""
    if arguments.proof is not None and arguments.prove is None:
        raise CliError("expected --prove ADDRESS with --proof, found --proof alone")
    if arguments.typed and (arguments.prove is None or arguments.proof is not None):
        raise CliError("expected --typed with --prove ADDRESS and without --proof, which may be of either form")
    if arguments.confirm is not None and arguments.prove is not None:
        raise CliError("expected --prove ADDRESS or --confirm ADDRESS, found both")
    with open_store(arguments) as store:
        if arguments.prove is not None:
            return prove(arguments, store, output)
        if arguments.confirm is not None:
            return confirm(arguments, store, output)
        rows = (
            proofs_due(store)
            if arguments.due
            else addresses(store, wallet=arguments.wallet, account_id=arguments.account)
        )
    output.show(table_of(rows))
    output.result({"addresses": [row._asdict() for row in rows]})
    return 0


def prove(arguments: argparse.Namespace, store: CustodyStore, output: Output) -> int:
    """Print the message, or check and record the signature of it."""
    facility_id = load_identity(arguments.directory).facility_id
    row = known(store, arguments.prove)
    estate = find_wallet(store, row.wallet).estate
    message = control_message(facility_id, estate, row.chain, row.address, store.today.isoformat())
    if arguments.typed:
        output.say(json.dumps(typed := typed_request(row.chain, message), indent=2))
        output.result({"message": message, "typed_data": typed})
        return 0
    if arguments.proof is None:
        output.say(message)
        output.result({"message": message})
        return 0
    row = record_proof(store, actor_of(arguments), facility_id, row.chain, row.address, arguments.proof)
    output.say(f"{row.address}: control shown on {row.proved_on}")
    output.result({"address": row._asdict()})
    return 0


def known(store: CustodyStore, address: str) -> AddressRow:
    """Return an address of the inventory. Raises: CliError."""
    found = [row for row in addresses(store) if row.address == address]
    if not found:
        raise CliError(f"expected an address of the inventory, found {address!r}; see tarazy custody addresses")
    return found[0]


def confirm(arguments: argparse.Namespace, store: CustodyStore, output: Output) -> int:
    """Confirm one address as the second officer."""
    row = known(store, arguments.confirm)
    row = confirm_address(store, actor_of(arguments), row.chain, row.address)
    output.say(f"{row.address}: confirmed; coins may be moved to it from the next start of tarazy custody run on")
    output.result({"address": row._asdict()})
    return 0


def table_of(rows: list[AddressRow]) -> Table:
    """Return addresses for people."""
    table = Table("address", "wallet", "role", "place", "account", "proved", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        account = str(row.account_id) if row.account_id else ""
        table.add_row(row.address, row.wallet, row.role, str(row.place), account, row.proved_on or "not yet")
    return table
