"""The verbs that give out heads and proofs, on a journal, and what the Go program says to their files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tarazy.cli.main import main
from tarazy.journal.errors import HeadError
from tarazy.journal.merkle import root_of
from tarazy.journal.proof_errors import NoSuchHeadError
from tarazy.journal.proving import find_head, prove_frame, prove_growth

from .journals import write_journal

# 23 frames; heads stand as the frames 5, 10, 15 and 20, so they have the sizes 4, 9, 14 and 19.
FRAMES, HEAD_EVERY = 23, 5
SIZES = (4, 9, 14, 19)


class Journal(NamedTuple):
    """A journal and the hashes of its frames."""

    directory: Path
    hashes: list[bytes]


class Done(NamedTuple):
    """What a verb gave."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Journal:
    directory = tmp_path_factory.mktemp("proofs") / "venue"
    return Journal(directory, write_journal(directory, FRAMES, HEAD_EVERY))


@pytest.fixture
def tarazy(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: Any) -> Done:
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def key(tarazy: Run, journal: Journal) -> str:
    return tarazy("head", journal.directory, "--verifier-key").out.strip()


# ---------------------------------------------------------------- heads


def test_head_is_the_newest_one_over_the_frames_before_it(tarazy: Run, journal: Journal) -> None:
    done = tarazy("head", journal.directory, "--json")
    found = json.loads(done.out)
    assert (done.code, found["size"]) == (0, 19)
    assert found["root"] == root_of(journal.hashes[:19]).hex()
    assert found["origin"] == "tarazy/000102030405060708090a0b0c0d0e0f"
    assert found["note"] == tarazy("head", journal.directory).out


@pytest.mark.parametrize("size", SIZES)
def test_head_of_every_size_can_be_had(journal: Journal, size: int) -> None:
    head = find_head(journal.directory, size).head
    assert (head.size, head.root) == (size, root_of(journal.hashes[:size]))


@pytest.mark.parametrize("size", [1, 5, 20, 100])
def test_head_of_a_size_that_was_not_signed_is_refused(tarazy: Run, journal: Journal, size: int) -> None:
    done = tarazy("head", journal.directory, "--size", size)
    assert done.code == 1
    assert f"expected a signed head of size {size}, found the newest of size 19" in done.err


def test_journal_without_a_head_says_so(tarazy: Run, tmp_path: Path) -> None:
    write_journal(tmp_path / "venue", 3, 10)
    done = tarazy("head", tmp_path / "venue")
    assert done.code == 1
    assert "expected a signed head of 1 frames or more, found none in the journal" in done.err


# ---------------------------------------------------------------- proofs, checked by our verb and by the Go program


def checked(program: Path, *arguments: str | Path) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("frame", [1, 2, 5, 9, 16, 19])
def test_proof_of_a_frame_holds_everywhere(
    tarazy: Run, journal: Journal, key: str, proofcheck: Path, tmp_path: Path, frame: int
) -> None:
    file, frame_hash = tmp_path / "frame.tlog-proof", journal.hashes[frame - 1].hex()
    file.write_text(tarazy("prove-frame", journal.directory, frame).out)
    done = tarazy("check-proof", file, "--verifier-key", key, "--frame-hash", frame_hash)
    assert done.code == 0, done.err
    assert done.out.startswith(f"held: frame {frame} with hash {frame_hash} is in the head of 19 frames of tarazy/0001")
    assert checked(proofcheck, "frame", key, file, frame_hash) == f"held: frame {frame} is in the head of 19 frames\n"


def test_proof_of_a_frame_is_the_same_as_text_and_as_json(tarazy: Run, journal: Journal) -> None:
    text = tarazy("prove-frame", journal.directory, 3, "--size", 4).out
    found = json.loads(tarazy("prove-frame", journal.directory, 3, "--size", 4, "--json").out)
    assert (found["proof"], found["frame"], found["size"]) == ("inclusion", 3, 4)
    assert found["frame_hash"] == journal.hashes[2].hex()
    assert len(found["hashes"]) == 2
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra ")
    assert text.endswith(found["note"])


@pytest.mark.parametrize(("old", "new"), [(4, 9), (4, 19), (9, 14), (14, 19), (19, 19)])
def test_proof_of_growth_holds_everywhere(
    tarazy: Run, journal: Journal, key: str, proofcheck: Path, tmp_path: Path, old: int, new: int
) -> None:
    file, old_head = tmp_path / "growth", tmp_path / "old"
    old_head.write_text(tarazy("head", journal.directory, "--size", old).out)
    file.write_text(tarazy("prove-consistency", journal.directory, old, new).out)
    done = tarazy("check-proof", file, "--verifier-key", key, "--old-head", old_head, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["ok"], found["old_size"], found["size"]) == (True, old, new)
    said = checked(proofcheck, "growth", key, old_head, file)
    assert said == f"goes on: the head of {new} frames begins with the head of {old}\n"


