"""`tarazy facility admission draft DIR FILE ...`: the instruction that a decision asks for, as a draft to be signed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.admission.arguments import add_facility_folder, asset_of, open_admission
from tarazy.cli.facility.instruct_draft import at_most_a_year, check_signers, find_officer, new_draft
from tarazy.cli.facility.instruct_show import show_draft
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.cli.words import Words
from tarazy.facility.admission.commands import (
    Commands,
    MarketTerms,
    admit_commands,
    delist_commands,
    market_commands,
)
from tarazy.facility.admission.state import ADOPTED, AdmissionState
from tarazy.facility.officers.drafts import Document, Draft, command_of, draft_as_json, write_draft
from tarazy.journal.identity import load_identity
from tarazy.spec.state import State

TERMS = {
    "quote_asset_id": None,
    "lot_size_minor": None,
    "tick_value_minor": None,
    "reference_price_ticks": None,
    "maker_fee_ppm": 1_000,
    "taker_fee_ppm": 1_000,
    "collar_ppm": 100_000,
    "corridor_ppm": 50_000,
    "auction_duration_ms": 60_000,
    "quantity_max_lots": 10**9,
    "notional_min_minor": 0,
    "notional_max_minor": 10**30,
}


Officers = tuple[int | None, ...]


class DraftRequest(NamedTuple):
    """What is to be drafted: one of a proposal to admit, an asset whose market opens, an order to delist."""

    admit: int | None = None
    market: str | None = None
    delist: int | None = None
    terms: dict[str, int] | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility_folder(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the draft to write; an existing file stays")
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--admit", type=positive, metavar="N", help="the adopted proposal whose asset is admitted")
    chosen.add_argument("--market", metavar="CODE", help="the admitted asset whose market opens")
    chosen.add_argument("--delist", type=positive, metavar="N", help="the order to suspend or delist")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=N", help=f"terms of the market: {', '.join(TERMS)}"
    )
    parser.add_argument("--officer", type=positive, required=True, metavar="N", help="number of the officer who acts")
    parser.add_argument("--approver", type=positive, metavar="N", help="number of the second officer")
    parser.add_argument("--hours", type=at_most_a_year, default=24, metavar="N", help="how long it is valid (24)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write one draft."""
    state = reference_state(arguments.directory)
    terms = terms_of(arguments.set) if arguments.market else None
    asked = DraftRequest(arguments.admit, arguments.market, arguments.delist, terms)
    with open_admission(arguments.directory, reads_only=True, state=state) as desk:
        day, known = desk.today, desk.state
    draft = draft_of(arguments.directory, state, known, asked, day, (arguments.officer, arguments.approver))
    draft = draft._replace(valid_until_ns=draft.valid_until_ns + (arguments.hours - 24) * 3_600 * 10**9)
    write_draft(arguments.file, draft, new=True)
    show_draft(output, draft, Words(state))
    output.say(f"\nwrote {arguments.file}; each officer signs with: tarazy instruct sign {arguments.file} --key KEY")
    output.result({"file": str(arguments.file), "draft": draft_as_json(draft)})
    return 0


def draft_of(
    directory: Path,
    state: State,
    known: AdmissionState,
    asked: DraftRequest,
    day: str,
    officers: tuple[int | None, ...],
) -> Draft:
    """Return a draft valid for 24 hours. Raises: CliError, ActRefusedError."""
    texts, paper = commands_of(state, known, asked, day)
    signers = [find_officer(state, number) for number in officers if number]
    commands = [command_of(each) for each in texts]
    check_signers(state, commands, signers)
    return new_draft(load_identity(directory), state, signers, commands, paper, 24)


def commands_of(
    state: State, known: AdmissionState, asked: DraftRequest, day: str
) -> tuple[Commands, tuple[Document, ...]]:
    """Return the commands and the paper that they rest on. Raises: CliError, ActRefusedError."""
    if asked.admit is not None:
        proposal = known.proposals.get(asked.admit)
        if proposal is None or proposal.outcome != ADOPTED:
            found = proposal.outcome if proposal else "none of this number"
            raise CliError(f"expected an adopted proposal {asked.admit}, found {found}")
        paper = Document(f"decision {proposal.number} on {proposal.token}", bytes.fromhex(proposal.digest))
        texts = admit_commands(proposal, asset_of(state, proposal.body["asset_code"]), len(state.assets))
        return texts, (paper,)
    if asked.market is not None:
        asset_id = asset_of(state, asked.market)
        if asset_id is None:
            raise CliError(f"expected an asset of the record, found {asked.market!r}: draft and hand in --admit first")
        terms = MarketTerms(**(asked.terms or {}))
        texts = market_commands(known, asset_id, len(state.markets) + 1, terms, day)
        return texts, (Document("business rules", bytes.fromhex(str(texts[0]["rulebook_hash"]))),)
    order = next((each for each in known.orders if each.number == asked.delist), None)
    code = next((p.body["asset_code"] for p in known.proposals.values() if order and p.token == order.token), "")
    asset_id = asset_of(state, code)
    if order is None or asset_id is None:
        raise CliError(f"expected an order to delist an asset of the record, found {asked.delist}")
    return delist_commands(order, asset_id), (
        Document(f"notice to clients {order.number}", bytes.fromhex(order.digest)),
    )


def terms_of(pairs: list[str]) -> dict[str, int]:
    """Return the terms of a market. Raises: CliError."""
    found = {name: value for name, value in TERMS.items() if value is not None}
    for each in pairs:
        name, _, text = each.partition("=")
        digits = text.replace("_", "")
        if name not in TERMS or not (digits.isascii() and digits.isdecimal() and len(digits) < 39):
            raise CliError(f"--set: expected one of {', '.join(TERMS)} and a whole number, found {each!r}")
        found[name] = int(digits)
    missing = [name for name in TERMS if name not in found]
    if missing:
        raise CliError(f"--set: expected {', '.join(missing)} for a market, found none")
    return found
