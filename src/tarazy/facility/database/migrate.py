"""Bring the tables of a database to what this software expects, by the migrations in `migrations/versions`.

What is kept for itself is migrated, revision after revision. The tables of projections are derived: they have a layout
number instead, and are made anew from the record when it changes.
"""

from __future__ import annotations

import logging
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from tarazy.facility.database.errors import OpenError

FOLDER = Path(__file__).resolve().parent / "migrations"
logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every start, also where nothing is to be done


def migrate(connection: sa.Connection, place: str) -> None:
    """Run every migration that a database lacks, inside the transaction that is open.

    Raises: OpenError for a database of a newer software.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise OpenError(place, expected="a database of this software or an older one", found=str(error)) from error
