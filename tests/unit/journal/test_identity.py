"""Creating a facility and reading who it is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tarazy.journal.create import create_facility
from tarazy.journal.errors import FacilityExistsError, FrameTooLargeError, IdentityError, NotAFacilityError
from tarazy.journal.identity import load_identity, load_signing_key
from tarazy.journal.verify import verify

from .building import CREATED_NS, SEED, create


def test_facility_knows_its_name_number_key_and_edition(tmp_path: Path) -> None:
    identity = load_identity(create(tmp_path))
    assert (identity.name, identity.edition, identity.created_ns) == ("Test venue", 1, CREATED_NS)
    assert identity.facility_id == SEED[:16]
    assert load_signing_key(tmp_path, identity).public_key().public_bytes_raw() == identity.public_key


def test_facilities_without_a_seed_differ(tmp_path: Path) -> None:
    one = create_facility(tmp_path / "one", "A", edition=1, segment_bytes=8192)
    two = create_facility(tmp_path / "two", "A", edition=1, segment_bytes=8192)
    assert one.facility_id != two.facility_id
    assert one.public_key != two.public_key


def test_private_key_is_for_its_owner_only(tmp_path: Path) -> None:
    create(tmp_path)
    assert stat.S_IMODE((tmp_path / "facility.key").stat().st_mode) == 0o600
    assert SEED[16:].hex() not in (tmp_path / "facility.json").read_text()


def test_second_facility_in_a_folder_is_refused(tmp_path: Path) -> None:
    create(tmp_path)
    with pytest.raises(FacilityExistsError, match=r"found facility\.json"):
        create(tmp_path)
    assert verify(tmp_path).ok


def test_segments_that_hold_no_frame_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FrameTooLargeError, match="expected segments of at least 8192 bytes, found segment_bytes 4096"):
        create(tmp_path, segment_bytes=4096)
    with pytest.raises(ValueError, match="48 bytes"):
        create_facility(tmp_path, "A", edition=1, seed=b"short")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": 1, "name": "A", "facility_id": "00", "public_key": "00", "edition": 1}', "\xff"],
)
def test_identity_that_is_none_is_damage(tmp_path: Path, text: str) -> None:
    create(tmp_path)
    (tmp_path / "facility.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(IdentityError):
        load_identity(tmp_path)


@pytest.mark.parametrize("old_new", [('"format": 1', '"format": 2'), (SEED[:16].hex(), "00")])
def test_identity_of_another_format_is_damage(tmp_path: Path, old_new: tuple[str, str]) -> None:
    create(tmp_path)
    path = tmp_path / "facility.json"
    path.write_text(path.read_text().replace(*old_new))
    with pytest.raises(IdentityError, match="format"):
        load_identity(tmp_path)


@pytest.mark.parametrize(
    ("text", "error"), [("zz", IdentityError), ("11" * 32, IdentityError), (None, NotAFacilityError)]
)
def test_key_that_is_not_the_facilitys_is_refused(tmp_path: Path, text: str | None, error: type[Exception]) -> None:
    identity = load_identity(create(tmp_path))
    path = tmp_path / "facility.key"
    path.unlink()
    if text is not None:
        path.write_text(text)
    with pytest.raises(error, match=r"facility\.key"):
        load_signing_key(tmp_path, identity)
