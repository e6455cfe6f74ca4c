"""`tarazy verify DIR`: check every byte of a journal. Writes nothing; exit code 1 names the damaged frame."""

from __future__ import annotations

import argparse
from typing import Any

from tarazy.cli.arguments import add_journal, add_json, digest, head
from tarazy.cli.output import Output
from tarazy.journal.errors import DamageError
from tarazy.journal.verify import Head, VerifyReport, verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("--public-key", type=digest, metavar="HEX", help="the key that the facility must have")
    parser.add_argument(
        "--known-head", type=head, metavar="FRAME:HASH", help="a head noted earlier, which must still be in the journal"
    )
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
        )
    show(output, report)
    output.result(as_json(report))
    return 0 if report.ok else 1


def show(output: Output, report: VerifyReport) -> None:
    """Print what was found."""
    if report.damage is not None:
        output.say("DAMAGED", style="bold red")
        output.say(str(report.damage))
        return
    name = report.identity.name if report.identity else ""
    output.say(f"whole: {name}, {report.segments} segments, {report.bytes_read:,} bytes", style="bold")
    output.say(
        f"{report.frames:,} frames hold {report.commands:,} commands and the digests of {report.events:,} events; "
        f"{report.statements} signed checkpoints, {report.snapshots} snapshots"
    )
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
