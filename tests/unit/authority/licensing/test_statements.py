"""The daily compare: a facility that says more than its licence is found, and since when."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from tarazy.authority.desk import DESK
from tarazy.authority.licensing.statements import compare_site, fetch_json, registered, to_compare
from tarazy.authority.rule_facts import authority_facts
from tarazy.oversight.publications.disclosures import every_head
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.facts import FactSet, RuleFact

from ..office import Office

SITE = "https://facility.example/public/"
VERSIONS = [
    {"head": h.name, "version": 1, "effective": "2026-11-30", "review_by": "2027-06-01", "approved_on": "2026-11-30"}
    for h in every_head()
]


def compared(office: Office, statement: Any, versions: Any = VERSIONS) -> set[str]:
    """Compare pages that say this, let the desk sign it, and return what was found."""
    pages = {f"{SITE}index.json": {"statement": statement}, f"{SITE}disclosures.json": {"versions": versions}}
    body = compare_site(office.desk.state.licences["caspian"], office.desk.now()[:10], pages.__getitem__)
    office.act("statement.compared", "caspian", body, officer=DESK)
    return {row["code"] for row in office.desk.state.licences["caspian"].facts["compared"]["findings"]}


@pytest.fixture
def noted(office: Office) -> Office:
    """Have a licensee whose site is noted."""
    office.licensed().act("licence.site", "caspian", {"url": SITE})
    return office


@pytest.mark.parametrize("url", ["ftp://x/", "https://x/public", "https://u@x/", "https://x/?a=/", "file:///etc/", "/"])
def test_only_an_address_of_pages_is_noted(office: Office, url: str) -> None:
    office.licensed()
    with pytest.raises(ActRefusedError):
        office.act("licence.site", "caspian", {"url": url})


def test_a_true_statement_has_no_finding_and_each_lie_its_own(noted: Office) -> None:
    said = registered(noted.desk.state.licences["caspian"])
    assert compared(noted, said) == set()
    for name, lie in (("number", "AFSA-A-LA-2026-0009"), ("title", "Bank"), ("state", "reactivated")):
        assert compared(noted, {**said, name: lie}) == {f"statement.{name}"}
    assert compared(noted, {**said, "types": ["digital_asset", "option"]}) == {"statement.types"}
    assert compared(noted, "nothing") == {
        f"statement.{n}" for n in ("title", "number", "state", "types", "from", "expires")
    }


def test_a_suspension_that_is_not_stated_is_found_with_the_day_since_when(noted: Office) -> None:
    said = registered(noted.desk.state.licences["caspian"])
    noted.two("licence.suspend", "caspian", {"kind": "ordered", "reason": "segregation"})
    assert compared(noted, said) == {"statement.state"}
    noted.go_to("2026-12-03")
    assert to_compare(noted.desk.state, "2026-12-03") == ["caspian"]
    assert compared(noted, said) == {"statement.state"}
    assert to_compare(noted.desk.state, "2026-12-03") == []
    facts = noted.reopened().desk.state.licences["caspian"].facts["compared"]
    assert (facts["on"], facts["findings"][0]["since"]) == ("2026-12-03", "2026-11-30")
    assert "suspended" in facts["findings"][0]["expected"]


def test_missing_and_stale_papers_are_findings_for_the_authority_too(noted: Office) -> None:
    said = registered(noted.desk.state.licences["caspian"])
    assert compared(noted, said, VERSIONS[1:]) == {"disclosure.communication"}
    stale = [{**VERSIONS[0], "review_by": "2026-11-29"}, *VERSIONS[1:]]
    assert compared(noted, said, stale) == {"disclosure.communication"}
    for rubbish in (None, "x", [1, None], [{"head": "fees"}], [{**VERSIONS[0], "effective": "soon"}]):
        assert len(compared(noted, said, rubbish)) == len(every_head())


def test_a_comparison_of_another_site_is_not_taken(noted: Office) -> None:
    body = {"url": "https://other.example/", "sha256": "ab" * 32, "findings": []}
    with pytest.raises(ActRefusedError, match="the site that was noted"):
        noted.act("statement.compared", "caspian", body, officer=DESK)


class _Pages(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, bytes, dict[str, str]]]] = {}

    def do_GET(self) -> None:
        status, body, headers = self.answers[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def pages(answers: dict[str, tuple[int, bytes, dict[str, str]]]) -> Iterator[str]:
    """Serve answers on this machine."""
    _Pages.answers = answers
    server = HTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_a_site_answers_is_bounded_and_no_redirection_is_followed(noted: Office) -> None:
    answers = {
        "/good": (200, b'{"a": 1}', {}),
        "/list": (200, b"[]", {}),
        "/deep": (200, b"[" * 100_000, {}),
        "/large": (200, b" " * 1_000_001, {}),
        "/away": (302, b"", {"Location": "/good"}),
        "/bytes": (200, b"\xff\xfe", {}),
    }
    with pages(answers) as url:
        assert fetch_json(f"{url}/good") == {"a": 1}
        for path in ("list", "deep", "large", "away", "bytes"):
            with pytest.raises((OSError, ValueError)):
                fetch_json(f"{url}/{path}")
    body = compare_site(
        noted.desk.state.licences["caspian"], "2026-11-30", lambda url: fetch_json("http://127.0.0.1:9/")
    )
    assert {row["code"] for row in body["findings"]} == {"site.index.json", "site.disclosures.json"}
    noted.act("statement.compared", "caspian", body, officer=DESK)


def answers(office: Office, day: str) -> tuple[str, str]:
    """Return what the rules on the licence statement and on open rules say by the authority's record."""
    asof = date.fromisoformat(day)
    facts = FactSet(authority_facts(office.desk.state, "caspian", asof))
    sections = "duties of members, transactions, staff standards, dispute resolution, appeal, discipline and sanctions"
    rows = [{"id": each} for each in sections.split(", ")]
    facts.add(RuleFact("rulebook_sections", rows, "admission desk", "recorded", asof))
    rules = ("licence_statement", "content_of_rules")
    first, second = (str(find_rule(f"aifc/{rule}").decide(facts, asof).outcome) for rule in rules)
    return first, second


