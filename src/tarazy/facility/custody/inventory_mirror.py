"""The inventory once more for a second watcher: from signed acts alone, never from the first one's tables.

The trail is checked with the officers' keys that the record has: chain, hashes and signatures. Then assets, wallets and
addresses are entered as the acts say. So a first watcher whose tables were changed does not carry the second one along.
"""

from __future__ import annotations

import json

from tarazy.facility.accounts.trail import OfficersKeys, TrailLine, acts, verify_trail
from tarazy.facility.custody.inventory import ADDRESS_COLUMNS
from tarazy.facility.custody.store import CustodyStore

TABLES = {
    "asset": ("assets", "asset_id, chain, contract, depth"),
    "wallet": ("wallets", "wallet, estate, tier, chain, descriptor, threshold, key_count"),
    "address": ("addresses", ADDRESS_COLUMNS),
}


def mirror_inventory(source: CustodyStore, target: CustodyStore, keys: OfficersKeys) -> int:
    """Enter what the acts of one store say into another, and return how many acts were taken.

    Raises: TrailDamagedError where an act does not hold; then nothing was entered.
    """
    verify_trail(source.connection, keys)
    taken = 0
    with target.changing():
        for line in acts(source.connection):
            if line.act in TABLES:
                taken += _enter(target, line)
    return taken


def _enter(target: CustodyStore, line: TrailLine) -> int:
    table, columns = TABLES[line.act]
    body, names = json.loads(line.body), columns.split(", ")
    marks = ", ".join("?" * (len(names) + 1))
    values = [body[name] for name in names]
    return target.do(f"INSERT OR REPLACE INTO {table} ({columns}, act) VALUES ({marks})", *values, line.number)
