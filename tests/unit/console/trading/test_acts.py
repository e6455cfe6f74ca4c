"""Every act of the trading page has its endpoint, wherever the gateway keeps it."""

from __future__ import annotations

from tarazy.console.trading.acts import ENDPOINT_OF, endpoint_of


def test_every_act_has_the_endpoint_of_its_path() -> None:
    assert all(endpoint_of(name).handler is not None for name in ENDPOINT_OF)
