"""`tarazy instruct kill DIR --url URL --officer N --key KEY --reason FILE`, and what: a market, the venue, an account.

One officer stops trading at once: the instruction is drafted, signed and handed to the facility that is served, and the
act says how long that took. What it can do is what one officer may: halt markets, restrict an account, cancel the
orders of one of its sessions. To go on again two sign, in peace.
"""

from __future__ import annotations

import argparse
import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tarazy.cli.arguments import positive
from tarazy.cli.config.arguments import add_facility, configuration, facility_folder
from tarazy.cli.errors import CliError
from tarazy.cli.facility.digests import file_digest
from tarazy.cli.facility.instruct_submit import TIMEOUT_S, hand_in, say_outcome
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file, open_key
from tarazy.domain.records import AccountState, CancelAll, MarketState, SetAccountState, SetMarketState
from tarazy.domain.signer import Signer
from tarazy.facility.officers.drafts import Document, Draft, DraftSigner, sign_draft
from tarazy.journal.identity import Identity, load_identity

VALID_NS = 3_600 * 10**9
RUNNING = (MarketState.pre_open.name, MarketState.auction.name, MarketState.continuous.name)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility(parser)
    parser.add_argument("--url", required=True, metavar="URL", help="where the facility is served, on this machine")
    parser.add_argument("--officer", type=positive, required=True, metavar="N", help="number of the officer")
    parser.add_argument("--key", type=Path, required=True, metavar="KEY", help="the officer's key file")
    parser.add_argument("--reason", type=Path, required=True, metavar="FILE", help="paper that says why, kept by hash")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--market", type=positive, metavar="N", help="halt one market")
    what.add_argument("--venue", action="store_true", help="halt every market that is open")
    what.add_argument("--account", type=positive, metavar="N", help="restrict an account; its orders are canceled")
    parser.add_argument("--session", type=positive, metavar="N", help="cancel only orders of this session")
    add_passphrase_file(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Stop trading; exit code 1 where the venue refused any of it."""
    started_ns = time.monotonic_ns()
    if arguments.session is not None and arguments.account is None:
        raise CliError("expected --session together with --account, found it alone")
    identity = load_identity(facility_folder(arguments, configuration(arguments)))
    key = open_key(arguments.key, arguments.passphrase_file)
    paper = Document(arguments.reason.name, file_digest(arguments.reason))
    draft = drafted(identity, arguments.officer, key, commands(arguments, paper), paper)
    outcome = hand_in(arguments.url, draft)
    outcome["total_ms"] = round((time.monotonic_ns() - started_ns) / 1_000_000, 3)
    output.say(f"in force after {outcome['took_ms']:,} ms in the facility, {outcome['total_ms']:,} ms in all")
    return say_outcome(output, outcome)


def commands(arguments: argparse.Namespace, paper: Document) -> list[Any]:
    """Return what one officer orders."""
    if arguments.session is not None:
        return [CancelAll(session_id=arguments.session, account_id=arguments.account)]
    if arguments.account is not None:
        return [SetAccountState(AccountState.restricted, 0, arguments.account, paper.digest)]
    numbers = [arguments.market] if arguments.market is not None else running_markets(arguments.url)
    if not numbers:
        raise CliError("expected a market that is open, found none; nothing was ordered")
    return [SetMarketState(market_state=MarketState.halted, market_id=number) for number in numbers]


def running_markets(url: str) -> list[int]:
    """Return the numbers of the markets in which orders may trade or wait.

    Raises: CliError.
    """
    try:
        with urlopen(f"{url.rstrip('/')}/v1/rules", timeout=TIMEOUT_S) as response:
            found = json.loads(response.read())
        return [each["marketId"] for each in found["markets"] if each["state"] in RUNNING]
    except (OSError, ValueError, KeyError) as error:
        raise CliError(f"{url}: expected a facility that is served there, found {error}") from None


def drafted(identity: Identity, officer_id: int, key: Signer, orders: list[Any], paper: Document) -> Draft:
    """Return the instruction, signed by its one officer."""
    draft = Draft(
        facility=identity.name,
        facility_id=identity.facility_id,
        instruction_number=secrets.randbits(63) or 1,
        valid_until_ns=(time.time_ns() // 10**9) * 10**9 + VALID_NS,
        officers=(DraftSigner(officer_id, key.public_key),),
        commands=tuple(orders),
        documents=(paper,),
    )
    return sign_draft(draft, key)