def test_head_is_checked_alone(tarazy: Run, journal: Journal, key: str, proofcheck: Path, tmp_path: Path) -> None:
    file = tmp_path / "head"
    file.write_text(tarazy("head", journal.directory).out)
    assert tarazy("check-proof", file, "--verifier-key", key).out.startswith("signed: the head of 19 frames")
    assert checked(proofcheck, "head", key, file).startswith("signed: 19 frames")


# ---------------------------------------------------------------- what is refused


def test_frame_behind_the_newest_head_has_no_proof_yet(tarazy: Run, journal: Journal) -> None:
    done = tarazy("prove-frame", journal.directory, 21)
    assert done.code == 1
    assert "expected a signed head of 21 frames or more, found the newest of size 19" in done.err


def test_frame_outside_of_the_head_asked_for_is_refused(journal: Journal) -> None:
    with pytest.raises(NoSuchHeadError):
        prove_frame(journal.directory, 10, 9)
    with pytest.raises(NoSuchHeadError):
        prove_growth(journal.directory, 10, 9)


def test_head_over_other_frames_gives_no_proof(tmp_path: Path) -> None:
    write_journal(tmp_path / "venue", 6, 10, false_head=True)
    for prove in (prove_frame, prove_growth):
        with pytest.raises(HeadError, match="expected a head of size 6 with root"):
            prove(tmp_path / "venue", 2)


def test_head_before_a_torn_tail_is_given_out(tarazy: Run, tmp_path: Path) -> None:
    hashes = write_journal(tmp_path / "venue", 6, 5)
    segment = tmp_path / "venue" / "segments" / "00000001.seg"
    segment.write_bytes(
        segment.read_bytes()[: 6 * 4096 + 100]
    )  # frame 6 stands in the sector behind the header's and five
    found = json.loads(tarazy("head", tmp_path / "venue", "--json").out)
    assert (found["size"], found["root"]) == (4, root_of(hashes[:4]).hex())


def test_changed_frame_behind_the_head_gives_no_head(tarazy: Run, tmp_path: Path) -> None:
    write_journal(tmp_path / "venue", 6, 5)
    segment = tmp_path / "venue" / "segments" / "00000001.seg"
    data = bytearray(segment.read_bytes())
    data[6 * 4096 + 200] ^= 1
    segment.write_bytes(data)
    done = tarazy("head", tmp_path / "venue")
    assert done.code == 1
    assert "frame 6" in done.err


def test_proof_with_another_hash_than_the_receipts_is_refused(
    tarazy: Run, journal: Journal, key: str, tmp_path: Path
) -> None:
    file = tmp_path / "proof"
    file.write_text(tarazy("prove-frame", journal.directory, 3).out)
    done = tarazy("check-proof", file, "--verifier-key", key, "--frame-hash", journal.hashes[3].hex())
    assert done.code == 1
    assert f"{file}: the proof does not hold" in done.err


def test_proof_of_growth_without_the_older_head_is_wrong_usage(
    tarazy: Run, journal: Journal, key: str, tmp_path: Path
) -> None:
    file = tmp_path / "growth"
    file.write_text(tarazy("prove-consistency", journal.directory, 4).out)
    done = tarazy("check-proof", file, "--verifier-key", key)
    assert done.code == 2
    assert "expected --old-head FILE" in done.err


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text + "\n",
        lambda text: text.replace("\n\n", "\n", 1),
        lambda text: text.replace("index 2", "index 02"),
        lambda text: text.replace("index 2", "index 3"),
        lambda text: text.replace("extra ", "extra  "),
        lambda text: text.replace("@v1", "@v2"),
        lambda text: text.replace("=\n", "\n", 1),
        lambda text: text.replace("\n19\n", "\n20\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "c2sp.org/tlog-proof@v1\n",
        lambda text: "old 4\nnothing\n\n" + text.partition("\n\n")[2],
    ],
    ids=range(12),
)
def test_changed_text_of_a_proof_is_refused(
    tarazy: Run, journal: Journal, key: str, tmp_path: Path, change: Callable[[str], str]
) -> None:
    file = tmp_path / "proof"
    file.write_bytes(change(tarazy("prove-frame", journal.directory, 3).out).encode())
    done = tarazy("check-proof", file, "--verifier-key", key)
    assert done.code == 1
    assert done.err.startswith(f"tarazy: {file}: ")


def test_wrong_verifier_key_is_wrong_usage(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("check-proof", tmp_path / "none", "--verifier-key", "venue+00000000+AAAA")
    assert done.code == 2
    assert "expected a verifier key name+hash+key" in done.err


def test_file_that_is_larger_than_any_proof_is_refused(tarazy: Run, key: str, tmp_path: Path) -> None:
    file = tmp_path / "proof"
    file.write_bytes(b"old 4\n" * 100_000)
    done = tarazy("check-proof", file, "--verifier-key", key)
    assert done.code == 1
    assert "expected at most 131072 bytes, found more" in done.err


def test_file_that_is_not_there_is_named(tarazy: Run, key: str, tmp_path: Path) -> None:
    done = tarazy("check-proof", tmp_path / "none", "--verifier-key", key)
    assert done.code == 1
    assert f"{tmp_path / 'none'}: No such file" in done.err