def test_a_comparison_decides_the_rules_on_what_a_licensee_publishes(noted: Office) -> None:
    said, today = registered(noted.desk.state.licences["caspian"]), "2026-11-30"
    assert answers(noted, today) == ("unknown", "unknown")
    compared(noted, said)
    assert answers(noted, today) == ("met", "met")
    for name, lie in (("number", "AFSA-A-LA-2026-0009"), ("state", "reactivated"), ("expires", "2028-01-01")):
        compared(noted, {**said, name: lie})
        assert answers(noted, today) == ("breached", "met"), name
    compared(noted, {**said, "title": "Bank"})  # another finding, and none of this rule
    assert answers(noted, today) == ("met", "met")
    compared(noted, said, [row for row in VERSIONS if row["head"] != "membership-rules"])
    assert answers(noted, today) == ("met", "breached")


def test_pages_that_do_not_answer_are_no_statement_and_no_open_rules(noted: Office) -> None:
    def silent(url: str) -> Any:
        raise OSError("nobody answers")

    body = compare_site(noted.desk.state.licences["caspian"], "2026-11-30", silent)
    noted.act("statement.compared", "caspian", body, officer=DESK)
    assert answers(noted, "2026-11-30") == ("unknown", "breached")


def test_a_comparison_speaks_of_the_register_of_its_day(noted: Office) -> None:
    compared(noted, registered(noted.desk.state.licences["caspian"]))
    noted.two("licence.suspend", "caspian", {"kind": "ordered", "reason": "segregation"})
    assert answers(noted.reopened(), "2026-11-30")[0] == "met"
