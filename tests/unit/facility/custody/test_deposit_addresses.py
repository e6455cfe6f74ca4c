"""A client's deposit addresses are its own alone, and are read while the custodian has its file open."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.domain.records import ROLE_CUSTODY
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.deposit_addresses import DepositAddress, deposit_addresses
from tarazy.facility.custody.errors import CustodyError
from tarazy.facility.custody.inventory import add_address, add_wallet
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.custody.wallet_keys import SeedKeys

EVM = "eip155:31337"


def test_account_has_its_own_addresses_and_no_main_one(tmp_path: Path) -> None:
    journal, actor = tmp_path / "facility", Actor(1, ROLE_CUSTODY, KeySigner.from_seed(bytes(32)))
    assert deposit_addresses(journal, 1) is None
    keys = SeedKeys(tmp_path / "seed", "hot")
    with CustodyStore(custody_beside(journal)) as store:
        assert deposit_addresses(journal, 1) == []
        add_wallet(store, actor, "hot", "client", "hot", EVM)
        add_address(store, actor, "hot", "main", public_key=keys.public_key(0))
        first, other, second = (
            add_address(store, actor, "hot", "deposit", account_id=account, public_key=keys.public_key(place))
            for place, account in ((1, 1), (2, 2), (3, 1))
        )
        assert deposit_addresses(journal, 1) == [
            DepositAddress(EVM, first.address),
            DepositAddress(EVM, second.address),
        ]
        assert deposit_addresses(journal, 2) == [DepositAddress(EVM, other.address)]


def test_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = custody_beside(tmp_path / "facility")
    path.parent.mkdir()
    path.write_bytes(b"no database at all, and long enough to be looked at as one" * 10)
    with pytest.raises(CustodyError, match="expected custody's file"):
        deposit_addresses(tmp_path / "facility", 1)
