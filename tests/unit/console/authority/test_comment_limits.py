"""Comments are limited for one sender and for all: one who floods takes nothing from others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.authority.desk import DESK
from tarazy.console.authority.services import COMMENTS, COMMENTS_OF_ONE, AuthorityServices, network

from ...authority.office import Office


@pytest.fixture
def services(tmp_path: Path) -> AuthorityServices:
    office = Office(tmp_path / "authority")
    return AuthorityServices(office.desk, office.keys[DESK])


def test_one_sender_is_stopped_before_all_are(services: AuthorityServices) -> None:
    own = int(COMMENTS_OF_ONE.burst)
    assert [services.take_comment("192.0.2.1") == 0 for _ in range(own + 50)] == [True] * own + [False] * 50
    left = int(COMMENTS.burst) - own
    assert [services.take_comment(f"198.51.100.{n}") == 0 for n in range(left + 1)] == [True] * left + [False]


def test_a_whole_network_of_one_holder_is_one_sender(services: AuthorityServices) -> None:
    took = [services.take_comment(f"2001:db8:0:1::{n:x}") == 0 for n in range(int(COMMENTS_OF_ONE.burst) + 1)]
    assert took[-1] is False
    assert services.take_comment("2001:db8:0:2::1") == 0


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("192.0.2.1", "192.0.2.1/32"),
        ("2001:db8::5", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "nowhere"),
        ("a name", "nowhere"),
    ],
)
def test_sender_is_the_network_of_an_address(address: str, sender: str) -> None:
    assert network(address) == sender
