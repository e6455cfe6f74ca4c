"""What all tests share: the engine under test, and a floor to trade on."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

from tarazy.domain.engine import Engine
from tarazy.spec.venue import Venue

from .floor import Floor, open_floor
from .go_tools import btcd, nats_server, proofcheck  # noqa: F401 - fixtures
from .nats_server import nats  # noqa: F401 - fixture
from .postgres_server import database, postgres, postgres_session  # noqa: F401 - fixtures
from .servers import anvil, anvil_program, anvil_session, hostile_node, node_tools  # noqa: F401 - fixtures

DEPTH = 1_000  # calls, what Python begins with
ENGINES: dict[str, type[Engine]] = {"spec": Venue}
if find_spec("tarazy_core"):
    ENGINES["core"] = import_module("tarazy_core").Venue


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag that rewrites golden files."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden/*.txt with what the venue does now"
    )


def pytest_configure() -> None:
    """Stop a run in CI that has only one engine: it would skip what proves that the twins agree."""
    if os.environ.get("CI") and "core" not in ENGINES:
        pytest.exit("expected both engines in CI, found only spec; build the core with `make setup`", returncode=1)


def pytest_runtest_setup() -> None:
    """Put the limit of calls within calls back: packages that tests import raise it for the whole process.

    With their 100,000 a deeply nested text overruns the stack and ends the process; with Python's own it is an error.
    """
    sys.setrecursionlimit(DEPTH)


def pytest_report_header() -> str:
    """Say which engines the tests run on."""
    return f"engines: {', '.join(ENGINES)}"


@pytest.fixture(scope="session", params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> type[Engine]:
    """Return the class of each twin in turn: `engine()` is an empty venue."""
    return ENGINES[request.param]


@pytest.fixture
def empty(engine: type[Engine]) -> Floor:
    """Return a venue without assets, markets or accounts."""
    return Floor(engine)


@pytest.fixture
def floor(engine: type[Engine]) -> Floor:
    """Return a venue with one open market without fees and four accounts that hold a million of both assets."""
    return open_floor(engine)
