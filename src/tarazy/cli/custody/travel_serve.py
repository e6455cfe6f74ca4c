"""`tarazy custody travel-serve DIR --as ID --key KEY`: take travel data of other providers, and answer them.

The key is that of the exchange alone. Without a certificate it listens on this machine, behind a proxy with TLS.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import port
from tarazy.cli.custody.desk import add_desk, open_store
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file, open_key

PORT = 8032


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    add_exchange(parser)
    parser.add_argument("--port", type=port, default=PORT, metavar="P", help=f"port; 0 takes a free one ({PORT})")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (127.0.0.1)")
    parser.add_argument("--tls-certificate", type=Path, metavar="FILE", help="certificate as PEM, with --tls-key")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key as PEM")


def add_exchange(parser: argparse.ArgumentParser) -> None:
    """Declare who speaks, and under which key."""
    parser.add_argument("--as", dest="provider", required=True, metavar="ID", help="our name in others' registers")
    parser.add_argument("--key", type=Path, required=True, metavar="KEY", help="key file of the exchange (Ed25519)")
    add_passphrase_file(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until a signal ends it."""
    from tarazy.facility.custody.travel_exchange import TravelDesk
    from tarazy.facility.custody.travel_server import PREFIX, travel_app
    from tarazy.platform.web.serving import ServeOptions, serve

    has_tls = arguments.tls_certificate is not None and arguments.tls_key is not None
    if not has_tls and arguments.host not in ("127.0.0.1", "localhost", "::1"):
        raise CliError(f"expected --tls-certificate and --tls-key to listen on {arguments.host}, found none")
    signer = open_key(arguments.key, arguments.passphrase_file)

    def ready(url: str) -> None:
        output.say(f"travel data at {url}{PREFIX}, key {signer.public_key.hex()}; stop with Ctrl-C")
        output.result({"url": f"{url}{PREFIX}", "public_key": signer.public_key.hex()})

    with open_store(arguments) as store:
        desk = TravelDesk(store, arguments.provider, signer)
        where = {"host": arguments.host, "port": arguments.port, "ready": ready}
        tls = {"tls_certificate": arguments.tls_certificate, "tls_key": arguments.tls_key} if has_tls else {}
        serve(lambda: travel_app(desk), ServeOptions(**where, **tls))
    return 0
