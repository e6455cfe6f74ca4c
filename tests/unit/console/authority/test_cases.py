"""The desk's cases: what comes next is a link that fills its form in, and what is decided is shown to who signs it."""

from __future__ import annotations

import asyncio
import html
import re
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient, Response

from tarazy.authority.desk import DESK
from tarazy.console.authority.app import create_app
from tarazy.console.authority.services import AuthorityServices

from ...authority.office import APPLICATION, DOCUMENT, DOSSIER, Office
from .test_kept_drafts import answer

HERE = "http://127.0.0.1"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Found an authority with one application and one dossier, of an insider."""
    office = Office(tmp_path / "authority")
    office.act("application.receive", "caspian", APPLICATION)
    office.act("dossier.open", "bitcoin", {**DOSSIER, "insiders": ["Secret Person"]})
    return office


def look(office: Office, path: str) -> Response:
    """Load a page from this machine."""
    app = create_app(AuthorityServices(office.desk, office.keys[DESK]))

    async def sent() -> Response:
        transport = ASGITransport(app, client=("127.0.0.1", 5000))
        async with AsyncClient(transport=transport, base_url=HERE) as client:
            return await client.get(path)

    return asyncio.run(sent())


def test_every_next_step_of_a_case_is_a_form_that_is_filled_in(office: Office) -> None:
    office.two("application.principle", "caspian", {"conditions": ["Show the wallets"]})
    page = look(office, "/desk/cases/licence/caspian").text
    links = [html.unescape(each) for each in re.findall(r'href="(/desk/acts/[^"]+)"', page)]
    assert [each.split("?")[0].split("/")[-1] for each in links] == [
        "condition.met",
        "parameter.set",
        "application.refuse",
    ]
    form = look(office, links[0]).text
    assert 'value="caspian"' in form
    assert 'id="field-condition" name="field.condition" value="1"' in form
    assert 'value="capital.datf_min_usd"' in look(office, links[1]).text


def test_what_is_in_hand_stands_where_an_officer_comes_after_signing(office: Office) -> None:
    page = look(office, "/desk/").text
    assert "/desk/cases/licence/caspian" in page
    assert "/desk/acts/application.principle?subject=caspian" in page
    assert "/desk/acts/dossier.evidence?subject=bitcoin&amp;field.item=identity" in page


def test_the_case_of_a_token_shows_card_and_insiders_and_the_meeting_that_listed_it(office: Office) -> None:
    before = look(office, "/desk/cases/token/bitcoin.json").json()
    assert {row["verdict"] for row in before["evidence"]} == {"unknown"}
    assert next(row["value"] for row in before["fields"] if row["name"] == "insiders") == ["Secret Person"]
    office.evidence("bitcoin", sha256=DOCUMENT)
    meeting = {"present": [1, 2, 3], "recused": [3], "dissent": ["Officer 3 <b>objects</b>"], "reason": "all met"}
    office.two("token.list", "bitcoin", meeting)
    page = look(office, "/desk/cases/token/bitcoin").text
    assert "Officer 3 &lt;b&gt;objects&lt;/b&gt;" in page
    assert "Officer 1, Officer 2" in page
    for path in ("greenlist", "greenlist.json", "greenlist/tokens/bitcoin", "greenlist/tokens/bitcoin.json"):
        assert "Secret Person" not in look(office, f"/public/{path}").text, path


def test_who_decides_is_shown_what_is_decided_before_signing(office: Office) -> None:
    number = office.act("application.principle", "caspian", {"conditions": ["Show <the> wallets"]}).unsigned.number
    page = f"/desk/proposals/{number}"
    fields = {"officer_id": "2", "verdict": "approve", "reason": "looked at"}
    signing = answer(office, page, f"{page}/decision", fields)
    assert signing.status_code == 200
    assert "Show &lt;the&gt; wallets" in signing.text
    assert "What it is about" in signing.text


def test_a_conclusion_s_form_begins_with_the_drafts(office: Office) -> None:
    titles = {f"title_{language}": "Paper" for language in ("en", "ru", "kk")}
    rules = [{"id": "segregation", "in_force": "as it is", "draft": "as it may be"}]
    body = titles | {"number": "AFSA-P-CE-2026-0001", "rules": rules, "background": "why", "deadline": "2030-01-01"}
    office.two("consultation.publish", "paper", body)
    form = html.unescape(look(office, "/desk/acts/consultation.conclude?subject=paper").text)
    assert '"final": "as it may be"' in form


def test_a_case_that_nobody_opened_is_not_there(office: Office) -> None:
    for path in ("licence/nobody", "token/caspian", "office/caspian"):
        assert look(office, f"/desk/cases/{path}").status_code == 404, path


def test_the_public_page_of_a_licensee_names_nobody_who_attested(office: Office) -> None:
    row = {"rule": "aifc/whistleblowing", "owner": "Dana Hidden", "on": "2026-11-30", "document_sha256": DOCUMENT}
    office.granted()
    office.act("attestation.receive", "caspian", {**row, "expires": "2027-11-30"})
    for path in ("licences/caspian", "licences/caspian.json"):
        shown = look(office, f"/public/{path}").text
        assert "Dana Hidden" not in shown
        assert "licence.grant" in shown
    assert "Dana Hidden" in look(office, "/desk/cases/licence/caspian").text
