"""Where coins may be moved to: addresses of another wallet that two officers stand behind.

One officer enters a wallet and its addresses, another one confirms the address, with a key of its own. Both acts are
lines of the trail, and what they say is held against the tables: an address whose wallet, estate or tier was changed
since is not confirmed any more. A wallet's own addresses need nothing of this: the signer makes them from its keys.
"""

from __future__ import annotations

import json
from typing import Any

from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.errors import CustodyRefusedError
from tarazy.facility.custody.inventory import AddressRow, find_address, find_wallet
from tarazy.facility.custody.store import KEEP, CustodyStore

CONFIRM = "address confirmed"
ENTERED_BY = (
    "SELECT acts.officer_id, acts.public_key, acts.act, acts.body FROM acts"
    " JOIN addresses ON addresses.act = acts.number WHERE addresses.chain = ? AND addresses.address = ?"
)


def confirm_address(store: CustodyStore, actor: Actor, chain: str, address: str) -> AddressRow:
    """Confirm as the second officer that coins may be moved to an address.

    Raises: UnknownInCustodyError; CustodyRefusedError for the officer, or the key, that entered it.
    """
    row = find_address(store, chain, address)
    with store.acting(actor, KEEP):
        officer_id, public_key, *_ = store.one("address", ENTERED_BY, chain, address)
        if officer_id == actor.officer_id or public_key == actor.signer.public_key.hex():
            expected = f"another officer than {officer_id}, who entered it"
            raise CustodyRefusedError(address, expected=expected, found=f"officer {actor.officer_id}")
        store.write(actor, CONFIRM, 0, terms_of(store, row))
    return row


def terms_of(store: CustodyStore, row: AddressRow) -> dict[str, str]:
    """Return what is confirmed: the address, its keys, and whose wallet of which tier it is."""
    wallet = find_wallet(store, row.wallet)
    found = {"chain": row.chain, "address": row.address, "role": row.role, "public_key": row.public_key}
    return found | {"wallet": wallet.wallet, "estate": wallet.estate, "tier": wallet.tier}


def confirmed_addresses(store: CustodyStore, chain: str) -> list[AddressRow]:
    """Return the addresses of a chain that two officers stand behind, as the tables have them now."""
    query = "SELECT officer_id, public_key, body FROM acts WHERE act = ? ORDER BY number"
    found = {}
    for officer_id, public_key, body in store.all(query, CONFIRM):
        terms = json.loads(body)
        if terms["chain"] == chain and _holds(store, terms, (officer_id, public_key)):
            found[terms["address"]] = find_address(store, chain, terms["address"])
    return list(found.values())


def _holds(store: CustodyStore, terms: dict[str, Any], second: tuple[int, str]) -> bool:
    """Say whether a confirmation is of the row as it is, and of another officer and key than entered it."""
    entered = store.maybe(ENTERED_BY, terms["chain"], terms["address"])
    if entered is None or entered[2] != "address" or entered[0] == second[0] or entered[1] == second[1]:
        return False
    said = json.loads(entered[3])
    same = ("chain", "address", "role", "public_key", "wallet")
    row = find_address(store, terms["chain"], terms["address"])
    return terms == terms_of(store, row) and all(said[name] == terms[name] for name in same)
