"""The admission desk on the command line: a token goes from the authority's list to trading, and leaves it again.

What must hold: AIFC DAA 2.8.1(3)(a), the decision comes first; R67 of our facts, no trading while suspended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tarazy.cli.market_data.playing import KEY_NAMES
from tarazy.domain.signer import KeySigner
from tarazy.journal.keys import keys_folder
from tarazy.oversight.publications.disclosures import every_head
from tarazy.oversight.publications.signed_papers import GREEN_LIST, REGISTER, sign_paper

from ..trading_stage import Served, make_facility, new_key, served
from ..web_person import PageClient, new_person
from .conftest import Done
from .offices import Run
from .test_gateway_attacks import ORDER, Trader

AUTHORITY = KeySigner.from_seed(b"A" * 32)
DOCUMENT = "ab" * 32
TOKEN = {"name": "bitcoin", "symbol": "BTC", "state": "listed", "chain": "bitcoin", "class": "native"}


def day(days: int) -> str:
    """Return a day from today on, UTC."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


class House(NamedTuple):
    """A facility with three officers and an admission desk."""

    tarazy: Run
    folder: Path
    keys: tuple[Path, ...]

    @property
    def facility(self) -> Path:
        """Return the facility's folder."""
        return self.folder / "venue"

    def act(self, officer: int, act: str, subject: str, *, files: dict[str, Path] | None = None, **fields: str) -> Done:
        """Act at the desk."""
        words = [f"--set={name.rstrip('_')}={value}" for name, value in fields.items()]
        words += [f"--file={name}={path}" for name, path in (files or {}).items()]
        key = ("--officer", officer, "--key", self.keys[officer - 1], "--json")
        return self.tarazy("facility", "admission", "act", self.facility, act, subject, *words, *key)

    def publish(self, kind: str, rows: dict[str, Any]) -> Done:
        """Import a paper that the authority has signed."""
        data = {"authority": "Trial", "on": day(0), "head": DOCUMENT, **rows}
        path = self.folder / f"{kind}.json"
        path.write_text(json.dumps(sign_paper(kind, data, AUTHORITY)))
        return self.act(1, f"{kind}.import", "facility", files={"paper": path})

    def submit(self, name: str, *words: object) -> Done:
        """Draft at the desk, sign by two and hand in."""
        draft = self.folder / f"{name}.json"
        who = ("--officer", 1, "--approver", 2)
        done = self.tarazy("facility", "admission", "draft", self.facility, draft, *words, *who)
        assert done.code == 0, done.err
        for key in self.keys[:2]:
            assert self.tarazy("instruct", "sign", draft, "--key", key).code == 0
        return self.tarazy("instruct", "submit", self.facility, draft, "--engine", "spec", "--json")

    def check(self) -> set[str]:
        """Return the grave findings that are not about disclosures."""
        done = self.tarazy("facility", "admission", "check", self.facility, "--json")
        return {row["code"] for row in done.json["findings"] if not row["code"].startswith("disclosure.")}


@pytest.fixture
def house(tarazy: Run, tmp_path: Path) -> House:
    """Found a facility and its desk, under an authority that licensed it and lists Bitcoin."""
    keys = tuple(tmp_path / f"{name}.key" for name in ("aigerim", "bolat", "dana"))
    for key in keys:
        assert tarazy("officer", "new", key).code == 0
    officers = [word for key in keys for word in ("--officer", key)]
    assert tarazy("facility", "create", tmp_path / "venue", "--name", "Venue", *officers).code == 0
    assert tarazy("facility", "admission", "new", tmp_path / "venue").code == 0
    made = House(tarazy, tmp_path, keys)
    terms = {"authority": "Trial", "authority_key": AUTHORITY.public_key.hex(), "licensee": "caspian"}
    done = made.act(1, "charter.propose", "facility", **terms, members="1\n2\n3", quorum="2", list_days_max="7")
    number = done.json["act"]["number"]
    assert made.act(2, "charter.approve", "facility", charter=str(number)).code == 0
    licence = {"name": "caspian", "title": "Caspian", "state": "active", "number": "AFSA-A-LA-2026-0001"}
    licence |= {"types": ["digital_asset"], "from": day(-1), "expires": day(365)}  # type: ignore[dict-item]
    assert made.publish(REGISTER, {"licences": [licence]}).code == 0
    assert made.publish(GREEN_LIST, {"tokens": [TOKEN], "off": []}).code == 0
    return made


