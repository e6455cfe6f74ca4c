"""The applicants' portal under attack: forms of other sites, what is another's, uploads, markup, guessed keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .console_server import started
from .offices import Run
from .test_authority_site import founded

TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
KEY = re.compile(r'id="access-key">([^<]+)<')


class Applicant:
    """An applicant's browser."""

    def __init__(self, url: str, name: str = "Caspian <script>alert(1)</script>") -> None:
        self.http = httpx.Client(base_url=url.removesuffix("apply/"), timeout=60)
        self.token = ""
        self.get("/apply/")
        page = self.post("/apply/register", name=name, contact="x@y.example")
        found = KEY.search(page.text)
        assert found is not None, page.text
        self.key = found[1]

    def get(self, path: str) -> httpx.Response:
        """Load a page and remember its token."""
        answer = self.http.get(path)
        found = TOKEN.search(answer.text)
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """Send a form."""
        return self.http.post(path, data={"form_token": self.token, **fields}, headers=headers or {})

    def log_in(self, key: str = "") -> httpx.Response:
        """Log in."""
        self.get("/apply/login")
        return self.post("/apply/login", key=key or self.key, next="")

    def begun(self, kind: str = "dossier.open") -> str:
        """Begin a draft and return its address."""
        self.get("/apply/")
        return self.post("/apply/drafts", kind=kind).headers["location"]

    def upload(self, path: str, name: str, content: bytes) -> httpx.Response:
        """Add a document to a draft."""
        self.get(path)
        files = {"document": (name, content, "text/html")}
        return self.http.post(f"{path}/documents", data={"form_token": self.token}, files=files)


@pytest.fixture
def people(tarazy: Run, tmp_path: Path) -> Iterator[tuple[Applicant, Applicant]]:
    """Serve an authority with two applicants who are logged in."""
    folder, _ = founded(tarazy, tmp_path)
    with started(tmp_path, "authority", "serve", folder, "--port", "0") as told:
        pair = Applicant(told["apply"]), Applicant(told["apply"], "Other")
        for each in pair:
            assert each.log_in().status_code == 303
        yield pair
        for each in pair:
            each.http.close()


def test_the_portal_keeps_strangers_other_sites_and_markup_out(people: tuple[Applicant, Applicant]) -> None:
    mine, other = people
    assert "Caspian &lt;script&gt;" in mine.get("/apply/").text
    draft = mine.begun()

    # Forms of other sites, and without a token.
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert mine.post(draft, headers, subject="stolen").status_code == 403
    assert mine.http.post(draft, data={"subject": "stolen"}).status_code == 403
    assert mine.http.post(draft, data={"subject": "x", "form_token": "0" * 64}).status_code == 403
    assert "stolen" not in mine.get(draft).text

    # What was typed is kept, escaped, whatever it is; a wrong filing stays a draft.
    mine.post(draft, subject="Not A Name", **{"field.name": "<img src=x onerror=alert(1)>", "field.total": "many"})
    page = mine.get(draft).text
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page
    refused = mine.post(f"{draft}/filed", subject="Not A Name", **{"field.name": "<b>", "field.total": "many"})
    assert (refused.status_code, "the draft is kept" in refused.text) == (422, True)
    assert "Not A Name" in mine.get(draft).text

    # Uploads: kinds, and what they are given back as.
    for name, content in (("x.html", b"<script>"), ("x.pdf", b"<html>"), ("x.svg", b"<svg/>"), ("x.txt", b"")):
        assert mine.upload(draft, name, content).status_code == 422, name
    assert mine.upload(draft, '../<img src=x>".txt', b"<script>alert(1)</script>").status_code == 200
    page = mine.get(draft).text
    assert "<img src=x" not in page
    address = next(each for each in re.findall(r'href="([^"]+)"', page) if "/documents/" in each)
    sent = mine.http.get(address)
    assert (sent.headers["content-type"], sent.headers["x-content-type-options"]) == (
        "application/octet-stream",
        "nosniff",
    )
    assert sent.headers["content-disposition"].startswith("attachment;")

    # What is another's is not there.
    for path in (draft, f"{draft}.json", address):
        assert other.http.get(path).status_code == 404, path
    other.get("/apply/")
    for path in (draft, f"{draft}/filed", f"{draft}/documents"):
        assert other.post(path, subject="mine now").status_code == 404, path
    for path in ("/apply/filings/1", "/apply/filings/x", "/apply/drafts/-1", "/apply/drafts/99999999999", "/apply/x"):
        assert other.http.get(path).status_code == 404, path

    # Without a session nothing but the way in; a session ends with its logout.
    stranger = httpx.Client(base_url=mine.http.base_url, timeout=60)
    assert stranger.get(draft).status_code == 401
    assert stranger.get("/apply/").status_code == 200
    stranger.close()
    cookie = mine.http.cookies.get("tarazy_session")
    mine.get("/apply/")
    assert mine.post("/apply/logout").status_code == 303
    assert httpx.get(f"{mine.http.base_url}{draft[1:]}", cookies={"tarazy_session": cookie or ""}).status_code == 401
    assert mine.http.get("/desk/filings", headers={"host": "authority.example"}).status_code == 403

    # Guessed keys are counted.
    assert [other.log_in("guess.guess").status_code for _ in range(11)][-1] == 429
    assert other.log_in().status_code == 429  # from that network, for a while
