"""Creating a facility and reading who it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.signer import KeySigner
from tarazy.journal.create import create_facility
from tarazy.journal.errors import FacilityExistsError, FrameTooLargeError, IdentityError
from tarazy.journal.identity import GenesisOfficer, load_identity
from tarazy.journal.keys import load_signing_key
from tarazy.journal.note import VerifierKey, encode_base64, open_note, origin_of
from tarazy.journal.proof_errors import NoteSignatureError
from tarazy.journal.statement import Statement
from tarazy.journal.verify import verify

from .building import CREATED_NS, SEED, create

OFFICER_KEYS = [KeySigner.from_seed(bytes([number]) * 32) for number in (1, 2)]
OFFICERS = [GenesisOfficer(key.public_key, 1, CREATED_NS) for key in OFFICER_KEYS]


def create_with_officers(directory: Path, signers: list[KeySigner]) -> Path:
    """Create a facility with two officers, signed by whom the test wants."""
    create_facility(
        directory,
        "Test venue",
        edition=1,
        segment_bytes=8192,
        officers=OFFICERS,
        sign_officers=lambda message: [key.sign(message) for key in signers],
    )
    return directory


def change(directory: Path, **changes: Any) -> None:
    """Say something else in facility.json; its signatures stay."""
    path = directory / "facility.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_facility_knows_its_name_number_key_and_edition(tmp_path: Path) -> None:
    identity = load_identity(create(tmp_path / "a"))
    assert (identity.name, identity.edition, identity.created_ns) == ("Test venue", 1, CREATED_NS)
    assert (identity.segment_bytes, identity.sector_bytes, identity.officers) == (8192, 512, ())
    assert identity.facility_id == SEED[:16]
    assert load_signing_key(tmp_path / "a", identity).public_key == identity.public_key


def test_facilities_without_a_seed_differ(tmp_path: Path) -> None:
    one = create_facility(tmp_path / "one", "A", edition=1, segment_bytes=8192)
    two = create_facility(tmp_path / "two", "A", edition=1, segment_bytes=8192)
    assert one.facility_id != two.facility_id
    assert one.public_key != two.public_key
    assert one.sector_bytes == 4096


def test_officers_of_the_genesis_are_kept_in_their_order(tmp_path: Path) -> None:
    identity = load_identity(create_with_officers(tmp_path / "a", OFFICER_KEYS))
    assert identity.officers == tuple(OFFICERS)


@pytest.mark.parametrize("signers", [[], OFFICER_KEYS[:1], OFFICER_KEYS[::-1], OFFICER_KEYS + OFFICER_KEYS[:1]])
def test_genesis_that_not_every_officer_signed_leaves_nothing(tmp_path: Path, signers: list[KeySigner]) -> None:
    with pytest.raises(IdentityError, match="signature"):
        create_with_officers(tmp_path / "a", signers)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Best venue"},
        {"edition": 2},
        {"sector_bytes": 1024},
        {"segment_bytes": 16384},
        {"created_ns": 5},
        {"officers": []},
        {"facility_id": "00" * 16},
        {"signatures": ["00" * 64] * 3},
        {"signatures": []},
    ],
)
def test_changed_identity_has_not_the_signatures_of_its_signers(tmp_path: Path, changes: dict[str, Any]) -> None:
    create_with_officers(tmp_path / "a", OFFICER_KEYS)
    change(tmp_path / "a", **changes)
    with pytest.raises(IdentityError, match="signature"):
        load_identity(tmp_path / "a")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"facility_id": "00"},
        {"public_key": 7},
        {"edition": True},
        {"edition": -1},
        {"edition": "1"},
        {"created_ns": 1 << 64},
        {"name": 5},
        {"name": "a" * 201},
        {"name": "two\nlines"},
        {"name": "\x1b[31mred"},
        {"name": "half \ud83d"},
        {"more": 1},
        {"sector_bytes": 500},
        {"sector_bytes": 256},
        {"sector_bytes": 131072},
        {"segment_bytes": 4096},
        {"segment_bytes": 8193},
        {"segment_bytes": 1 << 36},
        {"officers": [{}]},
        {"officers": {}},
        {"officers": [{"public_key": "00" * 32, "roles": 1 << 16, "valid_from_ns": 0, "valid_until_ns": 0}]},
    ],
)
def test_identity_with_other_fields_is_damage(tmp_path: Path, changes: dict[str, Any]) -> None:
    change(create(tmp_path / "a"), **changes)
    with pytest.raises(IdentityError, match="expected a JSON object with the facility's fields"):
        load_identity(tmp_path / "a")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "\xff", '{"format": NaN}', '{"format": Infinity}', '{"format": 1.0}', '{"a": 1, "a": 1}'],
)
def test_identity_that_is_none_is_damage(tmp_path: Path, text: str) -> None:
    create(tmp_path / "a")
    (tmp_path / "a" / "facility.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(IdentityError):
        load_identity(tmp_path / "a")


def test_second_facility_in_a_folder_is_refused(tmp_path: Path) -> None:
    create(tmp_path / "a")
    with pytest.raises(FacilityExistsError, match=r"found facility\.json"):
        create(tmp_path / "a")
    assert verify(tmp_path / "a").ok


def test_segments_that_hold_no_frame_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FrameTooLargeError, match="expected segments of at least 8192 bytes, found segment_bytes 4096"):
        create(tmp_path, segment_bytes=4096)
    with pytest.raises(ValueError, match="48 bytes"):
        create_facility(tmp_path, "A", edition=1, seed=b"short")


def test_founders_have_a_key_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="one key twice"):
        create_facility(
            tmp_path / "a",
            "Test venue",
            edition=1,
            segment_bytes=8192,
            officers=[OFFICERS[0], OFFICERS[0]],
            sign_officers=lambda message: [OFFICER_KEYS[0].sign(message)] * 2,
        )
    assert list(tmp_path.iterdir()) == []


# A point of order 1: for this key the signature with R the same point and S = 0 satisfies RFC 8032's equation for every
# message (8 S B = 8 R + 8 k A, with A and R the neutral point), so anybody makes it.
NOBODYS_KEY = (1).to_bytes(32, "little")
ANYBODYS_SIGNATURE = NOBODYS_KEY + bytes(32)


def test_key_that_anybody_can_sign_for_founds_nothing(tmp_path: Path) -> None:
    officers = [OFFICERS[0], GenesisOfficer(NOBODYS_KEY, 1, CREATED_NS)]
    with pytest.raises(IdentityError, match="officer 2"):
        create_facility(
            tmp_path / "a",
            "Test venue",
            edition=1,
            segment_bytes=8192,
            officers=officers,
            sign_officers=lambda message: [OFFICER_KEYS[0].sign(message), ANYBODYS_SIGNATURE],
        )
    assert list(tmp_path.iterdir()) == []


def test_key_that_anybody_can_sign_for_signs_no_statement_and_no_head() -> None:
    origin = origin_of(SEED[:16])
    text = f"{origin}\n5\n{encode_base64(bytes(32))}\n"
    key = VerifierKey(origin, NOBODYS_KEY)
    note = f"{text}\n\u2014 {origin} {encode_base64(key.key_hash + ANYBODYS_SIGNATURE)}\n".encode()
    with pytest.raises(NoteSignatureError):
        open_note(note, [key])
    unsigned = Statement(*(bytes(32) if "bytes" in str(each) else 0 for each in Statement.__annotations__.values()))
    assert not unsigned._replace(signature=ANYBODYS_SIGNATURE).is_signed_by(NOBODYS_KEY)
