"""`tarazy screen`: one file, folders, sources; and input that is no token, no code, or means harm."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tarazy.screening.checks.base import CAPABILITY_NAMES

from ..unit.screening.simulation.assembler import assemble
from .conftest import Done

Run = Callable[..., Done]
CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "tokens"
MINTING = "mint-lying-name"
CORE = ("mint", "leak", "limit")
ANSWERS = {"yes", "no", "unknown"}
ENTRIES = "70a08231 a9059cbb 23b872dd 095ea7b3 dd62ed3e 18160ddd 06fdde03 95d89b41 313ce567 8da5cb5b".split()


def artifact(name: str) -> dict[str, str]:
    """Return a compiled token of the corpus."""
    found: dict[str, str] = json.loads((CORPUS / f"{name}.json").read_text())["contracts"]["Token"]
    return found


def runtime(name: str) -> bytes:
    """Return the runtime code of a token of the corpus."""
    return bytes.fromhex(artifact(name)["runtime"].removeprefix("0x"))


def token_that(body: str) -> bytes:
    """Return code that answers a token's selectors by running the body."""
    jumps = " ".join(f"DUP1 PUSH4 0x{selector} EQ @body JUMPI" for selector in ENTRIES)
    return assemble(f"PUSH0 CALLDATALOAD PUSH1 0xe0 SHR {jumps} PUSH0 PUSH0 REVERT body: {body}")


def lines(done: Done) -> dict[str, dict[str, Any]]:
    """Return the JSON lines by id."""
    return {line["id"]: line for line in map(json.loads, done.out.splitlines())}


def assert_whole(line: dict[str, Any]) -> None:
    """Check that every power has an answer of the three, with its reason beside it."""
    assert tuple(line["capabilities"]) == CAPABILITY_NAMES
    assert set(line["capabilities"].values()) <= ANSWERS
    for name, answer in line["capabilities"].items():
        beside = line["evidence"][name]
        assert beside["answer"] == answer
        assert beside["reason"]
        assert answer != "yes" or beside["evidence"]
    assert line["verdict"] in {"clear", "caution", "malicious", "unknown"}
    assert line["seconds"] >= 0


def assert_not_called_safe(line: dict[str, Any]) -> None:
    """Check that nothing was seen as absent where nothing could be looked at."""
    assert_whole(line)
    assert {name: line["capabilities"][name] for name in CORE} == dict.fromkeys(CORE, "unknown")
    assert line["verdict"] == "unknown"


@pytest.mark.parametrize("form", ["hex", "0xhex", "upper", "lines", "raw"])
def test_code_is_read_as_hex_or_raw_bytes(tarazy: Run, tmp_path: Path, form: str) -> None:
    code = runtime(f"{MINTING}/vulnerable")
    text = code.hex()
    forms = {
        "hex": text.encode(),
        "0xhex": b"0x" + text.encode() + b"\n",
        "upper": b"0X" + text.upper().encode(),
        "lines": "\n".join(text[at : at + 64] for at in range(0, len(text), 64)).encode(),
        "raw": code,
    }
    path = tmp_path / "token.any"
    path.write_bytes(forms[form])
    done = tarazy("screen", "--bytecode", path, "--no-simulation", "--json")
    assert done.code == 0
    assert len(done.out.splitlines()) == 1
    assert_whole(done.json)
    assert done.json["id"] == "token"
    assert done.json["code_bytes"] == len(code)
    assert done.json["capabilities"]["mint"] == "yes"


def test_yes_names_holder_and_evidence(tarazy: Run, tmp_path: Path) -> None:
    path = tmp_path / "token.hex"
    path.write_text(runtime(f"{MINTING}/vulnerable").hex())
    mint = tarazy("screen", "--bytecode", path, "--no-simulation", "--json").json["evidence"]["mint"]
    assert [holder["kind"] for holder in mint["holders"]] == ["owner"]
    assert mint["evidence"][0]["offset"] > 0
    assert mint["evidence"][0]["selector"].startswith("0x")


