"""The keys behind a location, from custody's register: of the right estate, tier and chain, with who holds them now."""

from __future__ import annotations

from pathlib import Path

from tarazy.chains.adapter import NATIVE
from tarazy.domain.records import CustodyLocation, Estate
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.inventory import CustodyAsset, add_asset, add_wallet
from tarazy.facility.custody.key_register import leave, register_key
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.solvency.keyring import CustodyKeyring

CHAIN, ETH = "eip155:31337", 2
HOT, COLD = int(CustodyLocation.hot), int(CustodyLocation.cold)
CLIENT, HOUSE = int(Estate.client), int(Estate.house)


def test_location_names_its_wallets_keys_and_holders(tmp_path: Path) -> None:
    actor = Actor(1, (1 << 10) - 1, KeySigner.generate())
    with CustodyStore(tmp_path / "custody.sqlite3") as store:
        add_asset(store, actor, CustodyAsset(ETH, CHAIN, NATIVE, 2))
        for name, estate, tier in (("vault", "client", "cold"), ("till", "client", "hot"), ("own", "house", "cold")):
            add_wallet(store, actor, name, estate, tier, CHAIN)
        register_key(store, actor, "02" + "ab" * 32, "offline", "vault", "cd" * 32, ["Aigerim"])
        ring = CustodyKeyring(store)
        (vault,) = ring.keys_of(ETH, CLIENT, COLD)
        assert (vault["wallet"], vault["keys_needed"]) == ("vault", 1)
        assert [(key["storage"], key["holders"]) for key in vault["keys"]] == [("offline", ["Aigerim"])]
        assert [each["keys"] for each in ring.keys_of(ETH, CLIENT, HOT)] == [[]]
        assert [each["wallet"] for each in ring.keys_of(ETH, HOUSE, COLD)] == ["own"]
        leave(store, actor, "Aigerim")
        assert ring.keys_of(ETH, CLIENT, COLD)[0]["keys"][0]["holders"] == []
        assert ring.keys_of(1, CLIENT, COLD) == []
