"""`tarazy replay DIR --engine spec|core`: run the record again and compare every digest.

Exit codes as of `verify`: 0 all agree; 1 one differs, or the record is damaged; 3 all agree, but with
--covered-to-the-end there are commands behind the facility's last signature, which are only chained.

The journal is verified first, with all signatures, so that the answer also says what is signed and what only chained.
With --from-checkpoints the spans between snapshots are replayed in several processes. Together they prove the same: a
span begins with the state whose digest the span before it arrived at, and the facility signed.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.cli.arguments import add_journal, add_json, positive
from tarazy.cli.engines import CHOICES, load_engine
from tarazy.cli.journal.coverage import NOT_COVERED, add_covered, coverage_as_json, coverage_lines
from tarazy.cli.output import Output
from tarazy.cli.words import counted
from tarazy.domain.engine import InvariantBroken
from tarazy.journal.errors import DamageError, ReplayDivergedError
from tarazy.journal.replay import ReplayReport, replay
from tarazy.journal.replay_spans import Span, SpanReplay, share_out
from tarazy.journal.rotation import check_rotations
from tarazy.journal.snapshots import snapshot_seqs
from tarazy.journal.verify import VerifyReport, verify


class Divergence(NamedTuple):
    """The first disagreement: the command from which on the record is not confirmed, None where it cannot be told."""

    seq: int | None
    message: str


class ReplayOutcome(NamedTuple):
    """What a replay, or all spans of one, came to."""

    commands: int
    events: int
    checkpoints: int
    digest: bytes
    divergence: Divergence | None
    rotated_keys: tuple[bytes, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("--engine", choices=CHOICES, default="spec", help="spec: readable Python (default); core: Rust")
    parser.add_argument("--from-checkpoints", action="store_true", help="replay between snapshots, side by side")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="processes for that")
    add_covered(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Replay one journal."""
    load_engine(arguments.engine)
    report = verify(arguments.directory)
    started = time.perf_counter()
    if arguments.from_checkpoints:
        outcome = replay_spans(
            arguments.directory, arguments.engine, arguments.jobs, output, report.public_keys, report.commands
        )
    else:
        outcome = replay_whole(arguments.directory, arguments.engine, output, report.commands)
    seconds = time.perf_counter() - started
    if outcome.divergence is None:
        outcome = outcome._replace(divergence=unproven(report, outcome.rotated_keys))
    show(output, arguments.engine, outcome, seconds)
    if report.ok:
        for line in coverage_lines(report):
            output.say(line)
    output.result(as_json(arguments.engine, outcome, seconds) | (coverage_as_json(report) if report.ok else {}))
    if outcome.divergence is not None:
        return 1
    return NOT_COVERED if arguments.covered_to_the_end and not report.is_covered_to_the_end else 0


def unproven(report: VerifyReport, rotated_keys: tuple[bytes, ...]) -> Divergence | None:
    """Return what verification found wrong: damage, or a signature by a key whose rotation the engine refused."""
    if report.damage is not None:
        return Divergence(None, str(report.damage))
    try:
        if report.identity is not None:
            check_rotations(report.directory, report.identity, report.public_keys, rotated_keys)
    except DamageError as damage:
        return Divergence(None, str(damage))
    return None


def replay_whole(directory: Path, engine_name: str, output: Output, total: int | None = None) -> ReplayOutcome:
    """Replay from the first command on; `total` commands are expected, for the progress bar."""
    with output.progress() as bar:
        task = bar.add_task(f"replay by {engine_name}", total=total)
        return replay_one(directory, engine_name, lambda commands: bar.update(task, completed=commands))


def replay_one(directory: Path, engine_name: str, progress: Any = None) -> ReplayOutcome:
    """Replay everything in this process."""
    engine = load_engine(engine_name)()
    try:
        return outcome_of(replay(directory, engine, progress))
    except InvariantBroken as broken:
        return ReplayOutcome(broken.seq - 1, 0, 0, b"", Divergence(broken.seq, str(broken)))


