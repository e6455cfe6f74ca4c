"""The closing report of `tarazy demo`: what happened, who owns what, what was checked, what the record is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table
from rich.text import Text

from tarazy.cli.decimals import decimal
from tarazy.cli.demo.demo_admission import FirstListing
from tarazy.cli.demo.demo_authority import authority_beside
from tarazy.cli.demo.house_acts import Act
from tarazy.cli.market_data.playing import ReplayedFlow
from tarazy.cli.output import Output
from tarazy.cli.words import Words, plain
from tarazy.domain.records import CustodyLocation, Estate
from tarazy.facility.admission.desk import admission_beside
from tarazy.journal.keys import keys_folder
from tarazy.journal.segment import SEGMENT_HEADER_SIZE
from tarazy.journal.verify import VerifyReport
from tarazy.spec.ledger import Kind
from tarazy.spec.state import State

INVARIANTS = {
    "CONSERVE": "every posting has two sides and sums to zero per asset",
    "SEGREGATE": "client pool + shortfall = owed to clients + unattributed + fees + float",
    "COVER": "no balance is ever negative",
    "EXIT": "client assets leave only by the transfers so marked, in exact amounts",
    "ADMIT": "only an admitted asset trades, only in an open market",
    "OWN": "the operator does not trade, no owner trades with itself",
    "ORDER": "price-time priority, no trade-through, no queue jump",
    "RELEASE": "nothing leaves before it is durable",
}


class Record(NamedTuple):
    """The journal's folder, what `verify` says of it, and what it says of a thief's copy."""

    directory: Path
    verified: VerifyReport
    theft: VerifyReport


def show_report(
    output: Output,
    state: State,
    played: ReplayedFlow,
    counts: dict[str, int],
    told: list[tuple[Act, str]],
    record: Record,
) -> None:
    """Print the report."""
    output.show(activity_table(state, played))
    for line in played.report.in_words():
        output.say(f"  {line}", style="dim")
    output.show(refusal_table(played))
    output.show(balance_table(state))
    output.show(acts_table(told))
    output.show(invariant_table(counts))
    show_record(output, record)


def show_record(output: Output, record: Record) -> None:
    """Print what the record is, what of it is signed by whom, and how a forgery fares."""
    verified, head = record.verified, record.verified.head
    directory = record.directory
    output.say("\nThe record", style="bold")
    if head is None:
        return
    size = f"{used_bytes(directory):,} bytes in {head.frame_number:,} frames, {allocated(directory):,} allocated"
    output.say(f"  {directory}: {size}")
    output.say(f"  head {head.frame_number}:{head.frame_hash.hex()}")
    chained = f"{verified.chained_commands:,} commands are only chained"
    output.say(f"  the facility signed everything up to command {verified.covered_seq:,}; {chained}")
    output.say(f"  officers signed {verified.instructions:,} instructions with {verified.signatures:,} signatures")
    output.say(
        f"  their keys lie side by side in {keys_folder(directory).name}, as in a real facility no two of them do"
    )
    output.say("  a thief with the server and the facility's key, without an officer's, credits itself a deposit:")
    damage = record.theft.damage
    if damage is None:
        output.say("  verify did NOT find it", style="bold red")
    else:
        output.say(f"  verify refuses frame {damage.frame}: {damage.what}", style="green")


def show_first_listing(output: Output, directory: Path, first: FirstListing) -> None:
    """Print how the first token came onto a market, and where to read it."""
    output.say("\nThe two houses", style="bold")
    output.say(f"  {authority_beside(directory)}: an authority that licensed the facility and keeps the green list")
    output.say(f"  {admission_beside(directory)}: the facility's admission desk, {first.acts} signed acts")
    decided = f"decision {first.proposal} of its committee, {first.decision[:16]}, from the list of {first.list_on}"
    output.say(f"  {first.code} was admitted under {decided}; its market is open")
    output.say(f"  look again: tarazy facility admission show {directory}", style="dim")


def plain_table(title: str, *columns: str, numbers: bool = True) -> Table:
    """Return an empty table; its columns after the first are numbers, to the right, or words."""
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(columns[0], no_wrap=True)
    for column in columns[1:]:
        table.add_column(column, justify="right" if numbers else "left", no_wrap=True)
    table.show_header = any(columns)
    return table


def activity_table(state: State, played: ReplayedFlow) -> Table:
    """Return commands, orders, fills, volumes and fees."""
    tally, words = played.tally, Words(state)
    table = plain_table("What happened", "", "", numbers=False)
    commands = sum(tally.commands.values())
    rate = commands / played.seconds if played.seconds else 0
    table.add_row("commands", f"{commands:,} in {played.seconds:.1f} s ({rate:,.0f}/s, reading the flow, and durable)")
    table.add_row("accounts", f"{len(state.accounts):,}")
    table.add_row("orders", f"{tally.orders:,}")
    table.add_row("fills", f"{tally.fills:,}")
    for market in state.markets:
        number = market.market_id
        turnover = words.amount(market.quote_asset_id, market.tick_value_minor * tally.turnover[number])
        table.add_row("volume", f"{words.quantity(number, tally.volume_lots[number])} for {turnover}")
        fees = (
            words.amount(market.base_asset_id, tally.buyer_fees[number]),
            words.amount(market.quote_asset_id, tally.seller_fees[number]),
        )
        table.add_row("fees", " and ".join(fees))
    return table


def refusal_table(played: ReplayedFlow) -> Table:
    """Return how often each refusal was given."""
    table = plain_table("Refused, by code", "", "")
    for name, times in played.tally.refused_by_name().items():
        table.add_row(name, f"{times:,}")
    return table


def balance_table(state: State) -> Table:
    """Return who owns what, an asset a column: the client estate adds up in itself, and so does the house's."""
    codes = [asset.asset_code.rstrip(b"\0").decode() for asset in state.assets]
    table = plain_table("Who owns what", "", *codes)
    for words, kind in OWNERS:
        table.add_row(words, *(decimal(state.ledger.asset(a.asset_id).totals[kind], a.scale) for a in state.assets))
    return table


