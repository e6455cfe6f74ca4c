"""The public pages under attack: what is sent there, what they show, and what stays the officers' own."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from tarazy.authority.consultation.consultation import receipt
from tarazy.authority.desk import DESK
from tarazy.console.authority.app import COMMENT_BYTES_MAX, create_app
from tarazy.console.authority.services import COMMENTS_OF_ONE, AuthorityServices
from tarazy.platform.signed_acts.errors import ActRefusedError

from ...authority.office import DOSSIER, Office, publish_paper
from .test_kept_pages import COMMENT, PAGE, token

SEND = f"{PAGE}/comments"
HIDDEN = "Secret Person"
SCRIPT = '<script>alert(1)</script><img src=x onerror="alert(2)">'
OVERRIDE = "safe\u202eevil\u2066x"  # UAX 9: a right-to-left override and an isolate
Walk = Callable[[AsyncClient], Awaitable[Any]]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Found an authority with a paper that is open and a dossier on which nothing was decided."""
    office = Office(tmp_path / "authority")
    publish_paper(office)
    office.act("dossier.open", "bitcoin", {**DOSSIER, "insiders": [HIDDEN]})
    return office


def walked(office: Office, walk: Walk, address: str = "127.0.0.1", host: str = "127.0.0.1") -> Any:
    """Let one reader walk over the served site."""
    app = create_app(AuthorityServices(office.desk, office.keys[DESK]))

    async def gone() -> Any:
        transport = ASGITransport(app, client=(address, 5000))
        async with AsyncClient(transport=transport, base_url=f"http://{host}") as reader:
            return await walk(reader)

    return asyncio.run(gone())


def sent(office: Office, **fields: str) -> Response:
    """Send a comment as a browser does, as a new sender."""

    async def walk(reader: AsyncClient) -> Response:
        page = await reader.get(PAGE)
        return await reader.post(SEND, data=COMMENT | fields | {"form_token": token(page)})

    answer: Response = walked(office, walk)
    return answer


def comments(office: Office) -> list[dict[str, Any]]:
    """Return the comments of the paper."""
    rows: list[dict[str, Any]] = office.desk.state.consultations["paper"].facts["comments"]
    return rows


def test_a_body_beyond_every_comment_is_refused_before_it_is_read(office: Office) -> None:
    taken = 0

    async def walk(reader: AsyncClient) -> Response:
        async def body() -> Any:
            nonlocal taken
            for _ in range(64):
                taken += 1
                yield b"x" * 1024**2

        return await reader.post(SEND, content=body(), headers={"content-type": "application/x-www-form-urlencoded"})

    answer = walked(office, walk)
    assert answer.status_code == 413
    assert "256 KiB" in answer.text
    assert COMMENT_BYTES_MAX == 256 * 1024
    assert comments(office) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "x" * 10_001}, "1 to 10000 letters"),
        ({"evidence": "x" * 4_001}, "1 to 4000 letters"),
        ({"name": "x" * 201}, "1 to 200 letters"),
        ({"text": OVERRIDE}, "a text of"),
        ({"name": OVERRIDE}, "a text of"),
        ({"text": "a\x00b"}, "a text of"),
        ({"stance": "love"}, "support, oppose, change"),
        ({"rule": "another"}, "a rule of the paper"),
    ],
)
def test_a_comment_out_of_its_bounds_is_refused_with_the_reason_and_nothing_is_written(
    office: Office, fields: dict[str, str], words: str
) -> None:
    head = office.desk.record.head
    answer = sent(office, **fields)
    assert (answer.status_code, words in html.unescape(answer.text)) == (422, True)
    assert "\u202e" not in answer.text
    assert office.desk.record.head == head


def test_the_longest_comment_is_taken_in_whatever_alphabet(office: Office) -> None:
    answer = sent(office, text="𐌀" * 10_000, evidence="қ" * 4_000)  # four bytes each letter, twelve in the form
    assert answer.status_code == 303
    assert len(comments(office)[0]["text"]) == 10_000


def test_markup_in_a_comment_is_text_on_the_page_and_on_the_desk(office: Office) -> None:
    assert sent(office, text=SCRIPT, name=SCRIPT[:200]).status_code == 303

    async def walk(reader: AsyncClient) -> list[str]:
        return [(await reader.get(path)).text for path in (PAGE, "/desk/cases/consultation/paper", "/desk/")]

    for shown in walked(office, walk):
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


