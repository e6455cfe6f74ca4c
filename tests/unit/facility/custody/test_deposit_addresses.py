"""A client's deposit addresses: its own alone, as officers signed them, read while custody has its file open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.chains.adapter import NATIVE
from tarazy.domain.records import ROLE_CUSTODY
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.signed_lines import SignedLines
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.deposit_addresses import Arriving, DepositAddress, deposit_addresses
from tarazy.facility.custody.errors import CustodyError
from tarazy.facility.custody.inventory import AddressRow, CustodyAsset, add_address, add_asset, add_wallet
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.custody.wallet_keys import SeedKeys

EVM = "eip155:31337"
OFFICER = KeySigner.from_seed(bytes(32))
ACTOR = Actor(1, ROLE_CUSTODY, OFFICER)
LINES = SignedLines(lambda: {1: OFFICER.public_key}, dict)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return a folder of a record beside which custody's file is."""
    return tmp_path / "facility"


@pytest.fixture
def store(journal: Path) -> Iterator[CustodyStore]:
    """Return custody's file with one wallet of the client estate, open."""
    with CustodyStore(custody_beside(journal)) as opened:
        add_wallet(opened, ACTOR, "hot", "client", "hot", EVM)
        yield opened


def deposit(store: CustodyStore, folder: Path, account_id: int, place: int, actor: Actor = ACTOR) -> AddressRow:
    """Give an account its next address."""
    key = SeedKeys(folder / "seed", "hot").public_key(place)
    return add_address(store, actor, "hot", "deposit", account_id=account_id, public_key=key)


def test_account_has_its_own_addresses_and_no_main_one(journal: Path, tmp_path: Path) -> None:
    assert deposit_addresses(journal, 1, LINES) is None
    with CustodyStore(custody_beside(journal)) as store:
        assert deposit_addresses(journal, 1, LINES) == []
        add_wallet(store, ACTOR, "hot", "client", "hot", EVM)
        add_address(store, ACTOR, "hot", "main", public_key=SeedKeys(tmp_path / "seed", "hot").public_key(0))
        first, other, second = (deposit(store, tmp_path, account, place) for place, account in ((1, 1), (2, 2), (3, 1)))
        assert deposit_addresses(journal, 1, LINES) == [
            DepositAddress(EVM, first.address),
            DepositAddress(EVM, second.address),
        ]
        assert deposit_addresses(journal, 2, LINES) == [DepositAddress(EVM, other.address)]
        add_asset(store, ACTOR, CustodyAsset(3, EVM, NATIVE, 12))
        newest = DepositAddress(EVM, second.address, (Arriving(3, 12),))
        assert deposit_addresses(journal, 1, LINES, newest=True) == [newest]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE addresses SET address = '0x' || hex(zeroblob(20))",
        "UPDATE assets SET depth = 1",
    ],
)
def test_changed_table_changes_nothing_that_is_told(
    store: CustodyStore, journal: Path, tmp_path: Path, change: str
) -> None:
    add_asset(store, ACTOR, CustodyAsset(3, EVM, NATIVE, 12))
    row = deposit(store, tmp_path, 1, 0)
    store.do(change)
    assert deposit_addresses(journal, 1, LINES) == [DepositAddress(EVM, row.address, (Arriving(3, 12),))]


def test_address_of_another_account_or_of_nobody_s_officer_is_not_told(
    store: CustodyStore, journal: Path, tmp_path: Path
) -> None:
    deposit(store, tmp_path, 1, 0)
    store.do("UPDATE addresses SET account_id = 2")
    with pytest.raises(CustodyError, match="expected addresses of account 2"):
        deposit_addresses(journal, 2, LINES)
    thief = Actor(1, ROLE_CUSTODY, KeySigner.from_seed(b"thief".ljust(32)))
    deposit(store, tmp_path, 3, 1, thief)
    with pytest.raises(CustodyError, match="the key of officer 1"):
        deposit_addresses(journal, 3, LINES)


def test_lines_under_a_key_that_was_rotated_away_hold(store: CustodyStore, journal: Path, tmp_path: Path) -> None:
    row, newer = deposit(store, tmp_path, 1, 0), KeySigner.from_seed(bytes([1]) * 32)
    history = {1: (OFFICER.public_key, newer.public_key)}
    lines = SignedLines(lambda: {1: newer.public_key}, lambda: history)
    assert deposit_addresses(journal, 1, lines) == [DepositAddress(EVM, row.address)]


def test_file_that_is_none_is_named(journal: Path) -> None:
    path = custody_beside(journal)
    path.parent.mkdir()
    path.write_bytes(b"no database at all, and long enough to be looked at as one" * 10)
    with pytest.raises(CustodyError, match="expected custody's file"):
        deposit_addresses(journal, 1, LINES)
