"""A page with a form that is kept for all readers gives each reader a token of its own, and none of another's."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient, Response

from tarazy.authority.desk import DESK
from tarazy.console.authority.app import create_app
from tarazy.console.authority.services import AuthorityServices

from ...authority.office import Office, publish_paper, seconds

PAGE = "/public/consultations/paper"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')
LAST_SECOND = seconds("2026-12-05") + 12 * 3_600 - 1  # 23:59:59 UTC of the last day
COMMENT = {"rule": "segregation", "stance": "oppose", "text": "a reason", "publish": "yes"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Found an authority with a paper that is open for comments."""
    office = Office(tmp_path / "authority")
    publish_paper(office)
    return office


def walked(office: Office, *steps: tuple[int, str, dict[str, str] | None]) -> list[Response]:
    """Let readers, each with cookies of its own, load (no form) or send (a form) in turn at one served site."""
    app = create_app(AuthorityServices(office.desk, office.keys[DESK]))

    async def sent() -> list[Response]:
        transport = ASGITransport(app, client=("127.0.0.1", 5000))
        readers = {who: AsyncClient(transport=transport, base_url="http://127.0.0.1") for who, *_ in steps}
        answers: list[Response] = []
        for who, path, form in steps:
            reader = readers[who]
            if form is None:
                answers.append(await reader.get(path))
            else:  # `form_token` says which answer's token is sent
                data = form | {"form_token": token(answers[int(form["form_token"])])}
                answers.append(await reader.post(path, data=data))
        for reader in readers.values():
            await reader.aclose()
        return answers

    return asyncio.run(sent())


def token(answer: Response) -> str:
    """Return the token of a page's form."""
    found = TOKEN.search(answer.text)
    assert found is not None, answer.text
    return found[1]


def test_each_reader_has_a_token_of_its_own_and_only_that_one_is_taken(office: Office) -> None:
    send = f"{PAGE}/comments"
    first, again, second, stolen, own = walked(
        office,
        (1, PAGE, None),
        (1, PAGE, None),
        (2, PAGE, None),
        (1, send, COMMENT | {"form_token": "2"}),
        (1, send, COMMENT | {"form_token": "0"}),
    )
    assert token(first) == token(again) != token(second)
    assert first.text.replace(token(first), "") == second.text.replace(token(second), "")
    assert (stolen.status_code, own.status_code) == (403, 303)
    assert len(office.desk.state.consultations["paper"].facts["comments"]) == 1


def test_a_kept_page_shows_a_comment_and_an_answer_at_once(office: Office) -> None:
    send = f"{PAGE}/comments"
    before, _, after = walked(office, (1, PAGE, None), (1, send, COMMENT | {"form_token": "0"}), (2, PAGE, None))
    assert ("a reason" in before.text, "a reason" in after.text) == (False, True)
    (row,) = office.desk.state.consultations["paper"].facts["comments"]
    office.act("comment.answer", "paper", {"comment": row["number"], "outcome": "taken", "reason": "well said"})
    (answered,) = walked(office, (1, PAGE, None))
    assert "well said" in answered.text


def test_the_form_is_gone_on_the_day_after_the_deadline_and_a_form_kept_open_is_refused(office: Office) -> None:
    office.go_to("2026-12-05")
    app = create_app(AuthorityServices(office.desk, office.keys[DESK]))

    async def sent() -> tuple[Response, Response, Response]:
        transport = ASGITransport(app, client=("127.0.0.1", 5000))
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as reader:
            office.at = LAST_SECOND
            opened = await reader.get(PAGE)
            office.at = LAST_SECOND + 1
            late = await reader.post(f"{PAGE}/comments", data=COMMENT | {"form_token": token(opened)})
            return opened, late, await reader.get(PAGE)

    opened, late, over = asyncio.run(sent())
    assert TOKEN.search(opened.text) is not None
    assert (late.status_code, "expected a comment by 2026-12-05" in late.text) == (422, True)
    assert ">a reason</textarea>" in late.text  # what was typed is given back
    assert TOKEN.search(over.text) is None
    assert office.desk.state.consultations["paper"].facts["comments"] == []
