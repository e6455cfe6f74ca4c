"""`tarazy screening serve`: GoPlus paths at the root, the native API under /v1/screening, pages under /screening."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.screening.screen import address, seconds
from tarazy.console.screening.desk import ConsoleServices, service_key
from tarazy.console.screening.router import screening_router
from tarazy.platform.web.mounting import Mounted
from tarazy.platform.web.serving import ServeOptions, serve
from tarazy.screening.api.app import create_app
from tarazy.screening.service.options import ServiceConfig
from tarazy.screening.service.service import ScreeningService
from tarazy.screening.watch.watches import Watches

PORT = 8000
DATA = Path("var/screening")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `serve`."""
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=port, default=PORT, metavar="P", help=f"port; 0 takes a free one ({PORT})")
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help=f"reports, keys, signing key ({DATA})")
    parser.add_argument(
        "--rpc", action="append", default=[], metavar="CHAIN=URL", help="node of a chain; once for each chain"
    )
    parser.add_argument(
        "--codes", action="append", default=[], metavar="CHAIN=DIR", help="code files 0xADDRESS.hex in place of a node"
    )
    parser.add_argument("--locker", action="append", default=[], metavar="CHAIN=A", help="our time lock on a chain")
    parser.add_argument("--list", action="append", default=[], type=Path, metavar="FILE", help="list of addresses")
    parser.add_argument("--criteria", metavar="FILE", help="criteria file, or the name of a built-in one (house)")
    parser.add_argument("--workers", type=positive, metavar="N", help="screening processes (processors less one)")
    parser.add_argument("--poll", type=seconds, default=1.0, metavar="S", help="seconds between looks of the watch (1)")
    parser.add_argument(
        "--assets", type=Path, metavar="FILE", help="JSON list of chain_id, address, asset_id to follow"
    )
    parser.add_argument("--require-key", action="store_true", help="answer callers with a key only")
    parser.add_argument("--no-console", action="store_true", help="leave the pages out")
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="TLS certificate chain, with --certificate-key"
    )
    parser.add_argument("--certificate-key", type=Path, metavar="FILE", help="its private key")


def port(text: str) -> int:
    """Return a port, 0 for a free one."""
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, found {text!r}")
    return int(text)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until a signal ends it."""
    if (arguments.certificate is None) != (arguments.certificate_key is None):
        raise CliError("expected --certificate and --certificate-key together, found one of them")
    lockers = by_chain(arguments.locker, "--locker CHAIN=ADDRESS")
    assets = read_assets(arguments.assets) if arguments.assets is not None else {}

    def pages(service: ScreeningService) -> list[Mounted]:
        if arguments.no_console:
            return []
        watches = Watches(service, service_key(service), arguments.poll, assets)
        router = screening_router(ConsoleServices(service, watches, lockers))
        return [Mounted("/screening", router, (watches,))]

    def ready(url: str) -> None:
        shown = "" if arguments.no_console else f"; pages at {url}/screening/"
        output.say(f"tarazy screening serves {url}{shown}; data in {arguments.data}")
        output.result({"url": url, "data": str(arguments.data)})

    options = ServeOptions(
        host=arguments.host,
        port=arguments.port,
        tls_certificate=arguments.certificate,
        tls_key=arguments.certificate_key,
        ready=ready,
    )
    serve(lambda: create_app(config_of(arguments, lockers), pages), options)
    return 0


def config_of(arguments: argparse.Namespace, lockers: dict[int, str]) -> ServiceConfig:
    """Return the service's configuration."""
    given = {"screening_workers": arguments.workers} if arguments.workers is not None else {}
    return ServiceConfig(
        data=arguments.data,
        nodes=by_chain(arguments.rpc, "--rpc CHAIN=URL"),
        code_folders={chain: Path(text) for chain, text in by_chain(arguments.codes, "--codes CHAIN=DIR").items()},
        lockers=lockers,
        lists=tuple(arguments.list),
        criteria=arguments.criteria,
        require_key=arguments.require_key,
        **given,
    )


def read_assets(path: Path) -> dict[tuple[int, str], int]:
    """Return the venue's number of each listed asset, by chain and address.

    Raises: CliError.
    """
    try:
        entries = json.loads(path.read_text())
        return {(int(each["chain_id"]), address(each["address"])): int(each["asset_id"]) for each in entries}
    except (ValueError, KeyError, TypeError, argparse.ArgumentTypeError) as error:
        form = '[{"chain_id": 1, "address": "0x...", "asset_id": 7}]'
        raise CliError(f"{path}: expected a JSON list {form}, found {type(error).__name__}: {error}") from None


def by_chain(given: list[str], form: str) -> dict[int, str]:
    """Return values by chain number.

    Raises: CliError.
    """
    found: dict[int, str] = {}
    for text in given:
        chain, sign, value = text.partition("=")
        if not (chain.isdecimal() and sign and value) or int(chain) < 1:
            raise CliError(f"expected {form}, such as 31337=http://127.0.0.1:8545, found {text!r}")
        if int(chain) in found:
            raise CliError(f"expected each chain once, found {chain} twice in {form.split()[0]}")
        found[int(chain)] = value
    return found
