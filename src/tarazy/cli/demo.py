"""`tarazy demo`: a market runs through a facility, the facility reports, and the specification replays its record.

The market is a real one where a file of order flow is found (Bitstamp, level 3), else a made-up one of the same shape.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tarazy.cli.arguments import add_json, positive
from tarazy.cli.demo_report import report_as_json, show_report
from tarazy.cli.engines import CHOICES, fastest
from tarazy.cli.errors import CliError
from tarazy.cli.house_acts import Act, attempts, house_acts, withdrawal_acts
from tarazy.cli.output import Output
from tarazy.cli.playing import Flow, new_journal, play_flow, take_checkpoint
from tarazy.cli.replay import Outcome, replay_spans
from tarazy.cli.seek import readable
from tarazy.cli.tally import Tally
from tarazy.domain.records import CommandRejected, EventKind
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.flow.bitstamp import BitstampFlow
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.spec.venue import Venue

NAME = "Tarazy demonstration"
DEFAULT_OUT = Path("var/demo")
SHARED_FLOW = Path("../shared/data/orderflow")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "--flow",
        type=Path,
        default=os.environ.get("FLOW") or None,
        metavar="PATH",
        help="Bitstamp order file, or a folder with one; default: FLOW, or ../shared/data/orderflow",
    )
    parser.add_argument("--simulated", action="store_true", help="play the made-up market even where a file is found")
    parser.add_argument("--seed", type=int, default=1, help="seed of the made-up market (default 1)")
    parser.add_argument("--commands", type=positive, default=300_000, help="its size (default 300000)")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, metavar="DIR", help=f"journal (default {DEFAULT_OUT})")
    parser.add_argument("--engine", choices=CHOICES, default=None, help="default: core where it is built, else spec")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="processes for replay")
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Run the demonstration."""
    engine_name = arguments.engine or fastest()
    flow, title = choose_flow(arguments)
    output.say(f"{title}, played by {ENGINE_WORDS[engine_name]} into {arguments.out}", style="bold")
    with new_journal(arguments.out, NAME, engine_name, replaces=True) as sequencer:
        played = play_flow(flow, sequencer, output, "play")
        told = run_acts(sequencer, played.tally)
        take_checkpoint(sequencer, played.tally)
        head = (sequencer.log.position.frame_number - 1, sequencer.log.position.prev_hash)
        venue = readable(sequencer.engine)
        counts = sequencer.invariant_counts()
        digest = sequencer.engine.state_digest()
    show_report(output, venue.state, played, counts, told, head, arguments.out)
    outcome = replay_spans(arguments.out, "spec", arguments.jobs, output)
    agrees = outcome.divergence is None and outcome.digest == digest
    say_replay(output, engine_name, outcome, agrees)
    output.result(
        report_as_json(venue.state, played, counts, head, arguments.out)
        | {"engine": engine_name, "replayed_by": "spec", "agrees": agrees, "digest": digest}
    )
    return 0 if agrees else 1


ENGINE_WORDS = {
    "core": "core, the Rust engine",
    "spec": "spec, the readable Python engine (core is not built here)",
}


def choose_flow(arguments: argparse.Namespace) -> tuple[Flow, str]:
    """Return the market to play and its title."""
    orders = None if arguments.simulated else find_orders(arguments.flow)
    if orders is None:
        title = f"A made-up market of {arguments.commands:,} commands, seed {arguments.seed}"
        from tarazy.facility.flow.simulate import SimulatedFlow

        return SimulatedFlow(seed=arguments.seed, commands=arguments.commands), title
    trades = find_one(orders.parent, "bitstamp*trades*.csv*")
    return BitstampFlow(orders, trades), f"The order flow of {orders.name}"


def find_orders(flow: Path | None) -> Path | None:
    """Return the order file that was named, or the one in the usual place, or None.

    Raises: CliError where a path was named and holds no such file.
    """
    if flow is None:
        return find_one(SHARED_FLOW, "bitstamp*orders*.csv*")
    if flow.is_file():
        return flow
    found = find_one(flow, "bitstamp*orders*.csv*")
    if found is None:
        raise CliError(f"{flow}: expected a Bitstamp order file or a folder with bitstamp*orders*.csv*, found neither")
    return found


def find_one(folder: Path, pattern: str) -> Path | None:
    """Return the first file of a folder that fits, None where there is none."""
    return min(folder.glob(pattern), default=None) if folder.is_dir() else None


def run_acts(sequencer: Sequencer, tally: Tally) -> list[tuple[Act, str]]:
    """Run the acts after the market, one by one; return each with the refusal's name, empty where it was done."""
    told = []
    for make in (house_acts, lambda state: withdrawal_acts(state, sequencer.engine.next_seq), attempts):
        state = Venue.restore(sequencer.engine.snapshot()).state
        for act in make(state):
            command = act.command.pack()
            events = sequencer.execute(command)
            tally.add(command, events)
            told.append((act, refusal_of(events)))
    return told


def refusal_of(events: bytes) -> str:
    """Return the name of the refusal, empty where the command was accepted."""
    if int.from_bytes(events[:2], "little") != EventKind.command_rejected:
        return ""
    return RejectCode(CommandRejected.unpack(events).reject_code).name


def say_replay(output: Output, engine_name: str, outcome: Outcome, agrees: bool) -> None:
    """Say what the specification came to."""
    who = "the independent specification" if engine_name == "core" else "the specification, in processes of its own"
    output.say()
    if not agrees:
        where = (
            f" from command {outcome.divergence.seq:,} on: {outcome.divergence.message}" if outcome.divergence else ""
        )
        output.say(f"replayed by {who}: digests DIFFER{where}", style="bold red")
        return
    output.say(f"replayed by {who}: digests agree", style="bold green")
    output.say(f"{outcome.commands:,} commands, {outcome.checkpoints} signed checkpoints, state {outcome.digest.hex()}")
