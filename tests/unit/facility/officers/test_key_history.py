"""An officer gets another key: what it did under the old one stays its own act, and the old key does nothing more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tarazy.cli.facility.publishing import published
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.domain.records import ROLE_CUSTODY, RotateOfficerKey
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.errors import TrailDamagedError
from tarazy.facility.accounts.trail import Actor, verify_trail
from tarazy.facility.custody.inventory import add_address, add_wallet, addresses
from tarazy.facility.custody.inventory_mirror import mirror_inventory
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.wallet_keys import SeedKeys
from tarazy.facility.officers.key_history import keys_of_officers
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.spec.venue import Venue

from ....trading_stage import make_facility

OLD, NEW = (KeySigner.from_seed(bytes([seed]) * 32) for seed in (71, 72))


@pytest.fixture
def keys(tmp_path: Path) -> dict[int, tuple[bytes, ...]]:
    """Return the keys that a record's officers have had, after the first of them got two others, one after another."""
    directory = tmp_path / "facility"
    desk = make_facility(directory, accounts=1)
    first = desk.people[0]
    sequencer = Sequencer.open(directory, Venue)
    with published(sequencer, directory, Output(as_json=True)):
        for key in (OLD, NEW):
            act = desk.sign(RotateOfficerKey(0, 1, key.public_key).pack(), desk.people, time.time_ns())
            sequencer.execute(act.commands, instructions=act.entry)
            desk.people = (desk.people[0]._replace(key=key), desk.people[1])
    now = {each.officer_id: each.public_key for each in reference_state(directory).authority.officers}
    found = keys_of_officers(directory, now)
    assert found[1] == (first.public_key, OLD.public_key, NEW.public_key)
    assert found[2] == (now[2],)
    return found


def test_second_watcher_takes_what_was_entered_under_an_old_key(
    keys: dict[int, tuple[bytes, ...]], tmp_path: Path
) -> None:
    """Custody mirrors its inventory at every start: without the old keys none would follow a rotation."""
    with CustodyStore(tmp_path / "first.sqlite3") as store, CustodyStore(tmp_path / "second.sqlite3") as mirror:
        wallet = SeedKeys(tmp_path / "seed", "hot")
        add_wallet(store, acting(OLD), "hot", "client", "hot", "eip155:31337")
        add_address(store, acting(NEW), "hot", "main", public_key=wallet.public_key(0))
        with pytest.raises(TrailDamagedError, match="the key of officer 1"):
            mirror_inventory(store, mirror, {1: NEW.public_key})
        assert mirror_inventory(store, mirror, keys) == 2
        assert addresses(mirror) == addresses(store)


def test_old_key_signs_nothing_behind_an_act_under_the_new_one(
    keys: dict[int, tuple[bytes, ...]], tmp_path: Path
) -> None:
    """Whoever stole the old key and writes to the file adds an address of its own; a key of nobody's does no better."""
    with CustodyStore(tmp_path / "first.sqlite3") as store:
        add_wallet(store, acting(OLD), "hot", "client", "hot", "eip155:31337")
        add_wallet(store, acting(NEW), "warm", "client", "warm", "eip155:31337")
        verify_trail(store.connection, keys)
        add_wallet(store, acting(OLD), "thief", "client", "hot", "eip155:31337")
        with pytest.raises(TrailDamagedError, match="act 3"):
            verify_trail(store.connection, keys)


def acting(key: KeySigner) -> Actor:
    """Return the first officer with one of its keys."""
    return Actor(1, ROLE_CUSTODY, key)