def test_report_for_people_names_verdict_power_and_holder(tarazy: Run, tmp_path: Path) -> None:
    path = tmp_path / "token.hex"
    path.write_text(runtime(f"{MINTING}/vulnerable").hex())
    done = tarazy("screen", "--bytecode", path)
    assert done.code == 0
    assert "New tokens can be made" in done.out
    assert "owner (storage" in done.out
    assert any(word in done.out for word in ("CAUTION", "MALICIOUS", "UNKNOWN"))


def test_report_for_people_is_in_their_language_and_the_json_in_english(tarazy: Run, tmp_path: Path) -> None:
    path = tmp_path / "token.hex"
    path.write_text(runtime("limit-blacklist/vulnerable").hex())
    done = tarazy("screen", "--bytecode", path, "--no-simulation", "--language", "kk")
    assert "аударманы машина жасаған" in done.out
    assert "Қара тізім" in done.out
    assert "ұстаушыға" in done.out
    assert "storage 0x" not in done.out
    words = ("screen", "--bytecode", path, "--no-simulation", "--json")
    english, kazakh = (tarazy(*words, *more).json["evidence"] for more in ((), ("--language", "kk")))
    assert english == kazakh


def test_creation_code_is_deployed_first(tarazy: Run, tmp_path: Path) -> None:
    path = tmp_path / "token.bin"
    path.write_text(artifact(f"{MINTING}/vulnerable")["creation"])
    done = tarazy("screen", "--creation", path, "--json")
    assert done.code == 0
    assert_whole(done.json)
    assert (done.json["input"], done.json["capabilities"]["mint"]) == ("creation", "yes")
    assert done.json["simulation"]["state"] == "deployed"


def test_folder_gives_a_line_for_each_file_in_order(tarazy: Run, tmp_path: Path) -> None:
    (tmp_path / "b.hex").write_text("0x" + runtime(f"{MINTING}/vulnerable").hex())
    (tmp_path / "a.bin").write_bytes(runtime(f"{MINTING}/benign"))
    (tmp_path / "c").write_text("0xabc")
    (tmp_path / "d.txt").write_text("what is this?")
    (tmp_path / "e.hex").write_bytes(b"")
    (tmp_path / "f.bin").write_bytes(b"0x" + b"60" * 2_000_000)
    (tmp_path / "folder").mkdir()
    (tmp_path / ".hidden").write_text("00")
    done = tarazy("screen", "--bytecode-dir", tmp_path, "--json")
    assert done.code == 0
    found = lines(done)
    assert list(found) == ["a", "b", "c", "d", "e", "f"]
    for line in found.values():
        assert_whole(line)
    assert (found["a"]["capabilities"]["mint"], found["b"]["capabilities"]["mint"]) == ("no", "yes")
    for name, reason in (("c", "even number"), ("d", "found other text"), ("f", "expected at most")):
        assert_not_called_safe(found[name])
        assert reason in found[name]["evidence"]["mint"]["reason"]
    assert_not_called_safe(found["e"])


def test_folder_for_people_shows_a_table_and_counts(tarazy: Run, tmp_path: Path) -> None:
    (tmp_path / "good.hex").write_text(runtime(f"{MINTING}/vulnerable").hex())
    (tmp_path / "odd.hex").write_text("abc")
    done = tarazy("screen", "--bytecode-dir", tmp_path, "--no-simulation")
    assert done.code == 0
    assert "mint" in done.out
    assert "even number of hex digits" in done.out
    assert "2 screened" in done.out


