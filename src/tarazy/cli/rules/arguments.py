"""Arguments that several acts on the rulebook share, and the facts that they name."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tarazy.cli.engines import fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.journal.seek import readable
from tarazy.cli.output import Output
from tarazy.domain.engine import Engine
from tarazy.oversight.facts.gather import GatheredRecord, Sink, gather
from tarazy.rulebook.fact_files import load_facts
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.spec.state import State

if TYPE_CHECKING:
    from tarazy.oversight.facts.stored_facts import FactRecord

NS_PER_S = 10**9
STORES = (".clients", ".banks", ".custody", ".documents", ".admission")


def a_day(text: str) -> date:
    """Return a day from YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as YYYY-MM-DD, found {text!r}") from None


def add_regime(parser: argparse.ArgumentParser) -> None:
    """Declare the regime."""
    parser.add_argument("--regime", default="aifc", metavar="NAME", help="aifc, kz_onshore, eu_mica, hk_vatp (aifc)")


def add_facts(parser: argparse.ArgumentParser) -> None:
    """Declare the day and the files of facts."""
    parser.add_argument("--asof", type=a_day, default=None, metavar="DATE", help="the day to judge (today, UTC)")
    parser.add_argument(
        "--facts", type=Path, action="append", default=[], metavar="FILE", help="facts that people state, TOML; repeat"
    )


def say_without_facts(arguments: argparse.Namespace, output: Output) -> None:
    """Say so where nobody gave a fact to ask the rules about."""
    if not (arguments.facility or arguments.facts or getattr(arguments, "authority", None)):
        output.say("No facts were given, so what needs one is unknown: --facility DIR or --facts FILE gives them.\n")


def add_authority(parser: argparse.ArgumentParser) -> None:
    """Declare an authority's record and whom to look for in it."""
    parser.add_argument(
        "--authority", type=Path, metavar="DIR", help="folder of an authority: its record of a licensee"
    )
    parser.add_argument("--licensee", metavar="NAME", help="the licensee's short name there")


def check_authority(arguments: argparse.Namespace) -> None:
    """Refuse one of the two without the other. Raises: CliError."""
    if bool(arguments.authority) != bool(arguments.licensee):
        raise CliError("expected --authority and --licensee together, found one of them")


def day_of(arguments: argparse.Namespace) -> date:
    """Return the day that was given, else today."""
    found: date | None = arguments.asof
    return found or datetime.now(UTC).date()


def end_of_ns(day: date) -> int:
    """Return the last nanosecond of a day, UTC."""
    after = datetime.combine(day + timedelta(days=1), time.min, UTC)
    return int(after.timestamp()) * NS_PER_S - 1


def state_of(engine: Engine) -> State:
    """Return an engine's state as the readable venue's."""
    return readable(engine).state


def gathered(directory: Path, asof: date, output: Output, sink: Sink | None = None) -> GatheredRecord:
    """Replay a facility's record up to the end of a day."""
    with output.progress() as bar:
        task = bar.add_task("replay", total=None)
        return gather(
            directory,
            load_engine(fastest())(),
            state_of,
            until_ns=end_of_ns(asof),
            sink=sink,
            progress=lambda commands: bar.update(task, completed=commands),
        )


def recorded(directory: Path, asof: date, output: Output) -> FactRecord:
    """Return what a facility's record says by the end of a day, with the stores beside it.

    A folder of stored fact tables is asked as it is; any other is a journal, and is replayed.
    """
    from tarazy.oversight.facts.stored_facts import is_stored, load_stored, of_replay

    if is_stored(directory):
        return load_stored(directory)
    record = of_replay(gathered(directory, asof, output))
    for fact in stores_beside(directory, record, asof):
        record.facts.add(fact)
    return record


def stores_beside(directory: Path, record: FactRecord, asof: date) -> Iterator[RuleFact]:
    """Yield the facts of what the facility keeps beside its record; without a store its parts are not asked for."""
    if not any(directory.with_name(f"{directory.name}{ending}").exists() for ending in STORES):
        return
    from tarazy.facility.rule_facts.beside import facts_beside
    from tarazy.facility.rule_facts.register_facts import RecordedMoments

    moments = RecordedMoments(
        record.opened_ns,
        record.first_order_ns,
        record.account_orders_ns,
        record.admitted_ns,
        record.officer_keys,
    )
    yield from facts_beside(directory, moments, asof)


def facts_of_authority(folder: Path, licensee: str, asof: date) -> list[RuleFact]:
    """Return what an authority's record says of a licensee. Raises: ActRecordError, CliError."""
    from tarazy.authority.desk import AuthorityDesk
    from tarazy.authority.rule_facts import authority_facts

    with AuthorityDesk.open(folder, reads_only=True) as desk:
        if licensee not in desk.state.licences:
            known = ", ".join(sorted(desk.state.licences)) or "nobody"
            raise CliError(f"--licensee: expected one of {known[:200]}, found {licensee[:80]!r}")
        return list(authority_facts(desk.state, licensee, asof))


def with_files(facts: FactSet, files: list[Path]) -> FactSet:
    """Return facts together with those of files."""
    for path in files:
        for fact in load_facts(path):
            facts.add(fact)
    return facts
