"""`tarazy demo`: a market runs through a facility, the facility reports, and the specification replays its record.

The market is a real one where a file of order flow is found (Bitstamp, level 3), else a made-up one of the same shape.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tarazy.cli.arguments import add_json, port, positive
from tarazy.cli.demo.demo_admission import list_first_token
from tarazy.cli.demo.demo_authority import authority_beside, found_authority
from tarazy.cli.demo.demo_report import Record, report_as_json, show_first_listing, show_report
from tarazy.cli.demo.demo_serve import serve_demo
from tarazy.cli.demo.house_acts import Act, Acting, By, attempts, evidence, house_acts, withdrawal_acts
from tarazy.cli.demo.reorganisation import reorganisation_acts, shortfall_acts
from tarazy.cli.demo.thief import verify_forgery
from tarazy.cli.engines import CHOICES, fastest
from tarazy.cli.errors import CliError
from tarazy.cli.facility.publishing import published
from tarazy.cli.journal.replay import ReplayOutcome, replay_spans
from tarazy.cli.journal.seek import readable
from tarazy.cli.market_data.playing import new_journal, play_flow, take_checkpoint
from tarazy.cli.market_data.tally import Tally
from tarazy.cli.output import Output
from tarazy.cli.words import counted
from tarazy.domain.records import RECORD_SIZE, CommandRejected, CreditDeposit, CustodyLocation, EventKind
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.configuration import GATEWAY_PORT
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.verify import verify
from tarazy.market_data.acting import Desk
from tarazy.market_data.bitstamp import BitstampFlow
from tarazy.market_data.played import Flow
from tarazy.spec.state import State
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
    parser.add_argument("--serve", action="store_true", help="then go on with a live market, until Ctrl-C")
    parser.add_argument("--port", type=port, default=GATEWAY_PORT, metavar="P", help=f"where ({GATEWAY_PORT})")
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Run the demonstration."""
    engine_name = arguments.engine or fastest()
    flow, title = choose_flow(arguments)
    output.say(f"{title}, played by {ENGINE_WORDS[engine_name]} into {arguments.out}", style="bold")
    sequencer, desk = new_journal(arguments.out, NAME, engine_name, created_ns=flow.writer.ts_ns, replaces=True)
    with published(sequencer, arguments.out, output):
        played = play_flow(flow, sequencer, desk, output, "play")
        told = run_acts(sequencer, desk, played.tally)
        found_authority(authority_beside(arguments.out))
        first = list_first_token(arguments.out, sequencer, desk, played.tally)
        take_checkpoint(sequencer, played.tally)
        venue = readable(sequencer.engine)
        counts = sequencer.invariant_counts()
        digest = sequencer.engine.state_digest()
    found = verify(arguments.out)
    theft = verify_forgery(arguments.out, venue.snapshot(), stolen_deposit(venue.state), desk)
    show_report(output, venue.state, played, counts, told, Record(arguments.out, found, theft))
    show_first_listing(output, arguments.out, first)
    outcome = replay_spans(arguments.out, "spec", arguments.jobs, output)
    agrees = outcome.divergence is None and outcome.digest == digest
    say_replay(output, engine_name, outcome, agrees)
    is_right = agrees and found.ok and not theft.ok
    output.result(
        report_as_json(venue.state, played, counts, Record(arguments.out, found, theft))
        | {"engine": engine_name, "replayed_by": "spec", "agrees": agrees, "digest": digest}
        | {"first_listing": first._asdict()}
    )
    if arguments.serve and is_right:
        return serve_demo(arguments.out, desk, engine_name, arguments.port, output)
    return 0 if is_right else 1


ENGINE_WORDS = {
    "core": "core, the Rust engine",
    "spec": "spec, the readable Python engine (core is not built here)",
}


def choose_flow(arguments: argparse.Namespace) -> tuple[Flow, str]:
    """Return the market to play and its title."""
    orders = None if arguments.simulated else find_orders(arguments.flow)
    if orders is None:
        title = f"A made-up market of {arguments.commands:,} commands, seed {arguments.seed}"
        from tarazy.market_data.simulate import SimulatedFlow

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


MAKERS = (house_acts, withdrawal_acts, reorganisation_acts, shortfall_acts, attempts)


def run_acts(sequencer: Sequencer, desk: Desk, tally: Tally) -> list[tuple[Act, str]]:
    """Run the acts after the market, one by one; return each with the refusal's name, empty where it was done."""
    told = []
    for make in MAKERS:
        state = Venue.restore(sequencer.engine.snapshot()).state
        for act in make(Acting(state, sequencer.engine.next_seq)):
            told.append((act, run_act(sequencer, desk, tally, act)))
    return told


def run_act(sequencer: Sequencer, desk: Desk, tally: Tally, act: Act) -> str:
    """Run one act, signed by those who bring it; return the refusal's name, empty where it was done."""
    commands, entry = act.command.pack(), b""
    signers = {By.people: desk.people, By.one_person: desk.people[:1], By.watchers: desk.watchers}.get(act.by)
    if signers is not None:
        engine = sequencer.engine
        commands, entry = desk.sign(commands, signers, engine.last_ts_ns, known_seq=engine.next_seq - 1)
    events = sequencer.execute(commands, instructions=entry)
    tally.add(commands, events)
    return refusal_of(events)


def stolen_deposit(state: State) -> bytes:
    """Return the deposit that a thief would credit itself: a thousand of the first asset."""
    amount = 1000 * 10 ** state.assets[0].scale
    terms = (1, 1, state.last_ts_ns, amount, evidence("a deposit that never was"))
    return CreditDeposit(CustodyLocation.cold, 0, *terms).pack()


def refusal_of(events: bytes) -> str:
    """Return the name of the first refusal, empty where all was accepted."""
    for at in range(0, len(events), RECORD_SIZE):
        if int.from_bytes(events[at : at + 2], "little") == EventKind.command_rejected:
            return RejectCode(CommandRejected.unpack(events, at).reject_code).name
    return ""


def say_replay(output: Output, engine_name: str, outcome: ReplayOutcome, agrees: bool) -> None:
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
    checkpoints = counted(outcome.checkpoints, "signed checkpoint")
    output.say(f"{outcome.commands:,} commands, {checkpoints}, state {outcome.digest.hex()}")
