"""`tarazy screening serve`: GoPlus paths at the root, the native API under /v1/screening, pages under /screening."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import port, positive
from tarazy.cli.config.arguments import add_config, configuration, given
from tarazy.cli.errors import CliError
from tarazy.cli.files import read_json
from tarazy.cli.output import Output
from tarazy.cli.screening.screen import address, seconds
from tarazy.console.layout.login import LOGIN, OPEN_PATHS
from tarazy.console.screening.desk import ConsoleServices, service_key
from tarazy.console.screening.router import screening_router
from tarazy.platform.web.mounting import Mounted
from tarazy.platform.web.serving import ServeOptions, serve
from tarazy.screening.api.app import create_app
from tarazy.screening.configuration import PORT, ScreeningSection
from tarazy.screening.service.service import ScreeningService
from tarazy.screening.watch.watches import Watches


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `serve`."""
    add_config(parser)
    parser.add_argument("--host", metavar="H", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=port, metavar="P", help=f"port; 0 takes a free one ({PORT})")
    parser.add_argument("--data", type=Path, metavar="DIR", help="reports, keys, signing key (var/screening)")
    parser.add_argument(
        "--rpc", action="append", default=[], metavar="CHAIN=URL", help="node of a chain; once for each chain"
    )
    parser.add_argument(
        "--codes", action="append", default=[], metavar="CHAIN=DIR", help="code files 0xADDRESS.hex in place of a node"
    )
    parser.add_argument("--locker", action="append", default=[], metavar="CHAIN=A", help="our time lock on a chain")
    parser.add_argument("--list", action="append", type=Path, metavar="FILE", help="list of addresses")
    parser.add_argument("--criteria", metavar="FILE", help="criteria file, or the name of a built-in one (house)")
    parser.add_argument("--workers", type=positive, metavar="N", help="screening processes (processors less one)")
    parser.add_argument("--poll", type=seconds, metavar="S", help="seconds between looks of the watch (1)")
    parser.add_argument(
        "--assets", type=Path, metavar="FILE", help="JSON list of chain_id, address, asset_id to follow"
    )
    boolean = argparse.BooleanOptionalAction
    parser.add_argument("--require-key", action=boolean, help="answer callers with a key only (no)")
    parser.add_argument(
        "--allow-host", action="append", metavar="NAME", help="name by which it is asked, beside localhost and numbers"
    )
    parser.add_argument("--console", action=boolean, help="serve the pages (yes)")
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="TLS certificate chain, with --certificate-key"
    )
    parser.add_argument("--certificate-key", type=Path, metavar="FILE", help="its private key")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until a signal ends it."""
    section = section_of(arguments)
    if (section.certificate is None) != (section.certificate_key_file is None):
        raise CliError("expected --certificate and --certificate-key together, found one of them")
    assets = read_assets(section.assets) if section.assets is not None else {}
    config = section.service_config()

    def pages(service: ScreeningService) -> list[Mounted]:
        if not section.console:
            return []
        watches = Watches(service, service_key(service), section.poll_s, assets)
        router = screening_router(ConsoleServices(service, watches, service.config.lockers), service.sessions)
        return [Mounted("/screening", router, (watches,), LOGIN, OPEN_PATHS)]

    def ready(url: str) -> None:
        shown = f"; pages at {url}/screening/" if section.console else ""
        output.say(f"tarazy screening serves {url}{shown}; data in {section.data}")
        output.result({"url": url, "data": str(section.data)})

    options = ServeOptions(
        host=section.host,
        port=section.port,
        tls_certificate=section.certificate,
        tls_key=section.certificate_key_file,
        ready=ready,
    )
    serve(lambda: create_app(config, pages), options)
    return 0


def section_of(arguments: argparse.Namespace) -> ScreeningSection:
    """Return the section of the configuration with the arguments put over it; of nodes and folders, chain by chain."""
    section = configuration(arguments).screening
    codes = {chain: Path(text) for chain, text in by_chain(arguments.codes, "--codes CHAIN=DIR").items()}
    over = given(
        host=arguments.host,
        port=arguments.port,
        data=arguments.data,
        lists=tuple(arguments.list) if arguments.list else None,
        criteria=arguments.criteria,
        workers=arguments.workers,
        poll_s=arguments.poll,
        assets=arguments.assets,
        require_key=arguments.require_key,
        hosts=tuple(arguments.allow_host) if arguments.allow_host else None,
        console=arguments.console,
        certificate=arguments.certificate,
        certificate_key_file=arguments.certificate_key,
    )
    chains = {
        "nodes": {**section.nodes, **by_chain(arguments.rpc, "--rpc CHAIN=URL")},
        "code_folders": {**section.code_folders, **codes},
        "lockers": {**section.lockers, **by_chain(arguments.locker, "--locker CHAIN=ADDRESS")},
    }
    return section.model_copy(update=chains | over)


def read_assets(path: Path) -> dict[tuple[int, str], int]:
    """Return the venue's number of each listed asset, by chain and address.

    Raises: CliError.
    """
    form = '[{"chain_id": 1, "address": "0x...", "asset_id": 7}]'
    entries = read_json(path, f"a JSON list {form}")
    try:
        return {(int(each["chain_id"]), address(each["address"])): int(each["asset_id"]) for each in entries}
    except (ValueError, KeyError, TypeError, argparse.ArgumentTypeError) as error:
        raise CliError(f"{path}: expected a JSON list {form}, found {type(error).__name__}: {error}") from None


def by_chain(texts: list[str], form: str) -> dict[int, str]:
    """Return values by chain number.

    Raises: CliError.
    """
    found: dict[int, str] = {}
    for text in texts:
        chain, sign, value = text.partition("=")
        if not (chain.isdecimal() and sign and value) or int(chain) < 1:
            raise CliError(f"expected {form}, such as 31337=http://127.0.0.1:8545, found {text!r}")
        if int(chain) in found:
            raise CliError(f"expected each chain once, found {chain} twice in {form.split()[0]}")
        found[int(chain)] = value
    return found
