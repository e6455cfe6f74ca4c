"""Facts of custody's file: wallets, keys, who was looked at before assets went there, and what messages said."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from tarazy.facility.custody.inventory import wallets
from tarazy.facility.custody.key_register import holders, keys
from tarazy.facility.custody.store import CustodyStore

Rows = list[dict[str, Any]]
ACTIVE, OUT, CLIENT = "active", "out", "client"
HELD_DIRECTLY = "held directly"
# Public keys that stand behind addresses of both estates: one key that moves clients' and the house's assets alike.
OF_BOTH = """
SELECT count(*) FROM (
    SELECT addresses.public_key FROM addresses JOIN wallets USING (wallet) WHERE addresses.public_key <> ''
    GROUP BY addresses.public_key HAVING count(DISTINCT wallets.estate) > 1)
"""
REVIEWS = "SELECT providers.provider, acts.at FROM providers JOIN acts ON acts.number = providers.act"
FIRST_TRANSFERS = "SELECT provider, min(at) FROM travel WHERE provider <> '' GROUP BY provider"
# A transfer to another provider waits until that one accepted the message on it; one that was sent before is early.
EARLY = """
SELECT count(*) FROM withdrawals AS w WHERE w.state IN ('sent', 'settled') AND EXISTS (
    SELECT * FROM travel AS t WHERE t.direction = 'out' AND t.reference = CAST(w.request AS TEXT) AND t.provider <> ''
) AND NOT EXISTS (
    SELECT * FROM travel AS t
    WHERE t.direction = 'out' AND t.reference = CAST(w.request AS TEXT) AND t.state = 'accepted')
"""
MESSAGES = "SELECT message, provider, body FROM travel WHERE direction = ? ORDER BY message"


def custody_facts(store: CustodyStore) -> dict[str, Any]:
    """Return what custody's file says, by the words of the rulebook."""
    found: dict[str, Any] = {
        "wallets": _wallets(store),
        "wallets_of_both": store.one("wallets", OF_BOTH)[0],
        "keys": _keys(store),
        "counterparties": _counterparties(store),
        "transfers_before_message": store.one("transfers", EARLY)[0],
        "travel_transfers": _transfers(store),
    }
    audited = store.one("audits", "SELECT max(on_day) FROM audits")[0]
    return found | ({"key_access_audited_on": date.fromisoformat(audited)} if audited else {})


def _wallets(store: CustodyStore) -> Rows:
    """Return the wallets of clients; every wallet of the inventory counts as controlled."""
    shares: dict[str, int] = {}
    for key in keys(store):
        shares[key.wallet] = shares.get(key.wallet, 0) + (key.state == ACTIVE)
    rows = [row for row in wallets(store) if row.estate == CLIENT]
    return [
        {"id": row.wallet, "key_shares": shares.get(row.wallet, 0), "in_scope": True, "limb": HELD_DIRECTLY}
        for row in rows
    ]


def _keys(store: CustodyStore) -> Rows:
    """Return active keys: who holds each, by which ceremony, how many its wallet needs. Where it lies nobody wrote."""
    needed = {row.wallet: row.threshold for row in wallets(store)}
    return [
        {
            "id": str(key.key_id),
            "owner": ", ".join(holders(store, key.key_id)),
            "procedure": key.ceremony,
            "needed": needed[key.wallet],
        }
        for key in keys(store)
        if key.state == ACTIVE
    ]


def _counterparties(store: CustodyStore) -> Rows:
    """Return the providers to which or from which something went, with the day on which they were looked at."""
    reviewed = dict(store.all(REVIEWS))
    found = []
    for provider, first_at in store.all(FIRST_TRANSFERS):
        row: dict[str, Any] = {"id": provider, "first_transfer": date.fromisoformat(first_at[:10])}
        if provider in reviewed:
            day = date.fromisoformat(reviewed[provider][:10])
            row |= {"vetted": day, "reviewed": day}
        found.append(row)
    return found


def _transfers(store: CustodyStore) -> Rows:
    """Return the messages that went out, by which of their elements are there. Their value no message says."""
    found = []
    for message, provider, body in store.all(MESSAGES, OUT):
        data = json.loads(body)["data"]
        sender, receiver = data["originator"], data["beneficiary"]
        proofs = ("address", "national_id", "customer_id", "birth", "lei")
        found.append(
            {
                "id": str(message),
                "party": "company" if sender["is_company"] else "person",
                "wallet": "hosted" if provider else "self-hosted",
                "originator_name": bool(sender["name"]),
                "originator_reference": bool(data["originator_account"]),
                "originator_identity": any(sender[each] for each in proofs),
                "beneficiary_name": bool(receiver["name"]),
                "beneficiary_reference": bool(data["beneficiary_account"]),
            }
        )
    return found