def adopt(house: House) -> int:
    """Bring Bitcoin through the committee."""
    fields = {"asset_code": "BTC", "scale": "8", "investment_type": "digital_asset", "applicant": "operator"}
    done = house.act(1, "listing.propose", "bitcoin", **fields, assessment=DOCUMENT, reason="meets our rules")
    number: int = done.json["act"]["number"]
    for officer, outcome in ((2, "proposed"), (3, "adopted")):
        done = house.act(officer, "listing.vote", "bitcoin", proposal=str(number), vote="for", reason="looked at")
        assert done.json["outcome"] == outcome, done.err
    return number


def test_an_asset_that_nobody_decided_on_is_not_handed_in(house: House, tarazy: Run) -> None:
    draft, papers = house.folder / "past.json", house.folder / "decision.txt"
    papers.write_text("The head of operations wants it.\n")
    commands = ("--command", "RegisterAsset", "asset_kind=digital", "scale=8", "asset_code=BTC", "dti=")
    commands += ("--command", "AdmitAsset", "asset_id=1", f"decision_hash=@{papers}")
    who = ("--facility", house.facility, "--officer", 1, "--approver", 2)
    assert tarazy("instruct", "draft", draft, *who, *commands).code == 0
    for key in house.keys[:2]:
        assert tarazy("instruct", "sign", draft, "--key", key).code == 0
    done = tarazy("instruct", "submit", house.facility, draft, "--engine", "spec")
    assert (done.code, "expected a decision of the committee on BTC" in done.err) == (1, True)
    assert house.check() == set()


def test_a_token_is_listed_traded_suspended_and_delisted_as_the_authority_s_list_says(house: House) -> None:
    number = adopt(house)
    assert house.submit("admit", "--admit", number).json["refused"] == 0
    assert house.check() == set()
    refused = house.tarazy(
        *("facility", "admission", "draft", house.facility, house.folder / "m.json", "--market", "BTC"),
        *("--officer", 1, "--approver", 2, "--set=quote_asset_id=1", "--set=lot_size_minor=1"),
        *("--set=tick_value_minor=1", "--set=reference_price_ticks=1"),
    )
    assert (refused.code, "business rules in force" in refused.err) == (1, True)

    off = {**TOKEN, "state": "suspended"}
    assert house.publish(GREEN_LIST, {"tokens": [], "off": [off]}).code == 0
    assert house.check() == {"list.suspend"}
    diff = house.tarazy("facility", "admission", "diff", house.facility, "--json").json
    assert diff["changes"] == [{"token": "bitcoin", "what": "state", "before": "listed", "after": "suspended"}]
    order = house.act(1, "delisting.order", "bitcoin", step="suspend", words="Trading stops.")
    done = house.submit("suspend", "--delist", order.json["act"]["number"])
    assert done.json["refused"] == 0
    assert house.check() == set()

    removed = {**TOKEN, "state": "removed", "withdrawals_until": day(60)}
    assert house.publish(GREEN_LIST, {"tokens": [], "off": [removed]}).code == 0
    days = {"cancel_only": day(10), "close": day(20)}
    short = house.act(
        1, "delisting.order", "bitcoin", step="delist", words="It leaves.", withdraw_until=day(59), **days
    )
    assert (short.code, f"withdrawals until {day(60)} or later" in short.err) == (1, True)
    order = house.act(
        1, "delisting.order", "bitcoin", step="delist", words="It leaves.", withdraw_until=day(60), **days
    )
    assert house.submit("delist", "--delist", order.json["act"]["number"]).json["refused"] == 0
    shown = house.tarazy("facility", "admission", "show", house.facility, "--json").json
    assert (shown["due"], [each["step"] for each in shown["orders"]]) == ({}, ["suspend", "delist"])