def test_empty_folder_screens_nothing(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("screen", "--bytecode-dir", tmp_path, "--json")
    assert (done.code, done.out) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "found nothing"),
        (["--bytecode", "HERE/none.hex"], "found nothing at"),
        (["--bytecode", "HERE"], "found the folder"),
        (["--bytecode-dir", "HERE/none"], "found nothing at"),
        (["--bytecode-dir", "HERE/file"], "which is no folder"),
        (["--bytecode", "HERE/file", "--creation", "HERE/file"], "expected one of"),
        (["--rpc", "http://127.0.0.1:1"], "found --rpc"),
        (["--address", "0x" + "00" * 20], "found --address"),
        (["--rpc", "http://127.0.0.1:1", "--address", "0x12"], "40 hexadecimal digits"),
        (["--bytecode", "HERE/file", "--block", "newest"], "expected a block number"),
        (["--bytecode", "HERE/file", "--time-limit", "never"], "expected seconds"),
        (["--bytecode", "HERE/file", "--jobs", "0"], "expected 1 or more"),
        (["--bytecode", "HERE/file", "--criteria", "no-such"], "no-such"),
        (["--bytecode", "HERE/file", "--criteria", "HERE/none.toml"], "none.toml"),
    ],
)
def test_wrong_usage_says_what_was_expected(tarazy: Run, tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "file").write_text("00")
    done = tarazy("screen", *(word.replace("HERE", str(tmp_path)) for word in words))
    assert done.code in (1, 2)
    assert said in done.err
    assert "Traceback" not in done.err


def test_node_that_is_not_there_leaves_all_unknown_with_the_reason(tarazy: Run) -> None:
    done = tarazy("screen", "--rpc", "http://127.0.0.1:1", "--address", "0x" + "11" * 20, "--json")
    assert done.code == 0
    assert_not_called_safe(done.json)
    assert "127.0.0.1:1" in done.json["evidence"]["mint"]["reason"]


