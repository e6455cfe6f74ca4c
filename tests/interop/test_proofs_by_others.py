"""Our heads and proofs under public Go libraries, theirs under our checks, and what both refuse.

The libraries: golang.org/x/mod (sumdb/note, sumdb/tlog: what secures the Go module proxy), transparency-dev/formats
(tlog-checkpoint, tlog-proof) and transparency-dev/merkle. `tests/interop/go` calls two of them for every proof and
demands that they agree.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.signer import KeySigner
from tarazy.journal.merkle import prove_consistency, prove_inclusion, root_of
from tarazy.journal.note import TreeHead, open_head, parse_verifier_key, sign_head, sign_note, verifier_key
from tarazy.journal.proof_errors import ProofError
from tarazy.journal.proof_text import ConsistencyProof, InclusionProof, parse_proof

from ..go_tools import PROOFCHECK, go_program, run_go

FACILITY = bytes(range(16))
KEY = KeySigner.from_seed(bytes(range(32)))
VERIFIER = verifier_key(FACILITY, KEY.public_key)
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 31, 64, 100)
COUNT = 21

Case = dict[str, Any]


def entries_of(size: int) -> list[bytes]:
    return [sha256(number.to_bytes(8, "little")).digest() for number in range(1, size + 1)]


ENTRIES = entries_of(max(SIZES))
HEADS = {size: sign_head(FACILITY, size, root_of(ENTRIES[:size]), KEY) for size in range(1, max(SIZES) + 1)}


def frame_proof(index: int, size: int) -> InclusionProof:
    return InclusionProof(index + 1, ENTRIES[index], tuple(prove_inclusion(ENTRIES, index, size)), HEADS[size])


def growth_proof(old_size: int, size: int) -> ConsistencyProof:
    return ConsistencyProof(old_size, tuple(prove_consistency(ENTRIES, old_size, size)), HEADS[size])


def case(kind: str, data: bytes, *, old_head: bytes = b"", frame_hash: bytes = b"", key: str = str(VERIFIER)) -> Case:
    coded = {"data": data, "old_head": old_head, "frame_hash": frame_hash}
    return {"kind": kind, "key": key} | {name: base64.b64encode(value).decode() for name, value in coded.items()}


def frame_case(proof: InclusionProof) -> Case:
    return case("frame", proof.text(), frame_hash=proof.frame_hash)


def growth_case(proof: ConsistencyProof, old_head: bytes) -> Case:
    return case("growth", proof.text(), old_head=old_head)


@pytest.fixture(scope="session")
def answers(proofcheck: Path) -> Callable[[list[Case]], list[str]]:
    """Return what the Go program says to cases: an empty text for each that holds."""

    def ask(cases: list[Case]) -> list[str]:
        done = subprocess.run(
            [proofcheck, "batch"], input=json.dumps(cases), capture_output=True, text=True, check=True
        )
        found: list[str] = json.loads(done.stdout)
        assert len(found) == len(cases)
        return found

    return ask


@pytest.fixture(scope="session")
def made(proofcheck: Path) -> dict[str, Any]:
    """Return a log that the Go libraries made, signed and proved."""
    done = subprocess.run([proofcheck, "make", str(COUNT)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# ---------------------------------------------------------------- ours, checked by others


def test_heads_are_accepted(answers: Callable[[list[Case]], list[str]]) -> None:
    assert not any(answers([case("head", head) for head in HEADS.values()]))


@pytest.mark.parametrize("size", SIZES)
def test_every_inclusion_proof_is_accepted(answers: Callable[[list[Case]], list[str]], size: int) -> None:
    assert not any(answers([frame_case(frame_proof(index, size)) for index in range(size)]))


@pytest.mark.parametrize("size", SIZES)
def test_every_consistency_proof_is_accepted(answers: Callable[[list[Case]], list[str]], size: int) -> None:
    cases = [growth_case(growth_proof(old_size, size), HEADS[old_size]) for old_size in range(1, size + 1)]
    assert not any(answers(cases))


# ---------------------------------------------------------------- theirs, checked by us


def test_log_of_others_has_our_roots_and_opens_with_its_key(made: dict[str, Any]) -> None:
    key = parse_verifier_key(made["key"])
    assert str(key) == made["key"]
    for size, note in enumerate(made["heads"], 1):
        assert open_head(note.encode(), key) == TreeHead(key.name, size, root_of(ENTRIES[:size]))


def test_proofs_of_others_hold_and_are_ours_byte_for_byte(made: dict[str, Any]) -> None:
    key = parse_verifier_key(made["key"])
    last = made["heads"][-1].encode()
    for index, text in enumerate(made["frames"]):
        proof = parse_proof(text.encode())
        assert proof == frame_proof(index, COUNT)._replace(note=last)
        assert isinstance(proof, InclusionProof)
        assert proof.check([key], ENTRIES[index]).size == COUNT
    for old_size, text in enumerate(made["growth"], 1):
        growth = parse_proof(text.encode())
        assert growth == growth_proof(old_size, COUNT)._replace(note=last)
        assert isinstance(growth, ConsistencyProof)
        growth.check([key], open_head(made["heads"][old_size - 1].encode(), key))


# ---------------------------------------------------------------- what both refuse


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def wrong_hash(hashes: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return (flipped(hashes[0], 5), *hashes[1:])


FRAME, GROWTH = frame_proof(5, 13), growth_proof(6, 13)
OTHER_KEY = KeySigner.from_seed(bytes(32))
FALSE_HEAD = sign_head(FACILITY, 13, root_of(ENTRIES[1:14]), KEY)
TAMPERED_FRAMES = {
    "another frame": FRAME._replace(frame_hash=ENTRIES[4]),
    "another place": FRAME._replace(frame_number=5),
    "place outside": FRAME._replace(frame_number=14),
    "a changed hash": FRAME._replace(hashes=wrong_hash(FRAME.hashes)),
    "a hash too few": FRAME._replace(hashes=FRAME.hashes[:-1]),
    "a hash too many": FRAME._replace(hashes=(*FRAME.hashes, ENTRIES[0])),
    "hashes in another order": FRAME._replace(hashes=FRAME.hashes[::-1]),
    "a head of another size": FRAME._replace(note=HEADS[16]),
    "a head over other frames": FRAME._replace(note=FALSE_HEAD),
    "a head of another key": FRAME._replace(note=sign_head(FACILITY, 13, root_of(ENTRIES[:13]), OTHER_KEY)),
    "a changed head": FRAME._replace(note=HEADS[13].replace(b"\n13\n", b"\n14\n")),
    "a changed signature": FRAME._replace(note=flipped(HEADS[13], len(HEADS[13]) - 12)),
}
TAMPERED_GROWTH = {
    "an older size": (GROWTH._replace(old_size=5), HEADS[6]),
    "an older head of another size": (GROWTH, HEADS[7]),
    "an older head over other frames": (GROWTH, sign_head(FACILITY, 6, root_of(ENTRIES[1:7]), KEY)),
    "an older head of another key": (GROWTH, sign_head(FACILITY, 6, root_of(ENTRIES[:6]), OTHER_KEY)),
    "a changed hash": (GROWTH._replace(hashes=wrong_hash(GROWTH.hashes)), HEADS[6]),
    "a hash too few": (GROWTH._replace(hashes=GROWTH.hashes[1:]), HEADS[6]),
    "a hash too many": (GROWTH._replace(hashes=(*GROWTH.hashes, ENTRIES[0])), HEADS[6]),
    "a head over other frames": (GROWTH._replace(note=FALSE_HEAD), HEADS[6]),
    "a smaller head": (GROWTH._replace(note=HEADS[5]), HEADS[6]),
    "two heads of one size": (ConsistencyProof(13, (), FALSE_HEAD), HEADS[13]),
}


@pytest.mark.parametrize("what", TAMPERED_FRAMES)
def test_tampered_inclusion_proof_is_refused_by_both(answers: Callable[[list[Case]], list[str]], what: str) -> None:
    proof = TAMPERED_FRAMES[what]
    assert all(answers([frame_case(proof)]))
    with pytest.raises(ProofError):
        proof.check([VERIFIER])


@pytest.mark.parametrize("what", TAMPERED_GROWTH)
def test_tampered_consistency_proof_is_refused_by_both(answers: Callable[[list[Case]], list[str]], what: str) -> None:
    proof, old_head = TAMPERED_GROWTH[what]
    assert all(answers([growth_case(proof, old_head)]))
    with pytest.raises(ProofError):
        proof.check([VERIFIER], open_head(old_head, VERIFIER))


def test_head_with_any_changed_byte_is_refused_by_both(answers: Callable[[list[Case]], list[str]]) -> None:
    heads = [flipped(HEADS[13], at) for at in range(len(HEADS[13]))]
    assert all(answers([case("head", head) for head in heads]))
    for head in heads:
        with pytest.raises(ProofError):
            open_head(head, VERIFIER)


def test_head_with_another_origin_than_its_key_is_refused_by_both(answers: Callable[[list[Case]], list[str]]) -> None:
    head = sign_note(TreeHead("tarazy/other", 13, root_of(ENTRIES[:13])).text(), VERIFIER.name, KEY)
    assert all(answers([case("head", head)]))
    with pytest.raises(ProofError):
        open_head(head, VERIFIER)


# ---------------------------------------------------------------- the program itself


def test_sources_of_the_program_are_formatted_and_vetted() -> None:
    gofmt = Path(go_program()).resolve().with_name("gofmt")
    done = subprocess.run([gofmt, "-l", PROOFCHECK], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    run_go("vet", ".", folder=PROOFCHECK)


def test_program_says_what_holds_and_why_not(proofcheck: Path, tmp_path: Path) -> None:
    proof, head, old = tmp_path / "proof", tmp_path / "head", tmp_path / "old"
    proof.write_bytes(FRAME.text())
    head.write_bytes(GROWTH.text())
    old.write_bytes(HEADS[6])

    def said(*arguments: str | Path) -> tuple[int, str]:
        done = subprocess.run([proofcheck, *arguments], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert said("frame", str(VERIFIER), proof, ENTRIES[5].hex()) == (0, "held: frame 6 is in the head of 13 frames\n")
    assert said("growth", str(VERIFIER), old, head) == (0, "goes on: the head of 13 frames begins with the head of 6\n")
    assert said("frame", str(VERIFIER), proof, ENTRIES[4].hex())[0] == 1
    assert said("frame", str(VERIFIER))[0] == 2
