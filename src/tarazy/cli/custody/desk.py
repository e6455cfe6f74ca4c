"""What the acts share: custody's file beside a record, the officer who acts, and what the record says."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tarazy.cli.arguments import add_journal
from tarazy.cli.facility.client_desk import actor_of, add_actor
from tarazy.facility.accounts.parameters import load_parameters
from tarazy.facility.custody.record_view import RecordView
from tarazy.facility.custody.store import SHIPPED, CustodyStore, custody_beside
from tarazy.journal.follow_events import EventsFollower
from tarazy.journal.identity import load_identity

__all__ = ["actor_of", "add_actor", "add_desk", "open_store", "view_of"]


def add_desk(parser: argparse.ArgumentParser) -> None:
    """Declare the folder of the record and the parameters."""
    add_journal(parser)
    parser.add_argument("--parameters", type=Path, metavar="FILE", help="dated parameters (those of the package)")


@contextmanager
def open_store(arguments: argparse.Namespace) -> Iterator[CustodyStore]:
    """Open custody's file beside a record; it is made where there is none.

    Raises: JournalError where there is no record.
    """
    load_identity(arguments.directory)
    with CustodyStore(custody_beside(arguments.directory), load_parameters(arguments.parameters or SHIPPED)) as store:
        yield store


def view_of(directory: Path) -> RecordView:
    """Return what the published events of a record say."""
    view = RecordView()
    with EventsFollower(directory) as follower:
        while found := follower.poll():
            for frame, events in found:
                view.apply(frame, events)
    return view
