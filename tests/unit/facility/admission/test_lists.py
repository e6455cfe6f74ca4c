"""The authority's list: signed by its key, dated, never older than the last, and what leaves it must leave trading."""

from __future__ import annotations

import json

import pytest

from tarazy.domain.records import AdmitAsset, AssetKind, OpenMarket, RegisterAsset, ScheduleDelisting, SuspendAsset
from tarazy.domain.signer import KeySigner
from tarazy.facility.admission.checks import AdmissionSeen, AssetSeen, admission_findings
from tarazy.facility.admission.commands import MarketTerms, admit_commands, delist_commands, market_commands
from tarazy.facility.admission.delistings import steps_due
from tarazy.facility.admission.gate import KnownAsset, check_commands
from tarazy.facility.officers.drafts import command_of
from tarazy.oversight.publications.green_list import ListChange, difference
from tarazy.platform.signed_acts.errors import ActRefusedError

from .bureau import TOKEN, Bureau, seconds

REMOVED = {**TOKEN, "state": "removed", "withdrawals_until": "2027-02-15"}
SUSPENDED = {**TOKEN, "state": "suspended"}
DAYS = {"cancel_only": "2026-12-10", "close": "2026-12-20", "withdraw_until": "2027-02-15"}
USD = KnownAsset(AssetKind.fiat, "USD")


def test_a_list_of_another_key_or_one_that_was_changed_is_refused(bureau: Bureau) -> None:
    bureau.chartered()
    text = bureau.listing(TOKEN)
    for changed in (text.replace("BTC", "XTC"), text.replace(bureau.authority.public_key.hex(), "cd" * 32), "{}", "["):
        with pytest.raises(ActRefusedError):
            bureau.act("list.import", "facility", {"paper": changed})
    assert bureau.desk.state.lists == []


def test_a_register_is_no_list(bureau: Bureau) -> None:
    bureau.chartered()
    found = json.loads(bureau.listing(TOKEN))
    as_register = json.dumps({**found, "register": found["list"]})
    with pytest.raises(ActRefusedError, match="the signature of its desk"):
        bureau.act("register.import", "facility", {"paper": as_register})


def test_an_older_list_never_comes_back_and_none_is_of_tomorrow(bureau: Bureau) -> None:
    bureau.chartered().imported(on="2026-11-30")
    old = bureau.listing(TOKEN, on="2026-11-29")
    with pytest.raises(ActRefusedError, match="2026-11-30 or later"):
        bureau.act("list.import", "facility", {"paper": old})
    with pytest.raises(ActRefusedError, match="found one of 2026-12-01"):
        bureau.act("list.import", "facility", {"paper": bureau.listing(TOKEN, on="2026-12-01")})


def test_a_list_of_eight_days_ago_admits_nothing_more(bureau: Bureau) -> None:
    number = bureau.ready().adopted()
    digest = bytes.fromhex(bureau.desk.state.proposals[number].digest)
    command, assets = AdmitAsset(asset_id=2, decision_hash=digest), {1: USD, 2: KnownAsset(AssetKind.digital, "BTC")}
    check_commands(bureau.desk.state, [command], assets, "2026-12-07")
    with pytest.raises(ActRefusedError, match="a green list of the last 7 days, found one of 2026-11-30"):
        check_commands(bureau.desk.state, [command], assets, "2026-12-08")


def test_two_lists_differ_by_what_came_what_left_and_what_changed() -> None:
    before = {"tokens": [TOKEN, {**TOKEN, "name": "ether", "symbol": "ETH"}]}
    after = {"tokens": [{**TOKEN, "conditions": ["caps"]}], "off": [{**TOKEN, "name": "luna", "state": "removed"}]}
    assert difference(before, after) == [
        ListChange("bitcoin", "conditions", "", "caps"),
        ListChange("ether", "state", "listed", ""),
        ListChange("luna", "state", "", "removed"),
    ]