def test_a_suspended_licence_stops_what_was_decided_before(house: House) -> None:
    number = adopt(house)
    licence = {"name": "caspian", "title": "Caspian", "state": "suspended", "number": "AFSA-A-LA-2026-0001"}
    licence |= {"types": ["digital_asset"], "from": day(-1), "expires": day(365)}  # type: ignore[dict-item]
    assert house.publish(REGISTER, {"licences": [licence]}).code == 0
    done = house.submit("admit", "--admit", number)
    assert (done.code, "a licence in force" in done.err) == (1, True)


# ---------------------------------------------------------------- disclosures and the first order


def publish_papers(tarazy: Run, facility: Path, heads: tuple[str, ...]) -> None:
    """Draft and approve a paper for each head with the keys of a facility's two people."""
    keys = [keys_folder(facility) / f"{name}.key" for name in KEY_NAMES[:2]]
    for head in heads:
        act = ("facility", "admission", "act", facility)
        fields = {"title": f"On {head}", "language": "en", "text": f"Text <b>on</b> {head}.\nSecond line."}
        fields |= {"effective": day(0), "review_by": day(300)}
        words = [f"--set={name}={value}" for name, value in fields.items()]
        done = tarazy(*act, "paper.draft", head, *words, "--officer", 1, "--key", keys[0], "--json")
        assert done.code == 0, done.err
        paper = f"--set=paper={done.json['act']['number']}"
        assert tarazy(*act, "paper.approve", head, paper, "--officer", 2, "--key", keys[1]).code == 0


@pytest.fixture
def gateway(tarazy: Run, tmp_path: Path) -> Iterator[Served]:
    """Serve a facility that asks its clients to confirm two papers."""
    directory = tmp_path / "facility"
    make_facility(directory)
    assert tarazy("facility", "admission", "new", directory).code == 0
    publish_papers(tarazy, directory, ("conflicts", "risks", "fees"))
    with served(directory) as running:
        yield running


def test_the_first_order_waits_for_the_papers_and_the_refusal_names_their_rules(gateway: Served, tarazy: Run) -> None:
    trader = Trader(gateway, *new_key(gateway.directory, 1))
    refused = trader.ask("POST", "/api/v3/order", **ORDER)
    found = refused.json()
    assert (refused.status_code, found["code"], found["reject"]) == (400, -2010, "disclosure_not_acknowledged")
    assert found["rule"] == "aifc_cob/3 and 4; aifc_daa/2.10.1(1)(f)"
    assert "conflicts of interest (version 1), risk warnings (version 1)" in found["msg"]
    assert trader.ask("GET", "/api/v3/account").status_code == 200
    assert trader.ask("DELETE", "/api/v3/openOrders", symbol="BTCUSD").json()["code"] == -2011  # canceling is free

    person = new_person(gateway.directory, "aigul", (1,))
    client = PageClient(gateway.url)
    client.log_in(person)
    page = client.get("/trade/1/disclosures")
    assert "Text &lt;b&gt;on&lt;/b&gt; risks." in page.text
    assert client.post("/trade/1/disclosures").status_code == 422
    papers = client.get("/trade/1/disclosures.json").json()["papers"]
    wrong = client.post("/trade/1/disclosures", **{"read.risks": "00" * 32})
    assert wrong.status_code == 422  # another text than the one in force
    one = client.post("/trade/1/disclosures", **{f"read.{papers[0]['head']}": papers[0]["sha256"]})
    assert one.status_code == 303
    assert trader.ask("POST", "/api/v3/order", **ORDER).status_code == 400
    client.get("/trade/1/disclosures")
    client.post("/trade/1/disclosures", **{f"read.{papers[1]['head']}": papers[1]["sha256"]})
    assert trader.ask("POST", "/api/v3/order", **ORDER).status_code == 200
    assert client.get("/trade/2/disclosures").status_code == 404  # another's account
    client.close()

    other = Trader(gateway, *new_key(gateway.directory, 2))
    assert other.ask("POST", "/api/v3/order", **ORDER).status_code == 400
    words = ("facility", "admission", "acknowledge", gateway.directory, "--account", 2)
    assert tarazy(*words, "--person", "on paper", "--json").json["missing"] == []
    assert other.ask("POST", "/api/v3/order", **ORDER).status_code == 200


