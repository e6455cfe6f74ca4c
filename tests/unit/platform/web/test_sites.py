"""Names and pages of strangers: what a browser of ours would send for them is refused."""

from __future__ import annotations

import pytest

from tarazy.platform.refusals import RefusedError
from tarazy.platform.web.sites import Sites

SITES = Sites(["screening.example", "Upper.Example"])


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "127.0.0.1:8000", "10.1.2.3", "[::1]:8000", "[::1]", "screening.example",
     "SCREENING.example:443", "screening.example.", "upper.example"],
)  # fmt: skip
def test_numbers_localhost_and_given_names_pass(host: str) -> None:
    for _ in range(2):
        SITES.check_host(host.encode())


@pytest.mark.parametrize(
    "host",
    ["rebind.attacker.example", "attacker.example:8000", "", "localhost.attacker.example", "127.0.0.1.nip.example",
     "xscreening.example", "screening.example.attacker.example", "[attacker.example]", "2130706433", "127.1", "\xff"],
)  # fmt: skip
def test_any_other_name_is_refused(host: str) -> None:
    for _ in range(2):
        with pytest.raises(RefusedError, match="--allow-host"):
            SITES.check_host(host.encode("latin-1"))


@pytest.mark.parametrize(
    ("method", "origin", "fetch_site", "passes"),
    [
        ("GET", b"https://attacker.example", b"cross-site", True),  # reading: nothing changes, nobody else sees it
        ("POST", b"", b"", True),  # no browser
        ("POST", b"http://localhost:8000", b"same-origin", True),
        ("POST", b"https://LOCALHOST:8000", b"", True),
        ("POST", b"null", b"same-origin", True),
        ("POST", b"null", b"", False),
        ("POST", b"null", b"cross-site", False),
        ("POST", b"http://attacker.example", b"", False),
        ("POST", b"http://localhost:8001", b"", False),
        ("POST", b"http://localhost:8000.attacker.example", b"", False),
        ("POST", b"http://localhost:8000", b"cross-site", False),
        ("POST", b"", b"same-site", False),
        ("DELETE", b"http://attacker.example", b"cross-site", False),
    ],
)
def test_change_is_taken_from_own_pages_and_from_programs(
    method: str, origin: bytes, fetch_site: bytes, passes: bool
) -> None:
    if passes:
        SITES.check_origin(method, b"localhost:8000", origin, fetch_site)
        return
    with pytest.raises(RefusedError, match="another site"):
        SITES.check_origin(method, b"localhost:8000", origin, fetch_site)
