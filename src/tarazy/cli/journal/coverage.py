"""Say what of a journal is signed and what is only chained, in words and for programs."""

from __future__ import annotations

import argparse
from typing import Any

from tarazy.cli.words import counted
from tarazy.journal.verify import VerifyReport

NANOSECONDS = 1_000_000_000
NOT_COVERED = 3


def add_covered(parser: argparse.ArgumentParser) -> None:
    """Declare the flag that makes an end without a signature an exit code of its own."""
    parser.add_argument(
        "--covered-to-the-end",
        action="store_true",
        help=f"exit with {NOT_COVERED} where commands at the end stand behind the facility's last signature",
    )


def coverage_lines(report: VerifyReport) -> list[str]:
    """Return the sentences about signatures."""
    signers = (
        f"officers: {counted(report.signatures, 'signature')} on {counted(report.instructions, 'instruction')} hold; "
        f"the facility: {counted(report.statements, 'statement')} and {counted(report.heads, 'head')}"
    )
    if report.commands == 0:
        return [signers]
    if report.chained_commands == 0:
        return [signers, f"signed by the facility: all {report.covered_seq:,} commands, to the end"]
    chained = (
        f"only chained: the last {report.chained_commands:,} commands, in {report.chained_frames:,} frames; "
        "whoever holds the folder could have written them anew, a head known from elsewhere (--known-head) rules it out"
    )
    if report.covered_seq == 0:
        return [signers, "signed by the facility: nothing yet", chained]
    age = f"{report.uncovered_ns / NANOSECONDS:,.1f} s before the last command"
    signed = (
        f"signed by the facility: commands 1 to {report.covered_seq:,}, up to frame {report.covered_frame:,}, {age}"
    )
    return [signers, signed, chained]


def coverage_as_json(report: VerifyReport) -> dict[str, Any]:
    """Return the same for programs; times in UTC nanoseconds."""
    statement, head = report.last_statement, report.last_head
    return {
        "last_statement_seq": statement.seq if statement is not None else None,
        "last_statement_ns": statement.ts_ns if statement is not None else None,
        "last_head_frames": head.size if head is not None else None,
        "instructions": report.instructions,
        "officers_signatures": report.signatures,
        "references": report.references,
        "heads": report.heads,
        "signed_to_frame": report.covered_frame,
        "signed_to_seq": report.covered_seq,
        "signed_to_ns": report.covered_ts_ns,
        "last_ns": report.last_ts_ns,
        "chained_frames": report.chained_frames,
        "chained_commands": report.chained_commands,
        "covered_to_the_end": report.is_covered_to_the_end,
    }
