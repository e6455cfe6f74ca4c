"""signatures: `verify` on a journal in which every command is signed on its own, in batches over all processors.

The journal is written frame by frame, without an engine: each instruction covers one command and is signed by one
officer. The time is that of the whole verification: reading, hashing, chain, genesis, signatures, head.
"""

from __future__ import annotations

import resource
import time
from hashlib import sha256
from pathlib import Path

import common
import signed
import workload

from tarazy.domain.records import RECORD_SIZE, CommandKind, SuspendAsset
from tarazy.journal.frame import FrameDraft, FrameKind, Position
from tarazy.journal.genesis import genesis_commands
from tarazy.journal.identity import load_identity
from tarazy.journal.signatures import SignaturePool
from tarazy.journal.verify import verify
from tarazy.journal.writer import JournalWriter
from tarazy.market_data.acting import Desk

INSTRUCTIONS_IN_FRAME = 2_000


def write_journal(folder: Path, desk: Desk, count: int) -> None:
    """Write a journal of so many signed commands."""
    identity = load_identity(folder)
    writer = JournalWriter(folder, identity, Position(1, identity.genesis_hash, 1))
    append(writer, genesis_commands(identity), b"")
    command = SuspendAsset(workload.START_NS, 1, sha256(CommandKind.suspend_asset.name.encode()).digest()).pack()
    for start in range(0, count, INSTRUCTIONS_IN_FRAME):
        size = min(INSTRUCTIONS_IN_FRAME, count - start)
        acts = [desk.sign(command, desk.people[:1], workload.START_NS) for _ in range(size)]
        append(writer, b"".join(act.commands for act in acts), b"".join(act.entry for act in acts))
    writer.close()


def append(writer: JournalWriter, commands: bytes, instructions: bytes) -> None:
    """Append one frame; what the events were does not matter here."""
    count = len(commands) // RECORD_SIZE
    writer.append(FrameDraft(FrameKind.commands, commands, instructions, command_count=count))


def processor_s() -> float:
    """Return the processors' seconds that this process and those that have ended below it took."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usage)


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--count", type=int, default=100_000, help="signed commands (default 100000)")
    chosen = made.parse_args()
    seconds, processor = [], []
    with common.scratch() as parent:
        folder = parent / "facility"
        write_journal(folder, signed.found(folder), chosen.count)
        for run in range(chosen.runs):
            start, used = time.perf_counter(), processor_s()
            report = verify(folder)
            seconds.append(time.perf_counter() - start)
            processor.append(processor_s() - used)
            if not report.ok or report.signatures != chosen.count:
                raise SystemExit(f"expected {chosen.count} signatures that hold, found {report.damage}")
            common.say(f"run {run + 1} of {chosen.runs}: {seconds[-1]:.2f} s, of processors {processor[-1]:.2f} s")
    facts = {"signatures": chosen.count, "jobs": SignaturePool().jobs, "runs": [round(each, 2) for each in seconds]}
    facts["processor_s"] = round(common.median(processor), 2)
    common.finish(chosen, "signatures", round(common.median(seconds), 2), "s", **facts)


if __name__ == "__main__":
    main()
