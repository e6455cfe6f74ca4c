"""Officers sign in Chromium: what they see, what is signed, what the engine takes, and what never leaves the browser.

Oracle: the command line's own signatures and the engine's answers; Ed25519 signatures are deterministic (RFC 8032), so
that browser and command line must give the same 64 bytes.
"""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tarazy.domain.signer import KeySigner
from tarazy.facility.officers.drafts import draft_as_json, read_draft, sign_draft, write_draft
from tarazy.facility.officers.key_files import load_key_file, new_key_file

from .browser import Browser, Page
from .console_server import started
from .offices import REGISTER, Office, Run, draft, found_office

PASSPHRASE = "Тенге, 3 kg of steppe"


class Served(NamedTuple):
    """An office whose drafts are served; `drafts` is their folder."""

    office: Office
    drafts: Path
    url: str

    def address(self, name: str) -> str:
        """Return the page of a draft."""
        return f"{self.url}draft/{name}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a browser."""
    with Browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page; what it complains of or asks of others fails the test."""
    opened = browser.page(1280)
    yield opened
    assert not opened.complaints
    assert not opened.from_elsewhere()
    opened.close()


@pytest.fixture
def served(tarazy: Run, tmp_path: Path) -> Iterator[Served]:
    """Return a facility with one draft that the first officer has signed, served."""
    office = found_office(tarazy, tmp_path)
    paper = tmp_path / "decision.txt"
    paper.write_text("admitted by the committee")
    store = tmp_path / "venue.documents"
    assert tarazy("documents", "add", store, paper, "--kind", "decision").code == 0
    (tmp_path / "drafts").mkdir()
    path = draft(tarazy, office, *REGISTER, "--command", "AdmitAsset", "asset_id=1", f"decision_hash=@{paper}")
    assert tarazy("instruct", "sign", path, "--key", office.keys[0]).code == 0
    shutil.move(path, tmp_path / "drafts" / "admit.json")
    words = ("instruct", "serve", tmp_path / "drafts", "--facility", office.facility, "--documents", store)
    with started(tmp_path, *words, "--port", "0") as told:
        yield Served(office, tmp_path / "drafts", told["url"])


def sign(page: Page, key: Path, passphrase: str = "") -> None:
    """Choose a key file and press the button."""
    page.choose("#key", key)
    page.fill("#passphrase", passphrase)
    page.click("#sign button.main")


def refusal(page: Page) -> str:
    """Return what the page says instead of signing."""
    page.wait("!document.querySelector('#sign-wrong').hidden")
    return page.text("#sign-wrong")


def test_waiting_instruction_is_shown_in_words_and_signed_and_the_engine_takes_it(
    tarazy: Run, page: Page, served: Served
) -> None:
    path = served.drafts / "admit.json"
    before = read_draft(path)
    page.open(served.url)
    assert "1 of 1 wait for a signature" in page.text("main")
    assert "waits for officer 2" in page.text("main")
    page.click("main table a")
    page.wait("document.querySelector('#sign')")
    shown = page.text("main")
    for words in ("BTC", "asset_id", "decision_hash", "decision.txt", "in the store, whole", before.digest.hex()):
        assert words in shown
    assert page.run("document.querySelector('#sign').dataset.message") == before.message.hex()

    sign(page, served.office.keys[1])
    page.wait("document.body.innerText.includes('Signed by all its officers')")
    signed = read_draft(path)
    assert signed == sign_draft(before, load_key_file(served.office.keys[1]))
    assert not page.run("Boolean(document.querySelector('#sign'))")

    pem = served.office.keys[1].read_text().split("-----")[2].strip()
    assert len(page.sent) == 1
    fields = urllib.parse.parse_qs(page.sent[0])
    assert set(fields) == {"form_token", "digest", "signature"}
    assert pem not in urllib.parse.unquote(page.sent[0])

    done = tarazy("instruct", "submit", served.office.facility, path, "--json")
    assert done.code == 0, done.err
    assert {answer["refused"] for answer in done.json["answers"]} == {""}
    store = served.office.folder / "venue.documents"
    assert tarazy("verify", served.office.facility, "--documents", store).code == 0


def test_key_with_a_passphrase_signs_and_a_wrong_one_does_not(page: Page, served: Served, tmp_path: Path) -> None:
    path, locked = served.drafts / "admit.json", tmp_path / "locked.key"
    new_key_file(locked, passphrase=PASSPHRASE.encode(), key=load_key_file(served.office.keys[1]))
    page.open(served.address("admit"))
    sign(page, locked)
    assert "expected it, found none" in refusal(page)
    sign(page, locked, "another")
    page.wait("document.querySelector('#sign-wrong').textContent.includes('not that of this key')")
    assert read_draft(path).missing == [2]
    assert page.sent == []
    sign(page, locked, PASSPHRASE)
    page.wait("document.body.innerText.includes('Signed by all its officers')")
    assert read_draft(path).missing == []
    assert PASSPHRASE not in urllib.parse.unquote_plus("".join(page.sent))


def test_draft_that_changed_after_it_was_shown_is_not_signed(tarazy: Run, page: Page, served: Served) -> None:
    path = served.drafts / "admit.json"
    page.open(served.address("admit"))
    path.unlink()
    other = draft(tarazy, served.office, *REGISTER[:-2], "asset_code=ETH", "dti=")
    shutil.move(other, path)
    before = path.read_bytes()
    sign(page, served.office.keys[1])
    page.wait("document.querySelector('h1').innerText.includes('Not signed')")
    assert "changed after the page was shown" in page.text("main")
    assert path.read_bytes() == before
    page.complaints.clear()  # the browser notes the refusal's status 409


def test_other_keys_and_other_files_are_told_apart(page: Page, served: Served, tmp_path: Path) -> None:
    new_key_file(tmp_path / "stranger.key")
    (tmp_path / "poem.txt").write_text("Not a key.")
    (tmp_path / "cut.key").write_text("-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n")
    (tmp_path / "large.key").write_bytes(b"x" * 20_000)
    page.open(served.address("admit"))
    cases = {
        tmp_path / "stranger.key": "of none of the officers",
        served.office.keys[0]: "of none of the officers",
        tmp_path / "poem.txt": "no officer's key file",
        tmp_path / "cut.key": "no Ed25519 key",
        tmp_path / "large.key": "at most 16 KiB",
    }
    for path, words in cases.items():
        sign(page, path)
        page.wait(f"document.querySelector('#sign-wrong').textContent.includes({json.dumps(words)})")
    assert page.sent == []
    assert read_draft(served.drafts / "admit.json").missing == [2]


def test_draft_edited_by_hand_or_of_strangers_is_not_offered(page: Page, served: Served) -> None:
    path = served.drafts / "admit.json"
    honest = read_draft(path)
    text = path.read_text()
    (served.drafts / "edited.json").write_text(text.replace('"asset_code": "BTC"', '"asset_code": "ETH"'))
    forged = honest._replace(
        officers=(
            honest.officers[0],
            honest.officers[1]._replace(public_key=KeySigner.generate().public_key),
        ),
        signatures=(),
    )
    write_draft(served.drafts / "forged.json", forged, new=True)
    write_draft(served.drafts / "elsewhere.json", honest._replace(facility_id=bytes(16), signatures=()), new=True)
    (served.drafts / "link.json").symlink_to(path)
    page.open(served.url)
    shown = page.text("main")
    assert "It was changed after it was drafted" in shown
    assert "expected an instruction to" in shown
    assert shown.count("cannot be used") == 3
    page.open(served.address("forged"))
    assert "Do not sign" in page.text("main")
    assert not page.run("Boolean(document.querySelector('#sign'))")


def asked(url: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
    """Return status and text of an answer."""
    request = urllib.request.Request(url, data, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_other_hosts_other_origins_and_forms_without_a_token_are_refused(served: Served) -> None:
    honest = sign_draft(read_draft(served.drafts / "admit.json"), load_key_file(served.office.keys[1]))
    form = {"digest": honest.digest.hex(), "signature": honest.signatures[1][1].hex(), "form_token": "0" * 64}
    target, body = served.address("admit") + "/signature", urllib.parse.urlencode(form).encode()
    assert asked(served.url)[0] == 200
    assert asked(served.url, Host="rebound.example")[0] == 400
    assert asked(target, body, Host="rebound.example")[0] == 400
    assert asked(target, body, Origin="https://elsewhere.example")[0] == 403
    assert asked(target, body, Sec_Fetch_Site="cross-site")[0] == 403
    assert asked(target, body)[0] == 403
    assert asked(target)[0] in (404, 405)
    assert read_draft(served.drafts / "admit.json").missing == [2]


@pytest.mark.parametrize(
    "name", ["..%2Fvenue%2Ffacility", "%2e%2e", "none", ".hidden", "a%00", "..%2Fvenue%2Ffacility.json"]
)
def test_no_other_file_is_read(served: Served, name: str) -> None:
    (served.drafts / ".hidden.json").write_text("{}")
    status, text = asked(served.address(name))
    assert status == 404
    assert "facility_id" not in text


def test_twin_says_the_same_as_the_page(served: Served) -> None:
    honest = read_draft(served.drafts / "admit.json")
    status, text = asked(served.address("admit.json"))
    found = json.loads(text)
    assert status == 200
    assert found["message"] == honest.message.hex()
    assert found["digest"] == draft_as_json(honest)["digest"]
    assert [each["fields"] for each in found["commands"]] == draft_as_json(honest)["commands"]
    assert json.loads(asked(f"{served.url}index.json")[1])["waiting"] == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_and_can_be_looked_at(page: Page, served: Served, width: int, tmp_path: Path) -> None:
    page.resize(width)
    for name, address in (("list", served.url), ("draft", served.address("admit"))):
        page.open(address)
        assert page.overflow() == []
        page.screenshot(tmp_path / f"{name}-{width}.png")


def test_without_scripts_the_page_says_how_to_sign(browser: Browser, served: Served) -> None:
    page = browser.page(1280, scripts=False)
    page.open(served.address("admit"))
    assert "tarazy instruct sign" in page.text("main")
    page.close()
