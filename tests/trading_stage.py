"""A facility with one open market and funded accounts, for tests that trade on it over the network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tarazy.cli.engines import load_engine
from tarazy.cli.facility.publishing import published
from tarazy.cli.market_data.playing import new_journal
from tarazy.cli.output import Output
from tarazy.domain.records import (
    RECORD_SIZE,
    CommandRejected,
    EventKind,
    MarketState,
    ParameterTable,
    SetParameter,
)
from tarazy.facility.accounts.api_keys import ApiKeyStore, api_keys_folder
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.keys import keys_folder
from tarazy.market_data.acting import Desk
from tarazy.market_data.commands import CommandWriter
from tarazy.market_data.venue_setup import MarketPlan, open_accounts, write_setup

START_S = 60.0
COIN = 10**8
PLAN = MarketPlan(
    source="trading stage",
    base_code="BTC",
    base_scale=8,
    quote_code="USD",
    quote_scale=8,
    base_deposit_minor=100 * COIN,
    quote_deposit_minor=10_000_000 * COIN,
    mandate_deposits=1,
    collar_ppm=500_000,
    corridor_ppm=900_000,
    auction_duration_ms=1_000,
)


def make_facility(directory: Path, accounts: int = 3, engine: str = "spec", plan: MarketPlan = PLAN) -> Desk:
    """Make a facility whose accounts 1..n own 100 BTC and 10,000,000 USD each, with BTCUSD in continuous trading.

    Return its people, who can sign instructions.
    """
    now_ns = time.time_ns()
    sequencer, desk = new_journal(directory, "Trading stage", engine, created_ns=now_ns)
    with published(sequencer, directory, Output(as_json=True)):
        writer = CommandWriter(1, now_ns)
        writer.start(desk, sequencer.engine.next_seq)
        write_setup(writer, plan, MarketState.continuous)
        set_up = writer.take_batch()
        open_accounts(writer, plan, list(range(1, accounts + 1)), 0)
        for batch in (set_up, writer.take_batch()):
            events = sequencer.execute(batch.commands, instructions=batch.instructions)
            assert not refusals(events)
    return desk


def refusals(events: bytes) -> list[CommandRejected]:
    """Return the refusals among events."""
    starts = range(0, len(events), RECORD_SIZE)
    kind = int(EventKind.command_rejected).to_bytes(2, "little")
    return [CommandRejected.unpack(events, at) for at in starts if events[at : at + 2] == kind]


def new_key(
    directory: Path, account_id: int, scopes: tuple[str, ...] = ("trade", "read"), **terms: object
) -> tuple[str, str]:
    """Make an API key; return its id and its secret."""
    store = ApiKeyStore(api_keys_folder(keys_folder(directory)))
    try:
        key, secret = store.create(account_id, scopes, **terms)  # type: ignore[arg-type]
    finally:
        store.close()
    return key.key_id, secret


@dataclass
class Served:
    """A running gateway."""

    url: str
    directory: Path
    process: subprocess.Popen[str]
    clients: list[Any] = field(default_factory=list)
    fix: dict[str, str] = field(default_factory=dict)


@contextmanager
def served(directory: Path, *arguments: str, program: tuple[str, ...] = ("tarazy.cli.main",)) -> Iterator[Served]:
    """Serve a facility on a free port in a process of its own, until the block ends or kills it.

    `program` is the module that runs, with what stands before its command.
    """
    command = [sys.executable, "-m", *program, "facility", "serve", str(directory), "--port", "0", "--json"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if '"url"' not in line:
            assert process.stderr is not None
            raise AssertionError(f"serve said {line!r} {process.stderr.read()}")
        found = json.loads(line)
        yield Served(found["url"], directory, process, fix=found.get("fix", {}))
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=START_S)


def remember_client_ids(directory: Path, desk: Desk, engine: str = "spec", horizon_ms: int = 86_400_000) -> None:
    """Let the people of a facility set how long client order ids of orders that are done are remembered."""
    now_ns, rules = time.time_ns(), PLAN.digest("rulebook")
    table = ParameterTable.client_id_horizon_ms
    command = SetParameter(table, parameter_value=horizon_ms, rulebook_hash=rules)
    with Sequencer.open(directory, load_engine(engine)) as sequencer, published(sequencer, directory, Output(True)):
        known_seq = sequencer.engine.next_seq - 1
        commands, entry = desk.sign(command.pack(), desk.people, now_ns, known_seq=known_seq)
        assert not refusals(sequencer.execute(commands, instructions=entry))