def test_the_gate_lets_through_what_was_decided_and_nothing_else(bureau: Bureau) -> None:
    number = bureau.ready().adopted()
    state, day = bureau.desk.state, bureau.desk.today
    commands = [command_of(each) for each in admit_commands(state.proposals[number], None, 1)]
    assert [type(each) for each in commands] == [RegisterAsset, AdmitAsset]
    check_commands(state, commands, {1: USD}, day)
    check_commands(state, [AdmitAsset(asset_id=1, decision_hash=bytes(32))], {1: USD}, day)  # a national currency
    for wrong in (
        [AdmitAsset(asset_id=2, decision_hash=bytes(31) + b"\1")],
        [AdmitAsset(asset_id=3, decision_hash=bytes.fromhex(state.proposals[number].digest))],
        [OpenMarket(base_asset_id=3, quote_asset_id=1)],
        [OpenMarket(base_asset_id=1, quote_asset_id=3)],
    ):
        known = {1: USD, 2: KnownAsset(AssetKind.digital, "BTC"), 3: KnownAsset(AssetKind.digital, "ETH")}
        with pytest.raises(ActRefusedError, match="a decision of the committee"):
            check_commands(state, wrong, known, day)


def test_a_market_needs_the_investment_type_of_the_day(bureau: Bureau) -> None:
    bureau.ready().adopted()
    market, assets = OpenMarket(base_asset_id=2, quote_asset_id=1), {1: USD, 2: KnownAsset(AssetKind.digital, "BTC")}
    check_commands(bureau.desk.state, [market], assets, bureau.desk.today)
    bureau.licensed(types=["security_token"])
    with pytest.raises(ActRefusedError, match="found digital_asset"):
        check_commands(bureau.desk.state, [market], assets, bureau.desk.today)


def test_a_market_opens_under_the_business_rules_that_were_published(bureau: Bureau) -> None:
    bureau.ready().adopted()
    terms = MarketTerms(1, 100_000, 1, 7_800, 1_000, 1_000, 100_000, 50_000, 60_000, 10**9, 0, 10**30)
    with pytest.raises(ActRefusedError, match="business rules in force"):
        market_commands(bureau.desk.state, 2, 1, terms, bureau.desk.today)
    bureau.published("business-rules")
    commands = [command_of(each) for each in market_commands(bureau.desk.state, 2, 1, terms, bureau.desk.today)]
    assert [type(each).__name__ for each in commands] == ["OpenMarket", "SetMarketRules", *["SetMarketState"] * 2]
    assert commands[0].rulebook_hash.hex() == bureau.desk.state.papers[0]["sha256"]


def test_a_suspension_by_the_authority_becomes_an_instruction_with_words_to_clients(bureau: Bureau) -> None:
    bureau.ready().adopted()
    assert steps_due(bureau.desk.state) == {}
    bureau.imported(off=(SUSPENDED,))
    assert steps_due(bureau.desk.state) == {"bitcoin": "suspend"}
    bureau.act("delisting.order", "bitcoin", {"step": "suspend", "words": "Trading stops; withdrawals go on."})
    order = bureau.desk.state.orders[0]
    (command,) = [command_of(each) for each in delist_commands(order, 2)]
    assert command == SuspendAsset(asset_id=2, decision_hash=bytes.fromhex(order.digest))
    assert steps_due(bureau.reopened().desk.state) == {}
    bureau.imported(off=(REMOVED,))
    assert steps_due(bureau.desk.state) == {"bitcoin": "delist"}


