"""No one officer can make coins go to a place of its own: an address counts once another one has confirmed it.

Oracle: the table of privileges of the record, where moving custody takes two officers (MoveCustody: 2 signers).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.domain.records import ROLE_CUSTODY, ROLE_FINANCE
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.errors import CustodyRefusedError
from tarazy.facility.custody.inventory import AddressRow, add_address, add_wallet, find_wallet
from tarazy.facility.custody.moves import MovePolicy
from tarazy.facility.custody.payment_makers import FeePolicy
from tarazy.facility.custody.second_looks import confirm_address, confirmed_addresses
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.wallet_keys import SeedKeys

EVM = "eip155:31337"
FIRST, SECOND = (Actor(n, ROLE_CUSTODY, KeySigner.from_seed(bytes([n]) * 32)) for n in (1, 2))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CustodyStore]:
    with CustodyStore(tmp_path / "custody.sqlite3") as found:
        add_wallet(found, FIRST, "hot", "client", "hot", EVM)
        yield found


def vault(store: CustodyStore, folder: Path, name: str, actor: Actor = FIRST) -> AddressRow:
    """Open a cold wallet with a main address."""
    add_wallet(store, actor, name, "client", "cold", EVM)
    return add_address(store, actor, name, "main", public_key=SeedKeys(folder / name, name).public_key(0))


def target(store: CustodyStore) -> str | None:
    """Return where the policy would bring coins; it asks no node for that."""
    policy = MovePolicy(store, None, find_wallet(store, "hot"), None, FeePolicy())  # type: ignore[arg-type]
    return policy.cold_wallet()


def test_one_officer_alone_names_no_place_for_the_coins(store: CustodyStore, tmp_path: Path) -> None:
    honest = vault(store, tmp_path, "vault")
    assert target(store) is None
    same_key = Actor(9, ROLE_CUSTODY, FIRST.signer)
    for actor in (FIRST, same_key):
        with pytest.raises(CustodyRefusedError, match="another officer"):
            confirm_address(store, actor, EVM, honest.address)
    with pytest.raises(CustodyRefusedError, match="role"):
        confirm_address(store, Actor(3, ROLE_FINANCE, SECOND.signer), EVM, honest.address)
    confirm_address(store, SECOND, EVM, honest.address)
    assert target(store) == "vault"
    vault(store, tmp_path, "a-thief")  # before the other one by name
    assert target(store) == "vault"
    assert [row.address for row in confirmed_addresses(store, EVM)] == [honest.address]


def test_changed_table_is_not_what_was_confirmed(store: CustodyStore, tmp_path: Path) -> None:
    row = vault(store, tmp_path, "vault")
    confirm_address(store, SECOND, EVM, row.address)
    store.do("UPDATE wallets SET estate = 'house' WHERE wallet = 'vault'")
    assert confirmed_addresses(store, EVM) == []
    store.do("UPDATE wallets SET estate = 'client' WHERE wallet = 'vault'")
    store.do("UPDATE addresses SET address = '0x' || hex(zeroblob(20)) WHERE wallet = 'vault'")
    assert confirmed_addresses(store, EVM) == []
    assert target(store) is None
