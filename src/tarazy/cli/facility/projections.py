"""`tarazy projections ACT DIR`: rebuild, follow or digest the read models of a facility."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from tarazy.cli.arguments import add_json
from tarazy.cli.config.arguments import add_facility, configuration, facility_folder
from tarazy.cli.engines import CHOICES, fastest, load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.database.errors import DatabaseError
from tarazy.facility.database.opener import database_url, place
from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.catalogue import PROJECTIONS
from tarazy.facility.projections.projector import Applied, Projector, apply_all, start_position
from tarazy.facility.projections.sql import SqlStore
from tarazy.journal.events_rebuild import recorded
from tarazy.journal.events_record import events_folder
from tarazy.journal.frame import Frame
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import check_edition, replayed

SOURCES = ("events", "replay")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    digest = acts.add_parser("digest", help="SHA-256 of the canonical export of each projection, made from the record")
    rebuild = acts.add_parser("rebuild", help="make the projections of a database anew from the record")
    follow = acts.add_parser("follow", help="keep the projections of a database up to date beside a running writer")
    for act in (digest, rebuild, follow):
        add_facility(act)
        names = ", ".join(PROJECTIONS)
        act.add_argument("--only", choices=PROJECTIONS, action="append", metavar="NAME", help=f"of {names} (all)")
        add_json(act)
    for act in (digest, rebuild):
        act.add_argument("--from", dest="source", choices=SOURCES, help="events file where there is one, or a replay")
        act.add_argument("--engine", choices=CHOICES, help="who replays; default: core where it is built, else spec")
    for act in (rebuild, follow):
        act.add_argument("--sql", metavar="DATABASE", help="a file, or postgresql://USER@HOST:PORT/NAME")
    digest.add_argument("--sql", metavar="DATABASE", help="of what this database holds instead")
    follow.add_argument("--once", action="store_true", help="end when everything is applied that is durable now")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    config = configuration(arguments)
    arguments.directory = facility_folder(arguments, config)
    if arguments.act != "digest":  # which is of the record where no database is given
        arguments.sql = arguments.sql or config.projections.place()
    load_identity(arguments.directory)
    projections = [PROJECTIONS[name]() for name in arguments.only or PROJECTIONS]
    try:
        return {"digest": digest, "rebuild": rebuild, "follow": follow}[arguments.act](arguments, projections, output)
    except DatabaseError as error:
        raise CliError(str(error)) from error


def database(arguments: argparse.Namespace) -> str | Path:
    """Return the database: without one named, a file in the facility's folder."""
    found: str | Path = arguments.sql or arguments.directory / "projections.sqlite3"
    return found


def source(arguments: argparse.Namespace, projections: Sequence[Projection]) -> Iterator[tuple[Frame, bytes]]:
    """Return the frames of the record with their events."""
    directory = arguments.directory
    if (arguments.source or ("events" if events_folder(directory).exists() else "replay")) == "events":
        return recorded(directory, start=start_position(projections, load_identity(directory)))
    engine = load_engine(arguments.engine or fastest())()
    reader = JournalReader(directory)
    check_edition(reader.directory, reader.identity, engine)
    return replayed(reader.directory, reader, engine)


def digest(arguments: argparse.Namespace, projections: Sequence[Projection], output: Output) -> int:
    """Say the digest of each projection."""
    if arguments.sql is not None:
        url = database_url(arguments.sql)
        if url.drivername == "sqlite" and not Path(arguments.sql).exists():
            raise CliError(f"{arguments.sql}: expected a database of projections, found none")
        with SqlStore(arguments.sql) as store:
            for projection in projections:
                store.attach(projection)
            say_digests(output, projections, store)
        return 0
    apply_all(source(arguments, projections), projections)
    say_digests(output, projections, None)
    return 0


def rebuild(arguments: argparse.Namespace, projections: Sequence[Projection], output: Output) -> int:
    """Make the projections of a database anew."""
    with SqlStore(database(arguments)) as store, output.progress() as bar:
        for projection in projections:
            store.reset(projection)
        task = bar.add_task("projections", total=None)
        applied = apply_all(
            source(arguments, projections), projections, store, lambda commands: bar.update(task, completed=commands)
        )
        output.say(
            f"{applied.events:,} events of {applied.frames:,} frames into {place(database_url(database(arguments)))}"
        )
        say_digests(output, projections, store)
    return 0


def follow(arguments: argparse.Namespace, projections: Sequence[Projection], output: Output) -> int:
    """Follow the writer until SIGTERM or SIGINT, or with --once until there is no more."""
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    with SqlStore(database(arguments)) as store:
        projector = Projector(arguments.directory, projections, store)

        def say(applied: Applied) -> None:
            output.warn(f"{applied.events:,} events applied, up to frame {projections[0].cursor.frame_number:,}")

        try:
            if arguments.once:
                while (applied := projector.step(0)).frames:
                    say(applied)
            else:
                projector.run(stopped, say)
            say_digests(output, projections, store)
        finally:
            projector.close()
    return 0


def say_digests(output: Output, projections: Sequence[Projection], store: SqlStore | None) -> None:
    """Print name, last command and digest of each projection."""
    found = {}
    for projection in projections:
        value = (store.digest(projection) if store is not None else projection.digest()).hex()
        found[projection.name] = {"seq": projection.cursor.next_seq - 1, "digest": value}
        output.say(f"{projection.name:12} after {projection.cursor.next_seq - 1:>12,}  {value}")
    output.result({"projections": found})