def replay_spans(
    directory: Path,
    engine_name: str,
    jobs: int,
    output: Output,
    public_keys: frozenset[bytes] = frozenset(),
    last_seq: int = 0,
) -> ReplayOutcome:
    """Replay the spans between snapshots in parallel processes; `public_keys` are those that the facility had.

    `last_seq` is the journal's last command where it is known: work is shared out by it.
    """
    groups = share_out(snapshot_seqs(directory), last_seq, jobs)
    outcomes: dict[Span, ReplayOutcome] = {}
    with output.progress() as bar, ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        total = sum(len(group) for group in groups)
        task = bar.add_task(f"replay {total} spans by {engine_name}", total=total)
        waiting = {pool.submit(replay_group, directory, engine_name, group, public_keys): group for group in groups}
        for done in as_completed(waiting):
            outcomes |= zip(waiting[done], done.result(), strict=True)
            bar.advance(task, len(waiting[done]))
    return join([outcomes[span] for group in groups for span in group])


def replay_group(
    directory: Path, engine_name: str, group: list[Span], public_keys: frozenset[bytes]
) -> list[ReplayOutcome]:
    """Replay neighbouring spans, each with the engine of the one before it where that one arrived."""
    spans = SpanReplay(directory, load_engine(engine_name), public_keys)
    return [replay_from(spans, span) for span in group]


def replay_from(spans: SpanReplay, span: Span) -> ReplayOutcome:
    """Replay one span."""
    try:
        return outcome_of(spans.replay(span))
    except InvariantBroken as broken:
        return ReplayOutcome(0, 0, 0, b"", Divergence(broken.seq, str(broken)))
    except DamageError as damage:
        return ReplayOutcome(0, 0, 0, b"", Divergence(span.from_seq + 1, str(damage)))


def join(outcomes: list[ReplayOutcome]) -> ReplayOutcome:
    """Return what all spans came to; the state is that of the last."""
    first_bad = next((o.divergence for o in outcomes if o.divergence is not None), None)
    commands, events = sum(o.commands for o in outcomes), sum(o.events for o in outcomes)
    keys = tuple(key for outcome in outcomes for key in outcome.rotated_keys)
    return ReplayOutcome(commands, events, sum(o.checkpoints for o in outcomes), outcomes[-1].digest, first_bad, keys)


def outcome_of(report: ReplayReport) -> ReplayOutcome:
    """Return a report's outcome."""
    divergence = None
    if report.divergence is not None:
        seq = report.last_seq + 1
        if isinstance(report.divergence, ReplayDivergedError):
            seq = report.divergence.first_seq
        divergence = Divergence(seq, str(report.divergence))
    keys = tuple(report.rotated_keys)
    return ReplayOutcome(report.commands, report.events, report.statements, report.digest, divergence, keys)


def show(output: Output, engine_name: str, outcome: ReplayOutcome, seconds: float) -> None:
    """Print what came out."""
    if outcome.divergence is not None:
        where = "" if outcome.divergence.seq is None else f" from command {outcome.divergence.seq:,} on"
        output.say(f"DIFFERS{where}", style="bold red")
        output.say(outcome.divergence.message)
        return
    rate = outcome.commands / seconds if seconds else 0
    output.say("digests agree", style="bold green")
    output.say(
        f"{engine_name} replayed {outcome.commands:,} commands to {outcome.events:,} events and "
        f"{counted(outcome.checkpoints, 'signed checkpoint')} in {seconds:.1f} s ({rate:,.0f} commands/s)"
    )
    output.say(f"state digest {outcome.digest.hex()}")


def as_json(engine_name: str, outcome: ReplayOutcome, seconds: float) -> dict[str, Any]:
    """Return the outcome for programs."""
    divergence = outcome.divergence
    return {
        "engine": engine_name,
        "agrees": divergence is None,
        "commands": outcome.commands,
        "events": outcome.events,
        "checkpoints": outcome.checkpoints,
        "digest": outcome.digest,
        "seconds": round(seconds, 3),
        "first_bad_seq": divergence.seq if divergence else None,
        "divergence": divergence.message if divergence else None,
    }
