"""What `tarazy facility serve` serves by FIX, and how its clients are encrypted."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from tarazy.cli.errors import CliError
from tarazy.facility.feeds.service import Feeds
from tarazy.facility.gateway.fix.configuration import FixSection
from tarazy.facility.gateway.fix.server import FixServer


@dataclass(frozen=True)
class FixPart:
    """What is served by FIX; `servers` is where the one that is made can be found."""

    section: FixSection
    tls: ssl.SSLContext | None
    servers: list[FixServer]

    def made(self, feeds: Feeds, directory: Path) -> FixServer | None:
        """Return the server, None where no port is wanted. Before the feeds catch up."""
        if self.section.port is None and self.section.market_data_port is None:
            return None
        self.servers.append(FixServer(feeds, directory / "fix_sessions.sqlite3", self.section, self.tls))
        return self.servers[0]


def fix_tls(section: FixSection) -> ssl.SSLContext | None:
    """Return how clients of FIX are encrypted, None where they are not.

    Raises: CliError for a certificate that cannot be used, and without one for an address beyond this machine.
    """
    if section.port is None and section.market_data_port is None:
        return None
    if section.certificate_file is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(section.certificate_file, section.key_file)
        except (OSError, ssl.SSLError) as error:
            raise CliError(f"facility.gateway.fix: expected a certificate and its key in PEM, found: {error}") from None
        return context
    if section.host != "localhost" and not is_loopback(section.host):
        raise CliError(
            f"facility.gateway.fix: expected a certificate_file for clients of {section.host}, found none; "
            "without TLS only 127.0.0.1 is served"
        )
    return None


def is_loopback(host: str) -> bool:
    """Say whether an address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
