"""What is refused at the authority's pages stays in the form: an act, a decision, a comment."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient, Response

from tarazy.authority.desk import DESK, PROPOSE
from tarazy.console.authority.app import create_app
from tarazy.console.authority.services import AuthorityServices
from tarazy.platform.signed_acts.record import canonical

from ...authority.office import APPLICATION, Office

WORDS = "Seven reasons, each weighed for an evening"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "authority")
    office.act("application.receive", "caspian", APPLICATION)
    return office


def answer(office: Office, page: str, action: str, fields: dict[str, str]) -> Response:
    """Send the form of a page, as a browser does."""
    app = create_app(AuthorityServices(office.desk, office.keys[DESK]))

    async def sent() -> Response:
        transport = ASGITransport(app, client=("127.0.0.1", 5000))
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            form = await client.get(page)
            token = re.search(r'name="form_token" value="(\w+)"', form.text)
            assert token is not None, form.text
            return await client.post(action, data={"form_token": token.group(1), **fields})

    return asyncio.run(sent())


def test_a_decision_that_is_refused_keeps_its_reason(office: Office) -> None:
    proposal = office.act("application.refuse", "caspian", {"reason": "incomplete"}).unsigned.number
    page = f"/desk/proposals/{proposal}"
    fields = {"officer_id": "1", "verdict": "decline", "reason": WORDS}
    response = answer(office, page, f"{page}/decision", fields)
    assert response.status_code == 422
    assert "expected another officer&#39;s eyes" in response.text  # officer 1 proposed it
    assert f">{WORDS}</textarea>" in response.text
    assert "<option selected>decline</option>" in response.text
    assert answer(office, page, "/desk/proposals/999/decision", fields).status_code == 404


def test_an_act_overtaken_by_another_comes_back_as_its_form(office: Office) -> None:
    """Prepared and signed, but somebody else acted in between: the hash before it is no longer the last."""
    unsigned = office.desk.prepare(1, "application.refuse", "caspian", {"reason": WORDS})
    assert unsigned.act == PROPOSE
    office.act("application.receive", "steppe", APPLICATION)
    signature = office.keys[1].sign(unsigned.message).hex()
    fields = {"unsigned": canonical(list(unsigned)), "signature": signature}
    response = answer(office, "/desk/acts/application.refuse", "/desk/signed", fields)
    assert response.status_code == 422
    assert "found another act" in response.text
    assert f">{WORDS}</textarea>" in response.text
    assert 'value="caspian"' in response.text
    assert not office.desk.waiting()


def test_a_decision_with_a_wrong_signature_comes_back_with_its_reason(office: Office) -> None:
    proposal = office.act("application.refuse", "caspian", {"reason": "incomplete"}).unsigned.number
    unsigned = office.desk.prepare(2, "act.approve", "caspian", {"proposal": proposal, "reason": WORDS})
    signature = office.keys[1].sign(unsigned.message).hex()
    fields = {"unsigned": canonical(list(unsigned)), "signature": signature}
    response = answer(office, f"/desk/proposals/{proposal}", "/desk/signed", fields)
    assert response.status_code == 422
    assert f">{WORDS}</textarea>" in response.text
    assert len(office.desk.waiting()) == 1


def test_a_comment_that_is_refused_keeps_its_text(office: Office) -> None:
    titles = {f"title_{language}": "Paper" for language in ("en", "ru", "kk")}
    rules = [{"id": "segregation", "in_force": "as it is", "draft": "as it may be"}]
    body = titles | {"number": "AFSA-P-CE-2026-0001", "rules": rules, "background": "why", "deadline": "2030-01-01"}
    office.two("consultation.publish", "paper", body)
    page = "/public/consultations/paper"
    fields = {"rule": "none of them", "stance": "oppose", "text": f"<b>{WORDS}", "name": "Dana", "publish": "yes"}
    response = answer(office, page, f"{page}/comments", fields)
    assert response.status_code == 422
    assert f">&lt;b&gt;{WORDS}</textarea>" in response.text
    assert 'value="Dana"' in response.text
    assert not office.desk.state.consultations["paper"].facts["comments"]


def test_a_parameter_of_no_known_name_or_in_another_unit_is_refused(office: Office) -> None:
    page = "/desk/acts/parameter.set"
    fields = {"officer_id": "1", "field.value": "250000", "field.from": "2027-01-01", "field.source": WORDS}
    for subject, unit, expected in (
        ("capital.datf_min", "USD", "expected one of capital.datf_min_usd"),
        ("capital.datf_min_usd", "EUR", "expected USD, found EUR"),
    ):
        sent = fields | {"subject": subject, "field.unit": unit}
        response = answer(office, page, f"{page}/prepared", sent)
        assert response.status_code == 422
        assert expected in response.text
        assert WORDS in response.text
