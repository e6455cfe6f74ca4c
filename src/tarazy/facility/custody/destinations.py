"""Where a client's coins may go: addresses that it named, each usable only after a time, hosted or shown to be its own.

A destination is at another provider, or self-hosted. Above a value a self-hosted one needs proof of control, signed by
its key (BIP-322, EIP-191 or EIP-712). The lock begins when the address is named, whatever it is used for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from tarazy.chains.adapter import ChainAdapter
from tarazy.chains.evm.transactions import checksummed
from tarazy.facility.accounts.acts_file import moment_of
from tarazy.facility.custody.chain_kinds import proves
from tarazy.facility.custody.errors import CustodyInputError, CustodyRefusedError
from tarazy.facility.custody.store import CustodyStore
from tarazy.oversight.requests.withdrawal_requests import destination_hash

PROVIDER_CHARACTERS_MAX = 100


def is_destination(chain: str, address: str, hashed: bytes) -> bool:
    """Say whether the record's hash of a destination is that of an address in its one spelling.

    The hash is of the text that the client sent; an account of an Ethereum-like chain may be in mixed case there. Chain
    and contract follow from the asset, which the record names beside it.
    """
    spellings = (address,) if not address.startswith("0x") else (address, checksummed(address))
    return any(destination_hash(each) == hashed for each in spellings)


class DestinationRow(NamedTuple):
    """One destination; `provider` is empty where it is self-hosted."""

    destination: int
    account_id: int
    chain: str
    address: str
    provider: str
    usable_from: str
    proved_on: str


QUERY = "SELECT destination, account_id, chain, address, provider, usable_from, proved_on FROM destinations"


def name_destination(
    store: CustodyStore, adapter: ChainAdapter, account_id: int, address: str, provider: str = ""
) -> DestinationRow:
    """Take a destination in; named twice it is the first one, with the first one's lock.

    Raises: CustodyInputError for no address of the chain, CustodyRefusedError for one of ours.
    """
    try:
        canonical = adapter.canonical(address)
    except ValueError as error:
        raise CustodyInputError("destination", expected=f"an address of {adapter.chain}", found=str(error)) from error
    if len(provider) > PROVIDER_CHARACTERS_MAX or (provider and not provider.isprintable()):
        raise CustodyInputError("provider", expected="a short name", found=repr(provider[:60]))
    if store.maybe("SELECT 1 FROM addresses WHERE chain = ? AND address = ?", adapter.chain, canonical):
        action = "A payment to another account of this facility is no withdrawal"
        raise CustodyRefusedError(canonical, expected="an address of somebody else", found="one of ours", action=action)
    hours = store.parameters.number("destination.lock_hours", store.today)
    usable_from = moment_of(store.now() + timedelta(hours=hours))
    with store.changing():
        values = (account_id, adapter.chain, canonical, provider, usable_from)
        store.do("INSERT OR IGNORE INTO destinations VALUES (NULL, ?, ?, ?, ?, ?, '', '', '')", *values)
    return find_destination(store, account_id, adapter.chain, canonical)


def find_destination(store: CustodyStore, account_id: int, chain: str, address: str) -> DestinationRow:
    """Return a client's destination. Raises: UnknownInCustodyError."""
    where = " WHERE account_id = ? AND chain = ? AND address = ?"
    return DestinationRow(*store.one("destination", QUERY + where, account_id, chain, address))


def destinations(store: CustodyStore, account_id: int) -> list[DestinationRow]:
    """Return a client's destinations."""
    rows = store.all(QUERY + " WHERE account_id = ? ORDER BY destination", account_id)
    return [DestinationRow(*row) for row in rows]


def ownership_message(facility_id: bytes, row: DestinationRow) -> str:
    """Return what a client signs with the key of a self-hosted destination."""
    return f"Account {row.account_id} of Tarazy facility {facility_id.hex()} owns {row.address} on {row.chain}"


def prove_ownership(store: CustodyStore, facility_id: bytes, row: DestinationRow, proof: str) -> DestinationRow:
    """Take in a client's proof, after checking it.

    Raises: CustodyRefusedError for a proof that does not hold.
    """
    message = ownership_message(facility_id, row)
    if not proves(row.chain, row.address, message, proof):
        expected = f"a signature by {row.address} of {message!r}"
        raise CustodyRefusedError(row.address, expected=expected, found="another")
    with store.changing():
        statement = "UPDATE destinations SET proof = ?, proof_message = ?, proved_on = ? WHERE destination = ?"
        store.do(statement, proof, message, store.today.isoformat(), row.destination)
    return find_destination(store, row.account_id, row.chain, row.address)


def destination_obstacle(store: CustodyStore, row: DestinationRow, value: int | None, scale: int) -> str:
    """Return why a payment of a value may not go there now, "" where it may.

    Units: `value` in minor units of the reference currency, of `scale` places; None is a value that nobody knows.
    """
    if row.usable_from > store.moment:
        return f"the destination is new and locked until {row.usable_from}"
    if row.provider or row.proved_on:
        return ""
    limit = store.parameters.number("self_hosted.proof_above_usd", store.today)
    if value is None or value > limit * 10**scale:
        return "control of the self-hosted destination is not shown"
    return ""
