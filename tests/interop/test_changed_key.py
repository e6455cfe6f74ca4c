"""Heads before and after the facility changed its key: each is checked with the key that signed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.cli.main import main
from tarazy.domain.records import RotateFacilityKey
from tarazy.journal.note import open_head, verifier_key
from tarazy.journal.proof_errors import NoteSignatureError
from tarazy.journal.proving import find_head, newest_key, prove_growth

from ..unit.journal.test_attestation import ANNA, BORIS, CARLA, House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return a facility with a head over 1 frame, a change of the key to Carla's, and a head over 3 frames."""
    found = House(tmp_path).found()
    found.facility.head()
    found.act(RotateFacilityKey(public_key=CARLA.public_key).pack(), ANNA, BORIS)
    found.facility.key = CARLA
    found.facility.head()
    return found


def test_newest_key_is_the_one_that_signed_last(house: House) -> None:
    facility = house.identity.facility_id
    assert newest_key(house.directory) == verifier_key(facility, CARLA.public_key)
    assert find_head(house.directory, 1).key == verifier_key(facility, house.identity.public_key)
    assert find_head(house.directory).key == verifier_key(facility, CARLA.public_key)


def test_growth_over_a_change_of_the_key_needs_both_keys(house: House) -> None:
    old, new = find_head(house.directory, 1), find_head(house.directory, 3)
    proof = prove_growth(house.directory, 1)
    assert proof.check([old.key, new.key], open_head(old.note, old.key)).size == 3
    with pytest.raises(NoteSignatureError):
        proof.check([old.key], open_head(old.note, old.key))


def test_verb_takes_both_keys(house: House, tmp_path: Path) -> None:
    old, new = find_head(house.directory, 1), find_head(house.directory, 3)
    (tmp_path / "old").write_bytes(old.note)
    (tmp_path / "growth").write_bytes(prove_growth(house.directory, 1).text())
    arguments = ["check-proof", str(tmp_path / "growth"), "--old-head", str(tmp_path / "old")]
    assert main([*arguments, "--verifier-key", str(new.key)]) == 1
    assert main([*arguments, "--verifier-key", str(new.key), "--verifier-key", str(old.key)]) == 0


def test_keys_of_two_facilities_do_not_mix(house: House) -> None:
    old = find_head(house.directory, 1)
    other = verifier_key(bytes(16), house.identity.public_key)
    with pytest.raises(NoteSignatureError, match="expected the origin"):
        open_head(old.note, old.key, other)
