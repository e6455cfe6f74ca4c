"""The address of a stream's servers: looked at before anybody waits for an answer that cannot come."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from tarazy.facility.sequencer.stream_errors import StreamAddressError

SCHEMES = ("nats", "tls")


def check_address(url: str) -> None:
    """Refuse what cannot be the address of a server; a host without a port is at 4222.

    Raises: StreamAddressError, without the user's name and password that an address may hold.
    """
    shown = url.rpartition("@")[2]
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # either raises for what is none
    except ValueError as error:
        raise _error(f"{shown!r} ({error})") from error
    if parts.scheme not in SCHEMES or not host or parts.path.strip("/") or any(map(str.isspace, url)):
        raise _error(repr(shown))


def _error(found: str) -> StreamAddressError:
    """Return the error for an address."""
    return StreamAddressError(Path("stream"), expected="nats://HOST:PORT or tls://HOST:PORT", found=found)
