"""`tarazy screen --rpc` on a node that lies, hangs or floods: bounded time, all unknown, the reason, no crash."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from .. import servers
from ..servers import HostileNode
from .conftest import Done

Run = Callable[..., Done]
TOKEN = "0x" + "11" * 20
SECONDS = 2.0
SPARE_S = 12.0  # start of a worker, and what is done after the limit
BEHAVIOURS = (
    servers.hang,
    servers.garbage,
    servers.oversize,
    servers.announced_oversize,
    servers.deep,
    servers.wrong_id,
    servers.slow_drip,
    servers.slow_headers,
    servers.close_mid_answer,
    servers.redirect,
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda each: each.__name__)
def test_node_that_misbehaves_leaves_all_unknown_in_bounded_time(
    tarazy: Run, hostile_node: HostileNode, behaviour: servers.Behaviour
) -> None:
    hostile_node.behave = behaviour
    start = time.monotonic()
    done = tarazy("screen", "--rpc", hostile_node.url, "--address", TOKEN, "--time-limit", SECONDS, "--json")
    assert time.monotonic() - start < SECONDS + SPARE_S
    assert done.code == 0
    assert set(done.json["capabilities"].values()) == {"unknown"}
    assert done.json["verdict"] == "unknown"
    assert hostile_node.url.removeprefix("http://") in done.json["evidence"]["mint"]["reason"]
    assert "Traceback" not in done.err