LOOP = "again: @again JUMP"
GROWING = "PUSH0 again: PUSH3 0x100000 ADD DUP1 PUSH0 DUP2 MSTORE POP @again JUMP"
HOSTILE = {
    "empty": b"",
    "stop": b"\x00",
    "no-token": assemble("PUSH0 PUSH0 REVERT"),
    "loop": assemble(LOOP),
    "token-loop": token_that(LOOP),
    "gas-bomb": token_that("again: PUSH2 0xffff PUSH0 KECCAK256 POP @again JUMP"),
    "memory-bomb": token_that(GROWING),
    "far-memory": token_that("PUSH1 1 PUSH5 0xffffffff00 MSTORE " + LOOP),
    "return-bomb": token_that("PUSH4 0xffffff PUSH0 RETURN"),
    "revert-bomb": token_that("PUSH4 0xffffff PUSH0 REVERT"),
    "storage-loop": token_that("again: GAS GAS SSTORE @again JUMP"),
    "create-bomb": token_that("again: PUSH2 0x6000 PUSH0 PUSH0 CREATE POP @again JUMP"),
    "self-call": token_that("PUSH0 PUSH0 PUSH1 4 PUSH0 PUSH0 ADDRESS GAS CALL " + LOOP),
    "log-bomb": token_that("again: PUSH2 0xffff PUSH0 LOG0 @again JUMP"),
    "computed-jump": token_that("PUSH0 CALLDATALOAD PUSH1 0xff JUMPDEST JUMP"),
    "branches": b"".join(bytes.fromhex(f"61{n:04x}3561{n * 8 + 7:04x}57") + b"\x5b" for n in range(3_000)),
    "jumpdests": b"\x5b" * 24_576,
    "pushes": b"\x5f" * 24_576,
    "push-cut-off": b"\x7f" * 33,
    "deep-stack": assemble("again: DUP1 DUP1 @again JUMP"),
    "selectors": b"".join(bytes.fromhex(f"8063{n * 7919:08x}14610000") + b"\x57" for n in range(2_200)),
}
SECONDS = 3.0


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, dict[str, Any]], float]:
    """Return what a folder of hostile code was answered, by name, and how long it took."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, code in HOSTILE.items():
        (folder / f"{name}.bin").write_text("0x" + code.hex())
    words = ["--bytecode-dir", str(folder), "--time-limit", str(SECONDS), "--json"]
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tarazy.cli.main", "screen", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {line["id"]: line for line in map(json.loads, done.stdout.splitlines())}, time.monotonic() - start


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_is_answered_in_time_and_never_called_safe(
    hostile: tuple[dict[str, dict[str, Any]], float], name: str
) -> None:
    line = hostile[0][name]
    assert_whole(line)
    assert line["verdict"] != "clear"
    assert not [power for power in CORE if line["capabilities"][power] == "no"]
    assert line["seconds"] < SECONDS + 6


def test_folder_of_hostile_code_takes_bounded_time(hostile: tuple[dict[str, dict[str, Any]], float]) -> None:
    assert list(hostile[0]) == sorted(HOSTILE)
    assert hostile[1] < len(HOSTILE) * SECONDS


def test_random_bytes_are_answered_in_time_and_never_called_safe(tarazy: Run, tmp_path: Path) -> None:
    for seed in range(40):
        (tmp_path / f"{seed:02}.bin").write_bytes(random.Random(seed).randbytes(24_576))
    start = time.monotonic()
    done = tarazy("screen", "--bytecode-dir", tmp_path, "--time-limit", SECONDS, "--json")
    assert time.monotonic() - start < 60
    found = lines(done)
    assert len(found) == 40
    for line in found.values():
        assert_not_called_safe(line)


def test_random_code_between_a_token_and_nonsense_never_crashes(tarazy: Run, tmp_path: Path) -> None:
    token = runtime(f"{MINTING}/vulnerable")
    for seed in range(40):
        chance, code = random.Random(seed), bytearray(token)
        for _ in range(chance.choice((1, 5, 50))):
            code[chance.randrange(len(code))] = chance.randrange(256)
        (tmp_path / f"{seed:02}.hex").write_text(bytes(code).hex())
    done = tarazy("screen", "--bytecode-dir", tmp_path, "--time-limit", SECONDS, "--json")
    found = lines(done)
    assert len(found) == 40
    for line in found.values():
        assert_whole(line)
        reasons = [beside["reason"] for beside in line["evidence"].values()]
        assert not [reason for reason in reasons if "the check failed" in reason or "Error" in reason]


def test_same_code_gives_the_same_answers_again(tarazy: Run, tmp_path: Path) -> None:
    path = tmp_path / "token.hex"
    path.write_text(runtime("limit-pause/vulnerable").hex())
    varying = ("seconds", "screened_at", "simulation")
    first, second = (
        {key: value for key, value in tarazy("screen", "--bytecode", path, "--json").json.items() if key not in varying}
        for _ in range(2)
    )
    assert first == second


# VmHWM begins anew with the program; what getrusage tells counts in the memory of the test run that started it.
MEASURED = """
import re, sys
from pathlib import Path
from tarazy.cli.main import main
code = main(sys.argv[1:])
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.slow
def test_ten_thousand_files_take_bounded_memory_and_all_have_their_line(tmp_path: Path) -> None:
    first = [runtime(f"{MINTING}/vulnerable"), runtime(f"{MINTING}/benign"), b"", assemble(LOOP)]
    for number in range(10_000):
        at = number % 500
        code = first[at] if at < len(first) else random.Random(number).randbytes(300)
        (tmp_path / f"{number:05}.bin").write_text(code.hex())
    command = [sys.executable, "-c", MEASURED, "screen", "--bytecode-dir", str(tmp_path), "--no-simulation", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500, env=dict(os.environ))
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in found] == [f"{number:05}" for number in range(10_000)]
    assert [line["capabilities"]["mint"] for line in found[:4]] == ["yes", "no", "unknown", "unknown"]
    assert int(done.stderr.splitlines()[-1]) < 100, "MiB of the parent"
