"""`tarazy proof make DIR --at SEQ`: the public report, and with --account the proofs of clients.

Each file is written whole or not at all. A client's proof holds its salt and balances, so only its owner may read it;
the script that checks it lies beside it. Exit code 0; where the facility signed nothing at SEQ, the report says so.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from tarazy.cli.arguments import add_journal, positive
from tarazy.cli.output import Output
from tarazy.cli.proof.points import level_hasher, point_at
from tarazy.cli.proof.reserves_file import coverage_as_json, covered, lines_of_file, say_coverage
from tarazy.facility.solvency.produce import Point, Prover
from tarazy.platform.storage.files import write_whole

PRIVATE = 0o600
TOOLS = ("verify_solvency_proof.py", "verify_solvency_proof.html")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_journal(parser)
    parser.add_argument("--at", type=positive, metavar="SEQ", help="after this command; default: the newest statement")
    parser.add_argument(
        "--account",
        type=positive,
        action="append",
        default=[],
        metavar="N",
        help="also the proof of account N; repeatable",
    )
    parser.add_argument("--reserves", type=Path, metavar="FILE", help="what lies against it, line by line, by evidence")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to write (DIR.proofs/SEQ)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Make the files of one point."""
    point = point_at(arguments.directory, arguments.at)
    rows: list[Any] = []
    lines = None
    if arguments.reserves is not None:
        rows, lines = lines_of_file(arguments.reserves, point.identity.facility_id.hex(), point.seq)
    out = arguments.out or default_folder(arguments.directory, point.seq)
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".trees-", dir=out) as folder,
        Prover(point, Path(folder) / "trees", level_hasher()) as prover,
    ):
        proofs = {number: prover.proof(number) for number in dict.fromkeys(arguments.account)}
        report = prover.report(rows)
    written = write_files(out, point, report, proofs)
    totals = {row["asset_id"]: int(row["liabilities_minor"]) for row in report["assets"]}
    coverage = None if lines is None else covered(totals, lines)
    say(output, point, report, written)
    if coverage is not None:
        say_coverage(output, coverage)
    output.result(
        {
            "seq": point.seq,
            "root": report["root"],
            "signed": point.root is not None,
            "head": point.head is not None,
            "report": written[0],
            "proofs": written[1:],
            "coverage": None if coverage is None else coverage_as_json(coverage),
            "liabilities": {row["asset_code"]: row["liabilities_minor"] for row in report["assets"]},
        }
    )
    return 0


def default_folder(directory: Path, seq: int) -> Path:
    """Return where files of a point go when nobody says: beside the record, never in it."""
    whole = directory.resolve()
    return whole.with_name(f"{whole.name}.proofs") / str(seq)


def write_files(out: Path, point: Point, report: dict[str, Any], proofs: dict[int, dict[str, Any]]) -> list[Path]:
    """Write the report, the proofs and what checks them; return the paths of report and proofs."""
    for name in TOOLS:
        tool = resources.files("tarazy.oversight.solvency") / name
        write_whole(out / name, tool.read_bytes())
    paths = [out / f"report-{point.seq}.json"]
    write_whole(paths[0], encoded(report))
    for number, proof in proofs.items():
        paths.append(out / f"proof-{point.seq}-account-{number}.json")
        write_whole(paths[-1], encoded(proof), PRIVATE)
    return paths


def encoded(values: dict[str, Any]) -> bytes:
    """Return a file's bytes: the same values give the same bytes."""
    return (json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def say(output: Output, point: Point, report: dict[str, Any], written: list[Path]) -> None:
    """Say what was made."""
    signed = "signed by the facility" if point.root else "signed nowhere: only a replay confirms it"
    output.say(f"liabilities after command {point.seq:,}, root {report['root']}, {signed}")
    for row in report["assets"]:
        output.say(f"  {row['asset_code']:16} {row['liabilities_minor']} minor units (scale {row['scale']})")
    for path in written:
        output.say(f"wrote {path}")
