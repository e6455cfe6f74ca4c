"""The admission desk of the demonstration: charter, disclosures, and a first token admitted from the authority's list.

A third person joins the two officers, so that a committee can decide what another has proposed. The acts are of today,
while the market that was played before has its own time: the record goes on at today's time from here on.
"""

from __future__ import annotations

import json
import shutil
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.authority.desk import AuthorityDesk
from tarazy.cli.authority.arguments import DESK_KEY
from tarazy.cli.demo.demo_authority import FACILITY, FIRST_TOKEN, TOKEN, authority_beside
from tarazy.cli.demo.house_acts import evidence
from tarazy.cli.errors import CliError
from tarazy.cli.facility.admission.arguments import officers_of
from tarazy.cli.market_data.tally import Tally
from tarazy.console.authority.services import AuthorityServices
from tarazy.domain import records as r
from tarazy.domain.reject_codes import RejectCode
from tarazy.domain.signer import KeySigner
from tarazy.facility.admission.acknowledgements import Acknowledgements
from tarazy.facility.admission.commands import MarketTerms, admit_commands, market_commands
from tarazy.facility.admission.desk import AdmissionDesk, admission_beside
from tarazy.facility.admission.disclosing import to_acknowledge
from tarazy.facility.officers.drafts import command_of
from tarazy.facility.officers.key_files import load_key_file, new_key_file
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import keys_folder
from tarazy.market_data.acting import EVERY_ROLE, FOR_EVER_NS, Desk
from tarazy.spec.state import State
from tarazy.spec.venue import Venue

PAPERS = Path(__file__).with_name("disclosed_papers.toml")
COMMITTEE_KEY = "committee"
SCALE, PRICE_SHARE = 8, 20  # of the first market's price: made up, as the token's evidence is
COLLAR_PPM, CORRIDOR_PPM, AUCTION_MS = 100_000, 50_000, 5_000
AUTHORITY_APPROVAL = "made up for the demonstration"


class FirstListing(NamedTuple):
    """The first token of the desk: its code, the decision's number and hash, the day of the list, the desk's acts."""

    code: str
    proposal: int
    decision: str
    list_on: str
    acts: int


class DemoOfficers(NamedTuple):
    """The desk with the keys of those who act at it."""

    desk: AdmissionDesk
    keys: dict[int, KeySigner]

    def act(self, officer_id: int, act: str, subject: str, body: dict[str, Any]) -> int:
        """Act as an officer and return the act's number."""
        return self.desk.act(officer_id, self.keys[officer_id], act, subject, body).unsigned.number


def list_first_token(directory: Path, sequencer: Sequencer, desk: Desk, tally: Tally) -> FirstListing:
    """Found the desk beside a record and bring a token from the authority's list onto a market.

    Raises: CliError where the venue refuses a command; ActRefusedError where a desk refuses an act.
    """
    shutil.rmtree(admission_beside(directory), ignore_errors=True)
    key = new_key_file(keys_folder(directory) / f"{COMMITTEE_KEY}.key", f"{COMMITTEE_KEY} of the demonstration")
    order(sequencer, desk, tally, [r.AdvanceTime(time.time_ns())], is_signed=False)
    order(sequencer, desk, tally, [r.RegisterOfficer(EVERY_ROLE, 0, 1, FOR_EVER_NS, key.public_key)])
    order(sequencer, desk, tally, observed_balances(state_now(sequencer)))
    state = state_now(sequencer)
    officers, third = officers_of(state), len(state.authority.officers)
    people = {each.officer_id: load_key_file(keys_folder(directory) / f"officer-{each.officer_id}.key")
              for each in desk.people}  # fmt: skip
    identity = load_identity(directory)
    with AdmissionDesk.open(directory, identity.facility_id, officers, new=True) as opened:
        acting = DemoOfficers(opened, people | {third: key})
        take_in_papers(acting, authority_beside(directory), third)
        disclose(acting)
        decide(acting, third, TOKEN, "BTC")  # after the fact: the played market had it already, which the rules find
        number = decide(acting, third, FIRST_TOKEN, "ETH")
        known = opened.state
        proposal = known.proposals[number]
        order(sequencer, desk, tally, [r.AdvanceTime(time.time_ns())], is_signed=False)  # the decision came first
        order(sequencer, desk, tally, [*map(command_of, admit_commands(proposal, None, len(state.assets)))])
        terms = market_terms(state)
        asset_id, market_id = len(state.assets) + 1, len(state.markets) + 1
        commands = market_commands(known, asset_id, market_id, terms, opened.today)
        order(sequencer, desk, tally, [*map(command_of, commands)])
        acts, list_on = len(opened.record.lines), str(known.lists[-1]["on"])
        return FirstListing(str(proposal.body["asset_code"]), number, proposal.digest, list_on, acts)


