"""Likeness of code: the same code, the same with other constants, near, and nothing alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tarazy.screening.identity import similarity
from tarazy.screening.identity.similarity import (
    KnownSketch,
    LibraryError,
    answer_known_code,
    likeness_ppm,
    load_library,
    resemble,
    sketch,
)
from tarazy.screening.model import Answer

from ....corpus.loader import FOLDER


def code_of(artifact: Path) -> bytes:
    contracts = list(json.loads(artifact.read_text())["contracts"].values())
    return bytes.fromhex(contracts[-1]["runtime"][2:])


PAIRS = {f"{path.parent.name}/{path.stem}": code_of(path) for path in sorted(FOLDER.glob("*/*.json"))}
VULNERABLE, BENIGN = PAIRS["limit-pause/vulnerable"], PAIRS["limit-pause/benign"]
OTHER = PAIRS["mint-assembly/vulnerable"]
# A map of one entry, `solc` of three bytes, and its length: what a compiler leaves at the end.
TRAILER = b"\xa1\x64solc\x43\x00\x08\x25\x00\x0a"


def library(*codes: tuple[str, bytes]) -> tuple[KnownSketch, ...]:
    return tuple(KnownSketch(name, sketch(code)) for name, code in codes)


def body(runtime: bytes) -> bytes:
    return similarity.Code(runtime).body


def test_same_code_with_another_trailer_is_exact() -> None:
    found = answer_known_code(body(VULNERABLE) + TRAILER, library(("other", OTHER), ("pausable", VULNERABLE)))
    assert (found.answer, found.reason) == (Answer.YES, "it is pausable, but for the compiler's metadata")


def test_same_code_with_another_constant_is_told() -> None:
    push = next(i for i, byte in enumerate(body(VULNERABLE)) if byte == 0x60)
    changed = bytearray(VULNERABLE)
    changed[push + 1] ^= 1
    assert resemble(sketch(bytes(changed)), library(("pausable", VULNERABLE))).kind == "constants"


def test_code_that_differs_in_a_line_is_near() -> None:
    found = resemble(sketch(VULNERABLE), library(("other", OTHER), ("twin", BENIGN)))
    assert (found.kind, found.name) == ("near", "twin")
    assert 900_000 < found.likeness_ppm < 1_000_000


def test_code_without_likeness_is_no_and_the_nearest_is_named() -> None:
    found = answer_known_code(OTHER, library(("pausable", VULNERABLE)))
    assert found.answer is Answer.NO
    assert "nearest is pausable" in found.reason


def test_estimate_is_close_to_the_true_share_of_pieces() -> None:
    names = sorted(PAIRS)
    worst = 0
    for left, right in zip(names, names[3:], strict=False):
        rows = [similarity.opcode_row(body(PAIRS[name])) for name in (left, right)]
        sets = [{row[i : i + similarity.SHINGLE] for i in range(len(row) - similarity.SHINGLE + 1)} for row in rows]
        true_ppm = len(sets[0] & sets[1]) * 1_000_000 // len(sets[0] | sets[1])
        worst = max(worst, abs(true_ppm - likeness_ppm(sketch(PAIRS[left]), sketch(PAIRS[right]))))
    assert worst < 120_000  # four times the standard error of 256 pieces


def test_likeness_is_the_same_both_ways_and_on_every_run() -> None:
    left, right = sketch(VULNERABLE), sketch(OTHER)
    assert likeness_ppm(left, right) == likeness_ppm(right, left) == likeness_ppm(sketch(VULNERABLE), sketch(OTHER))
    assert likeness_ppm(left, left) == 1_000_000


@pytest.mark.parametrize("code", [b"", b"\x00", b"\x60", b"\x7f", b"\x5f\x5f\xfd"])
def test_short_code_is_unknown(code: bytes) -> None:
    assert answer_known_code(code, library(("pausable", VULNERABLE))).answer is Answer.UNKNOWN


def test_empty_library_is_unknown() -> None:
    assert answer_known_code(VULNERABLE, ()).answer is Answer.UNKNOWN


def test_library_of_the_user_holds_hex_files_and_artifacts(tmp_path: Path) -> None:
    (tmp_path / "pausable.hex").write_text("0x" + VULNERABLE.hex())
    (tmp_path / "made.json").write_text(json.dumps({"contracts": {"Made": {"runtime": "0x" + OTHER.hex()}}}))
    assert [known.name for known in load_library(tmp_path)] == ["Made", "pausable"]
    assert answer_known_code(OTHER, load_library(tmp_path)).reason.startswith("it is Made")


def test_library_that_cannot_be_read_is_refused_by_file(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no such folder"):
        load_library(tmp_path / "none")
    (tmp_path / "bad.hex").write_text("0xabc")
    with pytest.raises(LibraryError, match=r"bad\.hex: expected runtime code as hex, found expected an even number"):
        load_library(tmp_path)
    (tmp_path / "bad.hex").unlink()
    (tmp_path / "bad.json").write_text("[]")
    with pytest.raises(LibraryError, match=r"bad\.json: expected an artifact with contracts"):
        load_library(tmp_path)