def test_a_removal_becomes_steps_that_leave_the_authority_s_window(bureau: Bureau) -> None:
    bureau.ready().adopted()
    bureau.imported(off=(REMOVED,))
    for wrong, words in (
        ({"cancel_only": "2026-11-30"}, "after 2026-11-30"),
        ({"close": "2026-12-09"}, "cancel only, then close"),
        ({"withdraw_until": "2027-02-14"}, "until 2027-02-15 or later"),
    ):
        with pytest.raises(ActRefusedError, match=words):
            bureau.act("delisting.order", "bitcoin", {"step": "delist", "words": "x", **DAYS, **wrong})
    with pytest.raises(ActRefusedError, match="the days cancel_only"):
        bureau.act("delisting.order", "bitcoin", {"step": "delist", "words": "x"})
    bureau.act("delisting.order", "bitcoin", {"step": "delist", "words": "Bitcoin leaves.", **DAYS})
    (command,) = [command_of(each) for each in delist_commands(bureau.desk.state.orders[0], 2)]
    assert isinstance(command, ScheduleDelisting)
    assert command.close_ns == (int(seconds("2026-12-20")) - 12 * 3_600) * 10**9  # midnight before noon
    assert command.withdraw_until_ns == (int(seconds("2027-02-16")) - 12 * 3_600 - 1) * 10**9
    assert steps_due(bureau.desk.state) == {}


def test_a_token_of_which_the_list_says_nothing_any_more_must_leave_too(bureau: Bureau) -> None:
    bureau.ready().adopted()
    bureau.imported()
    assert steps_due(bureau.desk.state) == {"bitcoin": "delist"}


def test_a_token_that_came_back_is_decided_anew_and_may_leave_again(bureau: Bureau) -> None:
    bureau.ready().adopted()
    bureau.imported(off=(REMOVED,))
    bureau.act("delisting.order", "bitcoin", {"step": "delist", "words": "x", **DAYS})
    bureau.go_to("2027-06-01").licensed(expires="2028-01-01").imported(TOKEN)
    bureau.adopted()
    assert steps_due(bureau.desk.state) == {}
    bureau.imported(off=({**REMOVED, "withdrawals_until": "2027-09-01"},))
    assert steps_due(bureau.desk.state) == {"bitcoin": "delist"}


def test_the_check_finds_what_was_listed_past_the_committee(bureau: Bureau) -> None:
    number = bureau.ready().adopted()
    decision = bureau.desk.state.proposals[number]
    assets = {1: AssetSeen(AssetKind.fiat, "USD", 2), 2: AssetSeen(AssetKind.digital, "BTC", 2)}
    now_ns = int(bureau.at + 1) * 10**9

    def codes(*seen: AdmissionSeen) -> set[str]:
        found = admission_findings(bureau.desk, seen, assets, bureau.desk.today)
        return {each.code for each in found if not each.code.startswith("disclosure.")}

    fiat = AdmissionSeen(1, now_ns, "00" * 32)
    assert codes(fiat, AdmissionSeen(2, now_ns, decision.digest)) == set()
    assert codes(AdmissionSeen(2, now_ns, "11" * 32)) == {"admission.undecided"}
    assert codes(AdmissionSeen(2, now_ns - 60 * 10**9, decision.digest)) == {"admission.undecided"}  # before it
    bureau.imported(off=(SUSPENDED,))
    assert codes() == {"list.suspend"}
    bureau.licensed(state="suspended")
    assert codes() == {"list.suspend", "licence.type"}
    bureau.go_to("2026-12-20")
    assert codes() == {"list.suspend", "licence.type", "list.stale"}


def test_of_two_lists_of_one_day_the_earlier_one_never_comes_back(bureau: Bureau) -> None:
    """A token that was taken off at noon is not put on again by the list of that morning."""
    bureau.ready()
    morning = bureau.listing(TOKEN)
    bureau.imported(SUSPENDED)
    with pytest.raises(ActRefusedError, match="a newer one has replaced"):
        bureau.act("list.import", "facility", {"paper": morning})
    with pytest.raises(ActRefusedError, match="listed by Trial"):
        bureau.proposed()


def test_list_of_an_authority_that_the_charter_names_no_longer_admits_nothing(bureau: Bureau) -> None:
    bureau.ready().authority = KeySigner.from_seed(b"B" * 32)
    bureau.chartered()
    with pytest.raises(ActRefusedError, match="signed by the authority of the charter"):
        bureau.proposed()
    bureau.licensed().imported(TOKEN)
    assert bureau.proposed()
