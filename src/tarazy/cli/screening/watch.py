"""`tarazy screening watch`: listed tokens followed block by block; a change for the worse is a signed alert."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tarazy.chains.evm.node import Node
from tarazy.chains.evm.time_lock import read_time_lock
from tarazy.cli.config.arguments import add_config, configuration, given, neither
from tarazy.cli.errors import CliError
from tarazy.cli.files import read_json
from tarazy.cli.output import Output
from tarazy.cli.screening.screen import address, seconds
from tarazy.domain.signer import KeySigner
from tarazy.platform.config.declaring import plain_address
from tarazy.platform.jobs.pool import WorkerPool
from tarazy.platform.signing.key_file import secret_file
from tarazy.screening.configuration import WatchSection
from tarazy.screening.criteria.file import HOUSE_CRITERIA, criteria_named
from tarazy.screening.isolated import SCREEN
from tarazy.screening.watch.follow import Watcher, follow
from tarazy.screening.watch.options import ListedToken, WatchOptions
from tarazy.screening.watch.screening import screen_with

TOKEN_KEYS = {"address", "asset_id", "name", "pools", "holders", "lockers"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `watch`."""
    add_config(parser)
    parser.add_argument("--rpc", metavar="URL", help="JSON-RPC node of the chain; needed here or in the file")
    parser.add_argument("--witness", metavar="URL", help="second node, asked where the first might lie")
    parser.add_argument(
        "--token", action="append", default=[], metavar="A[=N]", help="token to follow; N is its number at the venue"
    )
    parser.add_argument("--tokens", type=Path, metavar="FILE", help="JSON list of tokens with their pools and holders")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="state and alerts (var/watch)")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="signing key, made where there is none (in the folder)"
    )
    parser.add_argument("--from-block", type=int, metavar="N", help="first block (the newest)")
    parser.add_argument("--poll", type=seconds, metavar="S", help="seconds between looks (1)")
    parser.add_argument("--criteria", metavar="FILE", help="criteria file, or the name of a built-in one (house)")
    parser.add_argument(
        "--screening", action=argparse.BooleanOptionalAction, help="screen anew; without it what was read counts (yes)"
    )
    parser.add_argument("--once", action="store_true", help="take the blocks that are there, then end")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Follow until a signal ends it; with --json every record is a line on stdout."""
    section = section_of(arguments)
    if section.node is None:
        raise neither("--rpc URL", "watch.node")
    url = plain_address(section.node)
    tokens = read_tokens(arguments.token, section.tokens)
    criteria_named(section.criteria or HOUSE_CRITERIA, datetime.now(UTC).date())  # unknown ones stop the start
    section.folder.mkdir(parents=True, exist_ok=True)
    key = KeySigner.from_seed(secret_file(section.key_file or section.folder / "watch.key"))
    with WorkerPool(SCREEN) as pool:
        options = WatchOptions(
            node=Node(url),
            folder=section.folder,
            signing_key=key,
            tokens=tokens,
            screen=screen_with(pool, url, section.criteria) if section.screening else None,
            on_record=lambda record: tell(output, record),
            witness=Node(plain_address(section.witness)) if section.witness is not None else None,
            start_block=arguments.from_block,
            thresholds=section.thresholds.thresholds(),
            lock_readers=(read_time_lock,),
            poll_s=section.poll_s,
        )
        output.warn(f"follows {len(tokens)} tokens; records in {section.folder}")
        if arguments.once:
            with Watcher(options, output.warn) as watcher:
                watcher.step()
        else:
            follow(options, stop_at_signal(), output.warn)
    return 0


def section_of(arguments: argparse.Namespace) -> WatchSection:
    """Return the section of the configuration with the arguments put over it."""
    over = given(
        node=arguments.rpc,
        witness=arguments.witness,
        tokens=arguments.tokens,
        folder=arguments.folder,
        key_file=arguments.key,
        poll_s=arguments.poll,
        criteria=arguments.criteria,
        screening=arguments.screening,
    )
    return configuration(arguments).watch.model_copy(update=over)


def tell(output: Output, record: Any) -> None:
    """Print a record: a line of JSON, or what happened in words."""
    if output.as_json:
        output.line(json.dumps(record))
        return
    style = "bold red" if record["record"] == "alert" else None
    output.say(f"block {record['block_number']:,} {record['record']}: {record['title']}", style=style)
    output.say(f"  {record['text']}")
    for name in sorted({*record.get("before", {}), *record.get("after", {})}):
        output.say(f"  {name}: {record['before'].get(name, '-')} -> {record['after'].get(name, '-')}")
    if record.get("draft"):
        output.say(
            f"  a draft that suspends asset {record['asset_id']} awaits the operator: drafts/{record['id']}.json"
        )


def stop_at_signal() -> threading.Event:
    """Return what is set by SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def read_tokens(texts: list[str], file: Path | None) -> list[ListedToken]:
    """Return the tokens to follow.

    Raises: CliError, WatchError.
    """
    tokens = [read_token(text) for text in texts]
    if file is not None:
        listed = read_json(file, "a JSON list of tokens")
        if not isinstance(listed, list):
            raise CliError(f"{file}: expected a JSON list of tokens, found {type(listed).__name__}")
        tokens += [token_of(file, place, entry) for place, entry in enumerate(listed, 1)]
    if not tokens:
        raise CliError("expected --token ADDRESS or --tokens FILE, found no token to follow")
    return tokens


def read_token(text: str) -> ListedToken:
    """Return the token of ADDRESS or ADDRESS=NUMBER."""
    place, sign, number = text.partition("=")
    if sign and not number.isdecimal():
        raise CliError(f"expected ADDRESS or ADDRESS=NUMBER with its number at the venue, found {text!r}")
    try:
        return ListedToken(address(place), int(number) if sign else None)
    except argparse.ArgumentTypeError as error:
        raise CliError(f"--token: {error}") from None


def token_of(file: Path, place: int, entry: Any) -> ListedToken:
    """Return the token of one entry of a file."""
    if not isinstance(entry, dict) or "address" not in entry or not set(entry) <= TOKEN_KEYS:
        found = ", ".join(sorted(entry)) if isinstance(entry, dict) else type(entry).__name__
        raise CliError(
            f"{file}, entry {place}: expected address and any of {', '.join(sorted(TOKEN_KEYS))}; found {found}"
        )
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return ListedToken(**fields)