OWNERS = (
    ("clients, available", Kind.available),
    ("clients, held by orders and withdrawals", Kind.held),
    ("receipts whose owner is not known", Kind.unattributed),
    ("fees earned and not yet swept", Kind.fees_earned),
    ("float for network fees, lent by the house", Kind.network_float),
    ("less: shortfall that the house must fund", Kind.shortfall),
    ("= client pool, in custody", Kind.client_custody),
    ("house", Kind.house_equity),
    ("= house pool, in custody", Kind.house_custody),
)


def acts_table(told: list[tuple[Act, str]]) -> Table:
    """Return what was done besides trading, and what was tried in vain."""
    table = plain_table("Besides trading", "", "signed by", "", numbers=False)
    for act, refusal in told:
        table.add_row(act.words, act.by.value, Text(f"refused: {refusal}", "red") if refusal else "done")
    return table


def invariant_table(counts: dict[str, int]) -> Table:
    """Return how often each invariant was checked. A broken one would have stopped the writer."""
    table = plain_table("Invariants, and how often each was checked", "", "")
    table.add_column("", no_wrap=True)
    for name, words in INVARIANTS.items():
        table.add_row(name, f"{counts[name]:,}", words)
    return table


def used_bytes(directory: Path) -> int:
    """Return how many bytes of the segments hold the record: up to the last byte that is not zero."""
    used = 0
    for path in sorted((directory / "segments").glob("*.seg")):
        used += max(len(path.read_bytes().rstrip(b"\0")), SEGMENT_HEADER_SIZE)
    return used


def allocated(directory: Path) -> int:
    """Return how many bytes the segments take on the device."""
    return sum(path.stat().st_size for path in (directory / "segments").glob("*.seg"))


def report_as_json(state: State, played: ReplayedFlow, counts: dict[str, int], record: Record) -> dict[str, Any]:
    """Return the report for programs."""
    tally, verified = played.tally, record.verified
    head, damage = verified.head, record.theft.damage
    return {
        "commands": sum(tally.commands.values()),
        "orders": tally.orders,
        "fills": tally.fills,
        "volume_lots": {str(market): lots for market, lots in tally.volume_lots.items()},
        "refused": tally.refused_by_name(),
        "seconds": round(played.seconds, 3),
        "assets": [asset_as_json(state, asset.asset_id) for asset in state.assets],
        "invariants": counts,
        "journal_bytes": used_bytes(record.directory),
        "head_frame": head.frame_number if head else 0,
        "head_hash": head.frame_hash if head else b"",
        "instructions": verified.instructions,
        "signatures": verified.signatures,
        "covered_seq": verified.covered_seq,
        "chained_commands": verified.chained_commands,
        "forgery_found": type(damage).__name__ if damage else "",
        "flow": played.report.to_json(),
    }


def asset_as_json(state: State, asset_id: int) -> dict[str, Any]:
    """Return an asset's totals and custody locations, in minor units."""
    asset, ledger = state.assets[asset_id - 1], state.ledger.asset(asset_id)
    locations = {
        f"{estate.name}_{location.name}": state.ledger.custody(estate, location, asset_id).minor
        for estate in Estate
        for location in CustodyLocation
    }
    totals = {plain(kind.name).replace(" ", "_"): ledger.totals[kind] for kind in Kind}
    return {"asset": asset.asset_code.rstrip(b"\0").decode(), "scale": asset.scale} | totals | {"locations": locations}