def test_a_paper_that_asks_anew_is_confirmed_anew_while_the_facility_runs(gateway: Served, tarazy: Run) -> None:
    trader = Trader(gateway, *new_key(gateway.directory, 1))
    words = ("facility", "admission", "acknowledge", gateway.directory, "--account", 1, "--person", "aigul")
    assert tarazy(*words).code == 0
    assert trader.ask("POST", "/api/v3/order", **ORDER).status_code == 200
    publish_papers(tarazy, gateway.directory, ("key-facts",))
    assert "client's key facts" in trader.ask("POST", "/api/v3/order", **ORDER).json()["msg"]
    assert tarazy(*words).code == 0
    assert trader.ask("POST", "/api/v3/order", **ORDER).status_code == 200


def test_the_public_pages_are_free_and_say_what_is_missing(gateway: Served) -> None:
    found = httpx.get(f"{gateway.url}/public/disclosures.json").json()
    assert len(found["manifest"]) == len(every_head())
    missing = {row["code"] for row in found["findings"]}
    assert missing == {f"disclosure.{h.name}" for h in every_head()} - {f"disclosure.{h}" for h in PUBLISHED}
    page = httpx.get(f"{gateway.url}/public/disclosures/risks/1")
    assert (page.status_code, "Text &lt;b&gt;on&lt;/b&gt; risks." in page.text) == (200, True)
    for path in ("/public/", "/public/index.json", "/public/assets", "/public/disclosures"):
        assert httpx.get(f"{gateway.url}{path}").status_code == 200, path
    for path in ("/public/disclosures/risks/2", "/public/disclosures/x/1", "/public/assets/1"):
        assert httpx.get(f"{gateway.url}{path}").status_code == 404, path


PUBLISHED = ("conflicts", "risks", "fees")


def test_confirmations_and_costs_of_the_desk_reach_the_rules(gateway: Served, tarazy: Run, tmp_path: Path) -> None:
    """Two clients: one confirms and orders; the other's order is refused, so that nobody ordered without the notice."""
    trader = Trader(gateway, *new_key(gateway.directory, 1))
    words = ("facility", "admission", "acknowledge", gateway.directory, "--account", 1, "--person", "aigul")
    assert tarazy(*words).code == 0
    assert trader.ask("POST", "/api/v3/order", **ORDER).status_code == 200
    found = judged(tarazy, gateway.directory)
    assert (found["aifc/conflict_notice"]["outcome"], found["aifc/risk_warning"]["outcome"]) == ("met", "met")
    assert {used["grade"] for used in found["aifc/conflict_notice"]["trace"]} == {"declared"}
    assert found["aifc/static_disclosures"]["outcome"] == "breached"
    assert {used["grade"] for used in found["aifc/three_rulebooks"]["trace"] if used["source"] == "admission desk"} == {
        "recorded"
    }
    cost = ("--set=quarter=2025-Q2", "--set=hours=40", f"--set=document_sha256={DOCUMENT}")
    act = ("facility", "admission", "act", gateway.directory, "cost.record", "aifc/conflict_notice", *cost)
    key = keys_folder(gateway.directory) / f"{KEY_NAMES[0]}.key"
    assert tarazy(*act, "--officer", 1, "--key", key).code == 0
    words = ("rules", "review", "conflict_notice", "--facility", gateway.directory, "--quarters-before", 1, "--json")
    done = tarazy(*words)
    assert done.code == 0, done.err
    costs = {each["quarter"]: each["cost"] for each in done.json["quarters"]}
    assert (costs["2025-Q2"]["hours"], costs["2025-Q2"]["grade"], costs["2025-Q2"]["spent_minor"]) == (
        40,
        "recorded",
        None,
    )
    assert [each for quarter, each in costs.items() if quarter != "2025-Q2" and each is not None] == []
    assert done.json["costs"]["after"]["hours"] == 40
    assert done.json["costs"]["before"]["hours"] is None
    tables = tmp_path / "tables"
    assert tarazy("rules", "facts", gateway.directory, tables).code == 0
    assert judged(tarazy, tables)["aifc/conflict_notice"]["outcome"] == "met"  # what lay beside went along


def judged(tarazy: Run, folder: Path) -> dict[str, Any]:
    """Return the verdicts by rule."""
    found = tarazy("rules", "check", folder, "--json").json
    assert "verdicts" in found, found
    return {each["rule"]: each for each in found["verdicts"]}
