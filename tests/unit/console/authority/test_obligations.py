"""The supervisor's pages of obligations: counts, grades, owners and days, escaped, and for this machine alone."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from tarazy.authority.desk import DESK
from tarazy.console.authority.app import create_app
from tarazy.console.authority.services import AuthorityServices
from tarazy.rulebook.facts import FactSet, RuleFact

from ...authority.office import DOCUMENT, Office

ATTESTED = {
    "rule": "aifc/whistleblowing",
    "owner": "<b>Dana</b>",
    "on": "2026-11-30",
    "document_sha256": DOCUMENT,
    "expires": "2027-05-31",
}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "authority").licensed()


class Site:
    """The site as somebody at an address sees it."""

    def __init__(self, office: Office, *facts: RuleFact, client: str = "127.0.0.1") -> None:
        recorded = {"caspian": FactSet(facts)} if facts else {}
        self.app = create_app(AuthorityServices(office.desk, office.keys[DESK], recorded=recorded))
        self.client = client

    def get(self, path: str) -> Response:
        """Ask for a page."""

        async def asked() -> Response:
            transport = ASGITransport(self.app, client=(self.client, 5000))
            async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.get(path)

        return asyncio.run(asked())


def rows_of(site: Site) -> dict[str, dict[str, Any]]:
    """Return the obligations by rule."""
    return {row["rule"]: row for row in site.get("/desk/facilities/caspian.json").json()["obligations"]}


def test_answers_follow_the_record_and_what_was_attested(office: Office) -> None:
    page = Site(office)
    before = rows_of(page)
    assert before["aifc/independent_directors"]["outcome"] == "met"
    assert before["aifc/independent_directors"]["grade"] == "recorded"
    assert (before["aifc/whistleblowing"]["outcome"], before["aifc/whistleblowing"]["owner"]) == ("unknown", "")
    office.act("attestation.receive", "caspian", ATTESTED)
    after = rows_of(page)["aifc/whistleblowing"]
    assert (after["outcome"], after["grade"], after["owner"]) == ("met", "attested", "<b>Dana</b>")
    assert after["until"] == "2027-05-31"
    licence = rows_of(page)["aifc/licence"]  # it begins tomorrow
    assert (licence["outcome"], licence["until"], licence["then"]) == ("breached", "2026-11-30", "met")
    office.go_to("2026-12-01")
    licence = rows_of(page)["aifc/licence"]
    assert (licence["since"], licence["since_or_before"]) == ("2026-12-01", False)
    assert (licence["until"], licence["then"]) == ("2027-12-01", "breached")
    assert "then breached" in page.get("/desk/facilities/caspian").text


def test_facts_of_its_record_join_in(office: Office) -> None:
    fact = RuleFact("house_orders_accepted", 3, "fact tables", "replayed", date(2026, 11, 1))
    other = RuleFact("affiliate_accounts_without_approval", 0, "fact tables", "replayed", date(2026, 11, 1))
    row = rows_of(Site(office, fact, other))["aifc/own_account"]
    assert (row["outcome"], row["grade"]) == ("breached", "replayed")
    assert rows_of(Site(office))["aifc/own_account"]["outcome"] == "unknown"


def test_texts_of_a_licensee_are_escaped_and_what_counts_nothing_is_named(office: Office) -> None:
    office.act("attestation.receive", "caspian", ATTESTED | {"facts": "house_orders_accepted = 0"})
    text = Site(office).get("/desk/facilities/caspian").text
    assert "<b>Dana</b>" not in text
    assert "Stated, and not usable" in text
    assert "house_orders_accepted" in text


def test_the_list_counts_and_strangers_are_kept_out(office: Office) -> None:
    (row,) = Site(office).get("/desk/facilities.json").json()["facilities"]
    assert sum(row["counts"].values()) > 100
    assert row["has_record"] is False
    assert Site(office, client="192.0.2.7").get("/desk/facilities").status_code == 403
    assert Site(office).get("/desk/facilities/nobody").status_code == 404


def test_a_token_listed_again_counts_at_once_though_the_list_reads_the_same(office: Office) -> None:
    """A score card counts for 365 days; nobody looks at the page between the suspension and the new decision."""
    office.listed().go_to("2027-12-01")
    page = Site(office)
    assert rows_of(page)["aifc/suitability"]["outcome"] == "breached"
    office.two("token.suspend", "bitcoin", {"reason": "looked at again"})
    office.evidence("bitcoin", expires="2028-11-30")
    office.two("token.list", "bitcoin", {"present": [1, 2], "reason": "all items met again"})
    row = rows_of(page)["aifc/suitability"]
    assert (row["outcome"], row["until"]) == ("met", "2028-11-30")


def test_an_attestation_of_a_rule_that_is_none_is_named(office: Office) -> None:
    office.act("attestation.receive", "caspian", ATTESTED | {"rule": "aifc/whistle_blowing"})
    text = Site(office).get("/desk/facilities/caspian").text
    assert "aifc/whistle_blowing" in text
    assert "the rulebook has no rule of this id" in text
