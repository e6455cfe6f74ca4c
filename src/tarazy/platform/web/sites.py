"""Whether a request comes by a name of this service, and from a page of this service where it changes something.

A stranger's page can have its own name lead to this machine (DNS rebinding) and then reads whatever it asks for: its
requests carry that name in `Host`. A number or `localhost` cannot be led elsewhere, so they pass; any other name must
be one that the operator gave. A request of a browser that changes something says in `Origin` whose page sent it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from tarazy.platform.refusals import FOREIGN_SITE, RefusedError

READING = frozenset({"GET", "HEAD", "OPTIONS"})
KNOWN_MAX = 1_000


class Sites:
    """The names of one service. A passed `Host` is remembered, so that it costs one look."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name.lower() for name in names) | {"localhost"}
        self._passed: set[bytes] = set()

    def has_passed(self, host: bytes) -> bool:
        """Say whether a header `Host` is remembered as one that names this service."""
        return host in self._passed

    def check_host(self, host: bytes) -> None:
        """Raise RefusedError unless the header `Host` names this service."""
        if host in self._passed:
            return
        name = name_of(host.decode("latin-1"))
        if name not in self._names and not is_number(name):
            raise RefusedError(
                FOREIGN_SITE,
                "expected a name of this service in Host, found another: ask by its number, or give the name with"
                " --allow-host",
            )
        if len(self._passed) < KNOWN_MAX:
            self._passed.add(host)

    def check_origin(self, method: str, host: bytes, origin: bytes, fetch_site: bytes) -> None:
        """Raise RefusedError where a browser says that another site's page wants something changed."""
        if method in READING:
            return
        own = origin.partition(b"://")[2].lower() == host.lower() or (origin == b"null" and fetch_site)
        if (origin and not own) or fetch_site not in (b"", b"same-origin", b"none"):
            raise RefusedError(FOREIGN_SITE, "expected a request of this service's own page, found another site's")


def name_of(host: str) -> str:
    """Return the name in `Host`, without its port, in lower case."""
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[")
    return host.partition(":")[0].lower().removesuffix(".")


def is_number(name: str) -> bool:
    """Say whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
