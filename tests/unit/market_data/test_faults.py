"""Bad files: each ends with one line that says where, what was expected and what was found; and nothing is left."""

from __future__ import annotations

import gzip
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tarazy.cli.main import main
from tarazy.cli.market_data.playing import begun

from .fault_table import BINANCE, BITSTAMP, LOBSTER, Fault, all_faults, capture

FAULTS = all_faults()
# Runs the command line and prints the most memory that its process held, in KiB.
MEASURED = """
import sys
from tarazy.cli.main import main
code = main(sys.argv[1:])
lines = open("/proc/self/status").read().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
sys.exit(code)
"""
GOOD = {"bitstamp": BITSTAMP.encode(), "lobster": LOBSTER.encode(), "binance": capture(BINANCE)}


def imported(form: str, path: Path | str, out: Path, *more: str) -> int:
    """Run an import; return its exit code."""
    return main(["import", form, str(path), "--out", str(out), *more])


def assert_refused(folder: Path, code: int, err: str, *words: str) -> None:
    """Assert exit code 1, one line of error with these words, and a folder with nothing of an import."""
    assert code == 1, err
    assert err.startswith("tarazy: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert len(err) < 700
    for each in words:
        assert each in err
    assert [path.name for path in folder.iterdir() if not path.name.startswith("file")] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.form}: {fault.name}")
def test_bad_file_is_refused_with_its_place_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: Fault
) -> None:
    path = tmp_path / f"file{fault.ending}"
    path.write_bytes(fault.content)
    code = imported(fault.form, path, tmp_path / "deep" / "out")
    err = capsys.readouterr().err
    place = f", line {fault.line}" if fault.line > 0 else ""
    column = f", column {fault.column}" if fault.column else ""
    assert_refused(tmp_path, code, err, f"{path}{place}{column}", fault.words, "expected ", ", found ")
    if fault.line < 0:
        assert re.search(r", line \d+", err)


def test_faults_are_about_two_hundred_over_three_formats() -> None:
    assert len(FAULTS) >= 200
    assert {fault.form for fault in FAULTS} == set(GOOD)
    assert len({(fault.form, fault.name) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("form", list(GOOD))
def test_good_file_is_imported_after_a_bad_one(tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    bad, good, out = tmp_path / "bad.csv", tmp_path / "good.csv", tmp_path / "out"
    bad.write_bytes(GOOD[form] + b"rubbish\n")
    good.write_bytes(GOOD[form])
    assert imported(form, bad, out) == 1
    assert imported(form, good, out) == 0, capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "good.csv", "out", "out.keys"]
    assert main(["replay", str(out)]) == 0


@pytest.mark.parametrize("form", list(GOOD))
def test_byte_order_mark_is_passed_over(tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file.csv").write_bytes(b"\xef\xbb\xbf" + GOOD[form])
    assert imported(form, tmp_path / "file.csv", tmp_path / "out") == 0, capsys.readouterr().err


def test_what_a_killed_import_left_gives_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file.csv").write_bytes(GOOD["bitstamp"])
    for name in ("out.importing", "out.importing.keys"):
        (tmp_path / name).mkdir(mode=0o700)
        (tmp_path / name / "rest").write_text("rest")
    assert imported("bitstamp", tmp_path / "file.csv", tmp_path / "out") == 0, capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.csv", "out", "out.keys"]


def test_two_imports_into_one_folder_do_not_meet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file.csv").write_bytes(GOOD["bitstamp"])
    with begun(tmp_path / "out") as work:
        work.mkdir()
        (work / "begun").write_text("the other one's")
        assert imported("bitstamp", tmp_path / "file.csv", tmp_path / "out") == 2
        assert "expected no other import at work there, found one" in capsys.readouterr().err
        assert (work / "begun").exists()
    assert (tmp_path / "out" / "begun").exists()


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "dash", "none", "dangling", "trades"])
def test_what_is_no_regular_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    path, words = tmp_path / "file", "expected a regular file"
    more: tuple[str, ...] = ()
    if kind == "folder":
        path.mkdir()
    elif kind in ("pipe", "trades"):
        os.mkfifo(path)
        words = "found a pipe; save it to a file first: it is read more than once"
    elif kind == "device":
        path, words = Path("/dev/null"), "found a device"
    elif kind == "dash":
        path, words = Path("-"), "found - (the standard input)"
    else:
        words = "No such file"
        if kind == "dangling":
            path.symlink_to(tmp_path / "file-none")
    if kind == "trades":
        (tmp_path / "file.csv").write_bytes(GOOD["bitstamp"])
        path, more = tmp_path / "file.csv", ("--trades", str(tmp_path / "file"))
    code = imported("bitstamp", path, tmp_path / "out", *more)
    assert_refused(tmp_path, code, capsys.readouterr().err, words)


def run_limited(folder: Path, content: bytes, limit: int, bytes_max: int) -> subprocess.CompletedProcess[str]:
    """Run an import of a file in a process of its own under a limit."""
    path = folder / "file.csv.gz"
    path.write_bytes(content)
    command = [sys.executable, "-m", "tarazy.cli.main", "import", "bitstamp", str(path), "--out", str(folder / "out")]
    limits = (bytes_max, bytes_max)
    return subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=lambda: resource.setrlimit(limit, limits)
    )