def order(sequencer: Sequencer, desk: Desk, tally: Tally, commands: list[Any], *, is_signed: bool = True) -> None:
    """Order commands, signed by the two people. Raises: CliError where the venue refuses one."""
    packed, entry, engine = b"".join(each.pack() for each in commands), b"", sequencer.engine
    if is_signed:
        packed, entry = desk.sign(packed, desk.people, engine.last_ts_ns, known_seq=engine.next_seq - 1)
    events = sequencer.execute(packed, instructions=entry)
    tally.add(packed, events)
    for at in range(0, len(events), r.RECORD_SIZE):
        if int.from_bytes(events[at : at + 2], "little") == r.EventKind.command_rejected:
            event = r.CommandRejected.unpack(events, at)
            kind, code = r.CommandKind(event.command_kind).name, RejectCode(event.reject_code).name
            raise CliError(f"the first listing: expected {kind} to be done, found {code}")


def state_now(sequencer: Sequencer) -> State:
    """Return the state as the readable venue's."""
    return Venue.restore(sequencer.engine.snapshot()).state


def observed_balances(state: State) -> list[r.ReportBalance]:
    """Return what bank and custodian observed at every place of the clients' pool: made up, and as the ledger."""
    reports = []
    for asset in state.assets:
        for place in r.CustodyLocation:
            held = state.ledger.custody(r.Estate.client, place, asset.asset_id).minor
            if held:
                paper = evidence(f"statement of {asset.asset_id} in {place.name} at {state.last_ts_ns}")
                terms = (asset.asset_id, state.last_ts_ns, held, paper)
                reports.append(r.ReportBalance(r.Estate.client, place, 0, *terms))
    return reports


def take_in_papers(acting: DemoOfficers, authority: Path, third: int) -> None:
    """Put a charter into force, and import the authority's list and register as they are now."""
    key = load_key_file(authority / DESK_KEY)
    with AuthorityDesk.open(authority, reads_only=True) as desk:
        services = AuthorityServices(desk, key)
        texts = {"list.import": services.green_list(), "register.import": services.register()}
        named = {"authority": desk.state.title, "authority_key": desk.state.desk_key, "licensee": FACILITY}
    charter = {**named, "members": [1, 2, third], "quorum": 2, "list_days_max": 7}
    number = acting.act(1, "charter.propose", "facility", charter)
    acting.act(2, "charter.approve", "facility", {"charter": number})
    for act, paper in texts.items():
        acting.act(1, act, "facility", {"paper": json.dumps(paper)})


def disclose(acting: DemoOfficers) -> None:
    """Publish a paper of every head, drafted by one and approved by another."""
    today = datetime.now(UTC).date()
    days = {"effective": today.isoformat(), "review_by": (today + timedelta(days=365)).isoformat()}
    approved = {"authority_approval": AUTHORITY_APPROVAL, "authority_approved_on": today.isoformat()}
    for head, row in tomllib.loads(PAPERS.read_text(encoding="utf-8")).items():
        body = {"title": row["title"], "text": row["text"].strip(), "language": "en", **days, **approved}
        acting.act(2, "paper.approve", head, {"paper": acting.act(1, "paper.draft", head, body)})


def decide(acting: DemoOfficers, third: int, token: str, code: str) -> int:
    """Bring a token through the committee and return the proposal's number."""
    papers = {name: evidence(f"{name} of {token}").hex() for name in ("assessment", "undertaking")}
    terms = {"asset_code": code, "scale": SCALE, "investment_type": "digital_asset", "applicant": "operator"}
    reason = {"reason": "a token of the demonstration"}
    number = acting.act(1, "listing.propose", token, {**terms, **papers, **reason})
    for officer in (2, third):
        acting.act(officer, "listing.vote", token, {"proposal": number, "vote": "for", **reason})
    return number


def market_terms(state: State) -> MarketTerms:
    """Return terms like the first market's, at a made-up price."""
    first = state.markets[0]
    price = max((first.last_price_ticks or first.reference_price_ticks) // PRICE_SHARE, 1)
    fees = (first.maker_fee_ppm, first.taker_fee_ppm, COLLAR_PPM, CORRIDOR_PPM, AUCTION_MS)
    sizes = (first.quantity_max_lots, 10 ** state.assets[first.quote_asset_id - 1].scale, first.notional_max_minor)
    return MarketTerms(first.quote_asset_id, first.lot_size_minor, first.tick_value_minor, price, *fees, *sizes)


def confirm_papers(directory: Path, accounts: Iterator[int] | range) -> None:
    """Let the made-up clients confirm what comes before a first order; a real one reads it on its own page."""
    identity = load_identity(directory)
    with AdmissionDesk.open(directory, identity.facility_id, {}, reads_only=True) as desk:
        papers = to_acknowledge(desk.state.papers, desk.today)
    store = Acknowledgements(admission_beside(directory))
    for account in accounts:
        store.confirm(account, papers, "demonstration")
    store.close()