def test_a_receipt_is_made_by_nobody_else(office: Office) -> None:
    answer = sent(office, text="mine", publish="no", name="Dana")
    address = answer.headers["location"]
    (row,) = comments(office)

    async def walk(reader: AsyncClient) -> list[Response]:
        wrong = (f"{PAGE}/receipts/{n}" for n in ("0", "-1", "x", str(row["number"] + 1), "1" * 400))
        return [await reader.get(f"{address}.json"), *[await reader.get(each) for each in wrong]]

    right, *others = walked(office, walk)
    fields = {"rule": "segregation", "stance": "oppose", "text": "mine", "name": "Dana", "publish": False}
    assert right.json()["receipt"]["sha256"] == receipt(fields)  # who kept the text makes the hash anew
    assert [each.status_code for each in others] == [404] * 5
    assert "mine" not in right.text
    assert "Dana" not in right.text


def test_a_feedback_statement_holds_every_comment_and_nothing_is_concluded_without(office: Office) -> None:
    numbers = []
    for n in range(3):
        body = {"rule": "segregation", "stance": "change", "text": f"comment {n}", "publish": n != 1}
        numbers.append(office.act("comment.receive", "paper", body, officer=DESK).unsigned.number)
    for number in numbers[:2]:
        answer = {"comment": number, "outcome": "not taken", "reason": "weighed"}
        office.act("comment.answer", "paper", answer)
    office.go_to("2026-12-06")
    finals = [{"id": "segregation", "final": "as it may be", "own_reason": ""}]
    body = {"finals": finals, "commencement": "2027-02-01"}
    with pytest.raises(ActRefusedError, match=f"1 without, the first is {numbers[2]}"):
        office.act("consultation.conclude", "paper", body)
    office.act("comment.answer", "paper", {"comment": numbers[2], "outcome": "partly", "reason": "in part"})
    office.two("consultation.conclude", "paper", body)

    async def walk(reader: AsyncClient) -> tuple[str, Any]:
        return (await reader.get(PAGE)).text, (await reader.get(f"{PAGE}.json")).json()

    page, twin = walked(office, walk)
    assert [row["number"] for row in twin["rules"][0]["comments"]] == numbers
    assert all(f'id="comment-{number}"' in page for number in numbers)
    assert "comment 1" not in [row["text"] for row in twin["rules"][0]["comments"]]  # its sender did not wish it


def test_a_sender_s_flood_uses_up_its_own_and_not_the_others_share(office: Office) -> None:
    async def walk(reader: AsyncClient) -> list[int]:
        codes = []
        for _ in range(int(COMMENTS_OF_ONE.burst) + 1):
            form = COMMENT | {"form_token": token(await reader.get(PAGE))}
            codes.append((await reader.post(SEND, data=form)).status_code)
        return codes

    assert walked(office, walk) == [303] * int(COMMENTS_OF_ONE.burst) + [429]


def test_insiders_and_undecided_dossiers_stand_on_no_page_that_the_public_reaches(office: Office) -> None:
    paths = ["/public/", "/public/greenlist", "/public/consultations", "/public/greenlist/tokens/bitcoin", PAGE, "/"]
    paths += ["/public/licences/bitcoin", "/public/licences/caspian", "/apply/", "/public/nothing", "/desk/cases"]
    paths += ["/desk/cases/token/bitcoin", "/desk/", "/desk/acts/token.list?subject=bitcoin", "/desk/proposals/1"]
    twins = [f"{path.rstrip('/')}/index.json" if path.endswith("/") else f"{path.split('?')[0]}.json" for path in paths]

    async def walk(reader: AsyncClient) -> list[Response]:
        asked = [await reader.get(path) for path in (*paths, *twins)]
        return asked + [await reader.get(path, headers={"accept": "application/json"}) for path in paths]

    for address, host in (("203.0.113.7", "authority.example"), ("127.0.0.1", "authority.example")):
        for answer in walked(office, walk, address, host):
            assert HIDDEN not in answer.text, answer.url
            assert "Bitcoin" not in answer.text, answer.url
            if "/desk" in str(answer.url):
                assert answer.status_code == 403, answer.url
    assert HIDDEN in walked(office, lambda reader: reader.get("/desk/cases/token/bitcoin.json")).text


def test_the_insiders_leave_with_no_published_list_once_it_is_decided(office: Office) -> None:
    office.evidence("bitcoin")
    office.two("token.list", "bitcoin", {"present": [1, 2], "reason": "all items met"})
    paths = ("/public/greenlist.json", "/public/greenlist/tokens/bitcoin.json", "/public/index.json")

    async def walk(reader: AsyncClient) -> list[Any]:
        return [(await reader.get(path)).json() for path in paths]

    published = json.dumps(walked(office, walk))
    assert "Bitcoin" in published
    assert HIDDEN not in published
