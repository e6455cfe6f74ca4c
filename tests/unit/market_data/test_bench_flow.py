"""The flow of the benches: cancels by the client's number hit their orders also where other commands come between."""

from __future__ import annotations

import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.records import RECORD_SIZE, AdvanceTime, EventKind
from tests.conftest import ENGINES

BENCH = Path(__file__).resolve().parents[3] / "bench"


@pytest.fixture(scope="module")
def workload() -> Any:
    """Return the module of the benches' flow."""
    sys.path.insert(0, str(BENCH))
    try:
        return import_module("workload")
    finally:
        sys.path.remove(str(BENCH))


def outcome(flow: Any, disturb: bool) -> Counter[int]:
    """Return how many events of each kind the flow has; disturbed, a housekeeping command comes every 100."""
    venue, kinds = ENGINES.get("core", ENGINES["spec"])(), Counter[int]()
    venue.apply(flow.setup)
    commands = flow.preload + flow.commands
    step = 100 * RECORD_SIZE
    for at in range(0, len(commands), step):
        events = venue.apply(commands[at : at + step])
        kinds.update(int.from_bytes(events[i : i + 2], "little") for i in range(0, len(events), RECORD_SIZE))
        if disturb:
            venue.apply(AdvanceTime(ts_ns=venue.last_ts_ns).pack())
    return kinds


def test_flow_is_the_same_with_commands_between(workload: Any) -> None:
    flow = workload.single_market(None, 100, 3000, by_client=True)
    quiet, disturbed = outcome(flow, False), outcome(flow, True)
    assert quiet == disturbed
    assert quiet[EventKind.command_rejected] == 0
    assert quiet[EventKind.trade_executed] == flow.expect["trades"]


def test_cancels_by_the_orders_number_miss_there(workload: Any) -> None:
    flow = workload.single_market(None, 100, 3000)
    assert outcome(flow, False)[EventKind.command_rejected] == 0
    assert outcome(flow, True)[EventKind.command_rejected] > 500
