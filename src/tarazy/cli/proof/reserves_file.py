"""A reserves file on the command line: read, checked line by line, and told per asset."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tarazy.cli.output import Output
from tarazy.oversight.solvency.control import control_checks
from tarazy.oversight.solvency.coverage import AssetCoverage, coverage_of
from tarazy.oversight.solvency.errors import SolvencyError
from tarazy.oversight.solvency.own_nodes import OwnNodes
from tarazy.oversight.solvency.reserves import ReserveLine, ReservesPoint, checked_lines, read_reserves
from tarazy.oversight.solvency.verify_solvency_proof import NotProved, read_proof


def lines_of_file(path: Path, facility_id: str, seq: int) -> tuple[list[Any], list[ReserveLine]]:
    """Return the rows of a reserves file and what they are after checks. Raises: SolvencyError, OSError."""
    try:
        values = read_proof(str(path))
        return values["lines"], read_reserves(values, point(facility_id, seq))
    except NotProved as error:
        raise SolvencyError(
            expected=f"{path} to be a reserves file of command {seq}",
            found=f"that it is not: {error}",
            action="See docs/concepts/solvency.md for its form.",
        ) from error


def lines_of_report(values: Any, found: dict[str, Any], nodes: OwnNodes | None = None) -> list[ReserveLine]:
    """Return the lines of a report after checks, with the reader's own nodes where there are any.

    Raises: SolvencyError, NodeError.
    """
    against = point(found["facility_id"], found["seq"])
    if nodes is not None:
        against = against._replace(known_blocks=nodes.known_block, known_balances=nodes.known_balance)
    try:
        return checked_lines(values.get("reserves", []), against)
    except NotProved as error:
        raise SolvencyError(
            expected="reserves in units of their assets, by evidence",
            found=f"otherwise: {error}",
            action="Keep the file and take it to the authority.",
        ) from error


def point(facility_id: str, seq: int) -> ReservesPoint:
    """Return what lines are read against here: no node and no bank of the reader's own."""
    return ReservesPoint(facility_id, seq, control_checks())


def covered(totals: dict[int, int], lines: list[ReserveLine]) -> list[AssetCoverage]:
    """Return the coverage of every asset."""
    return coverage_of(totals, lines)


def say_coverage(output: Output, found: list[AssetCoverage]) -> None:
    """Say what lies against what is owed."""
    now_ns = time.time_ns()
    for each in found:
        ratio = "nothing is owed" if each.ratio_ppm is None else f"{each.ratio_ppm / 10_000:.2f} %"
        grades = ", ".join(f"{grade} {minor}" for grade, minor in each.by_grade_minor.items() if minor)
        age = each.plain(now_ns)["oldest_evidence_s"]
        aged = "" if age is None else f"; oldest evidence {age} s"
        output.say(
            f"  asset {each.asset_id}: reserves {each.reserves_minor} ({ratio}): {grades or 'no evidence'}{aged}"
        )
        for fault in each.faults:
            output.say(f"    counts nothing: {fault}", style="red")


def coverage_as_json(found: list[AssetCoverage]) -> dict[str, Any]:
    """Return the coverage for programs."""
    now_ns = time.time_ns()
    return {str(each.asset_id): each.plain(now_ns) for each in found}
