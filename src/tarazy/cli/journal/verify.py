"""`tarazy verify DIR`: check every byte and every signature of a journal. Writes nothing.

Exit codes: 0 whole; 1 damaged, and the frame is named; 3 whole, but with --covered-to-the-end there are commands behind
the facility's last signature, which are only chained; 5 whole, but with --requests a command does not follow from what
its client signed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tarazy.cli.arguments import add_journal, add_json, digest, head, positive
from tarazy.cli.documents.missing import NOT_THERE, documents_report
from tarazy.cli.documents.missing import show as show_documents
from tarazy.cli.journal.coverage import NOT_COVERED, add_covered, coverage_as_json, coverage_lines
from tarazy.cli.journal.requests import NOT_FOLLOWED, check_requests, requests_as_json, show_requests
from tarazy.cli.output import Output
from tarazy.cli.words import counted
from tarazy.journal.errors import DamageError
from tarazy.journal.verify import Head, VerifyReport, verify
from tarazy.oversight.requests.checking import RequestsReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("--public-key", type=digest, metavar="HEX", help="the key that the facility must have")
    parser.add_argument(
        "--known-head", type=head, metavar="FRAME:HASH", help="a head noted earlier, which must still be in the journal"
    )
    add_covered(parser)
    parser.add_argument(
        "--documents",
        type=Path,
        metavar="DIR",
        help=f"folder of documents; exit with {NOT_THERE} where one that signed instructions name is not there whole",
    )
    parser.add_argument(
        "--requests",
        action="store_true",
        help=f"hold every command against the requests that clients signed; exit with {NOT_FOLLOWED} where one does "
        "not follow",
    )
    parser.add_argument("--jobs", type=positive, metavar="N", help="processes for signatures (default: all processors)")
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Verify one journal."""
    known_head = None if arguments.known_head is None else Head(arguments.known_head[0], arguments.known_head[1], 0)
    with output.progress() as bar:
        task = bar.add_task("verify", total=None)
        report = verify(
            arguments.directory,
            lambda done, total: bar.update(task, completed=done, total=total),
            public_key=arguments.public_key,
            known_head=known_head,
            jobs=arguments.jobs,
        )
    show(output, report)
    documents = (
        documents_report(arguments.directory, arguments.documents, report.public_keys)
        if report.ok and arguments.documents
        else None
    )
    if documents is not None:
        show_documents(output, documents)
    requests = checked_requests(arguments, output, report)
    found = as_json(report) | ({"documents": documents.plain()} if documents is not None else {})
    output.result(found | ({"requests": requests_as_json(requests)} if requests is not None else {}))
    if not report.ok:
        return 1
    if requests is not None and not requests.ok:
        return NOT_FOLLOWED
    if documents is not None and documents.lost:
        return NOT_THERE
    return NOT_COVERED if arguments.covered_to_the_end and not report.is_covered_to_the_end else 0


def checked_requests(arguments: argparse.Namespace, output: Output, report: VerifyReport) -> RequestsReport | None:
    """Hold a whole journal against its clients' requests where that is asked, and print what was found."""
    if not report.ok or not arguments.requests:
        return None
    requests = check_requests(arguments.directory, output)
    show_requests(output, requests)
    return requests


def show(output: Output, report: VerifyReport) -> None:
    """Print what was found."""
    if report.damage is not None:
        output.say("DAMAGED", style="bold red")
        output.say(str(report.damage))
        return
    name = report.identity.name if report.identity else ""
    output.say(f"whole: {name}, {counted(report.segments, 'segment')}, {report.bytes_read:,} bytes", style="bold")
    output.say(
        f"{report.frames:,} frames hold {report.commands:,} commands and the digests of {report.events:,} events; "
        f"{counted(report.statements, 'signed checkpoint')}, {counted(report.snapshots, 'snapshot')}"
    )
    for line in coverage_lines(report):
        output.say(line)
    if report.head is not None:
        output.say(f"head: frame {report.head.frame_number}:{report.head.frame_hash.hex()}, command {report.head.seq}")


def as_json(report: VerifyReport) -> dict[str, Any]:
    """Return the report for programs."""
    found: dict[str, Any] = {
        "ok": report.ok,
        "segments": report.segments,
        "frames": report.frames,
        "commands": report.commands,
        "events": report.events,
        "checkpoints": report.statements,
        "snapshots": report.snapshots,
        "bytes": report.bytes_read,
    }
    if report.identity is not None:
        found |= {"facility_id": report.identity.facility_id, "public_key": report.identity.public_key}
    if report.head is not None:
        found |= {"head_frame": report.head.frame_number, "head_hash": report.head.frame_hash}
    if report.ok:
        found |= coverage_as_json(report)
    if report.damage is not None:
        found["damage"] = damage_as_json(report.damage)
    return found


def damage_as_json(damage: DamageError) -> dict[str, Any]:
    """Return a damage for programs."""
    return {
        "kind": type(damage).__name__,
        "file": str(damage.path),
        "segment": damage.segment,
        "frame": damage.frame,
        "offset": damage.offset,
        "expected": damage.expected,
        "found": damage.found,
        "message": str(damage),
    }
