"""`tarazy custody address DIR WALLET --role deposit --account N`: the next address of a wallet, with proof of control.

The key comes from the wallet's keys, and signs at once that the address is ours; of a wallet with a descriptor the
address follows from it, and its holders sign the proof elsewhere (`tarazy custody addresses`). Clients get addresses of
keys in the key register alone: of a one-key wallet its first key stands there, of a descriptor all of them.
"""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.custody.desk import actor_of, add_actor, add_desk, open_store
from tarazy.cli.custody.wallet_arguments import add_wallet_keys, wallet_keys
from tarazy.cli.output import Output
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.chain_kinds import prove
from tarazy.facility.custody.inventory import (
    ROLES,
    AddressRow,
    add_address,
    control_message,
    find_wallet,
    next_place,
    record_proof,
)
from tarazy.facility.custody.key_register import require_registered
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.wallet_keys import WalletKeys
from tarazy.journal.identity import load_identity


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("wallet", metavar="WALLET", help="name of the wallet")
    parser.add_argument("--role", choices=ROLES, default="deposit", help="what it is for (deposit)")
    parser.add_argument("--account", type=positive, default=0, metavar="N", help="the client's account, for deposits")
    add_wallet_keys(parser)
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Enter one address."""
    actor = actor_of(arguments)
    facility_id = load_identity(arguments.directory).facility_id
    with open_store(arguments) as store:
        found = find_wallet(store, arguments.wallet)
        terms = {"account_id": arguments.account}
        keys = None if found.descriptor else wallet_keys(arguments, found.wallet)
        if arguments.role == "deposit":
            require_registered(store, found, keys.public_key(0).hex() if keys else "")
        if keys is None:
            row = add_address(store, actor, found.wallet, arguments.role, **terms)
        else:
            place = next_place(store, found.wallet, arguments.role)
            row = add_address(store, actor, found.wallet, arguments.role, **terms, public_key=keys.public_key(place))
            row = proved(store, actor, facility_id, found.estate, keys, row)
    output.say(
        f"{row.address}: {row.role} address {row.place} of wallet {row.wallet}, proved {row.proved_on or 'not yet'}"
    )
    output.result({"address": row._asdict()})
    return 0


def proved(
    store: CustodyStore, actor: Actor, facility_id: bytes, estate: str, keys: WalletKeys, row: AddressRow
) -> AddressRow:
    """Return the address with a proof of control by its own key."""
    message = control_message(facility_id, estate, row.chain, row.address, store.today.isoformat())
    public_key = bytes.fromhex(row.public_key)
    proof = prove(row.chain, row.address, message, public_key, lambda digest: keys.sign(row.place, digest))
    return record_proof(store, actor, facility_id, row.chain, row.address, proof)