@pytest.mark.parametrize("content", [b"7", b"7\n"], ids=["one line", "many lines"])
def test_file_that_grows_costs_no_memory(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.csv.gz"
    with gzip.open(path, "wb", 1) as made:
        for _ in range(30):
            made.write(content * (10_000_000 // len(content)))
    arguments = ["import", "bitstamp", str(path), "--out", str(tmp_path / "out")]
    run = subprocess.run([sys.executable, "-c", MEASURED, *arguments], capture_output=True, text=True, check=False)
    assert_refused(tmp_path, run.returncode, run.stderr)
    assert int(run.stdout) < 150_000, "KiB"


def test_disk_that_takes_no_more_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    run = run_limited(tmp_path, GOOD["bitstamp"], resource.RLIMIT_FSIZE, 1 << 16)
    assert_refused(tmp_path, run.returncode, run.stderr)


def test_refused_symbol_ends_the_import_with_the_venues_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file.csv").write_bytes(GOOD["bitstamp"])
    code = imported("bitstamp", tmp_path / "file.csv", tmp_path / "out", "--symbol", "USD/USD")
    words = ("asset_code_taken (113)", "Another asset has this code", "Expected 0", "nothing was imported")
    assert_refused(tmp_path, code, capsys.readouterr().err, *words)


@pytest.mark.parametrize("form", ["binance", "bitstamp"])
def test_opening_snapshot_of_a_deep_book_is_imported_whole(
    tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # Binance's snapshot has up to 5,000 levels of each side (Spot REST API, order book, `limit`): more than one frame.
    steps = range(5_000)
    if form == "binance":
        sides = {"bids": [[f"{90 - n / 1000:.3f}", "1"] for n in steps], "asks": [[f"{110 + n}", "1"] for n in steps]}
        content = capture([{**BINANCE[0], **sides}, *BINANCE[1:]])
    else:
        rows = [f"{100 + n},1700000000060,1700000000000,{90 - n / 1000:.3f},1,created,bid" for n in steps]
        rows += (f"{10_000 + n},1700000000060,1700000000000,110,1,created,ask" for n in steps)
        header, *behind = BITSTAMP.splitlines()
        content = "\n".join([header, *rows, *behind[2:]]).encode() + b"\n"
    (tmp_path / "file.csv").write_bytes(content)
    assert imported(form, tmp_path / "file.csv", tmp_path / "out") == 0, capsys.readouterr().err
    assert "10,000 " in capsys.readouterr().out
    assert main(["replay", str(tmp_path / "out")]) == 0
