"""The keys behind the locations of an insolvency file, from the register of custody."""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import Estate
from tarazy.facility.custody.errors import UnknownInCustodyError
from tarazy.facility.custody.inventory import find_asset, wallets
from tarazy.facility.custody.key_register import holders, keys
from tarazy.facility.custody.store import CustodyStore


class CustodyKeyring:
    """What custody's register says of a location: wallets, how many keys must sign, where each lies and who holds it.

    It is a `Keyring` of `oversight/solvency/insolvency.py`. The register is the facility's own: a file made with it is
    the same for whoever has the journal and this register.
    """

    def __init__(self, store: CustodyStore) -> None:
        self._store = store

    def keys_of(self, asset_id: int, estate: int, location: int) -> list[dict[str, Any]]:
        """Return the wallets at a location of an estate that hold the asset's chain, by name."""
        try:
            chain = find_asset(self._store, asset_id).chain
        except UnknownInCustodyError:
            return []
        name = Estate(estate).name
        here = [w for w in wallets(self._store) if (w.estate, w.location, w.chain) == (name, location, chain)]
        return [
            {
                "wallet": wallet.wallet,
                "chain": chain,
                "keys_needed": wallet.threshold,
                "keys": [
                    {
                        "key_id": key.key_id,
                        "public_key": key.public_key,
                        "storage": key.storage,
                        "state": key.state,
                        "holders": holders(self._store, key.key_id),
                    }
                    for key in keys(self._store)
                    if key.wallet == wallet.wallet
                ],
            }
            for wallet in sorted(here, key=lambda each: each.wallet)
        ]
