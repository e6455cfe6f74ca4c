"""The authority's site in Chromium: from an application to a licence, a token onto the list, a comment to its answer.

Every act is signed in the browser with an officer's key file; what the pages say is compared with the record that
`tarazy authority` reads afterwards.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from tarazy.authority.greenlist.dossier import ITEMS

from .browser import Browser, Page
from .console_server import started
from .offices import Run

DOCUMENT = "ab" * 32


class Site(NamedTuple):
    """A served authority: its public pages, its desk, its folder and its officers' keys."""

    public: str
    desk: str
    folder: Path
    keys: tuple[Path, Path]


def day(days: int) -> str:
    """Return a day from today on, UTC."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def founded(tarazy: Run, tmp_path: Path) -> tuple[Path, tuple[Path, Path]]:
    """Found an authority with two officers."""
    keys = tmp_path / "aida.key", tmp_path / "bolat.key"
    for key in keys:
        assert tarazy("officer", "new", key).code == 0
    words = [f"--officer={name}={key}" for name, key in zip(("Aida", "Bolat"), keys, strict=True)]
    assert tarazy("authority", "new", tmp_path / "desk", "--title", "Trial Authority", *words).code == 0
    return tmp_path / "desk", keys


def with_dossier(tarazy: Run, folder: Path, key: Path) -> None:
    """Open a dossier with evidence for every item but the first."""
    fields = {"symbol": "BTC", "name": "Bitcoin", "chain": "bitcoin", "class": "native", "anonymity_enhanced": "no"}
    fields |= {"algorithmic": "no", "issuer": "none", "applicant": "operator", "insiders": "Secret Person"}
    fields |= {"circulating": "19900000", "total": "19900000"}
    evidence = {"verdict": "met", "found": "as it should be", "source": "test", "on": day(0), "expires": day(90)}
    for kind, given in [("dossier.open", fields), *(("dossier.evidence", {"item": i, **evidence}) for i in ITEMS[1:])]:
        words = [f"--set={name}={value}" for name, value in given.items()]
        done = tarazy("authority", "act", folder, kind, "bitcoin", "--officer", "1", "--key", key, *words)
        assert done.code == 0, done.err


def prepared(tarazy: Run, folder: Path) -> tuple[str, ...]:
    """Return the items for which there is evidence."""
    return tuple(tarazy("authority", "show", folder, "bitcoin", "--json").json["facts"]["evidence"])


@pytest.fixture
def site(tarazy: Run, tmp_path: Path) -> Iterator[Site]:
    """Serve an authority."""
    folder, keys = founded(tarazy, tmp_path)
    with_dossier(tarazy, folder, keys[0])
    with started(tmp_path, "authority", "serve", folder, "--port", "0") as told:
        yield Site(told["url"], told["desk"], folder, keys)


@pytest.fixture
def page() -> Iterator[Page]:
    """Return a page; what it complains of or asks of others fails the test."""
    with Browser() as browser:
        opened = browser.page(1280)
        yield opened
        assert not opened.complaints
        assert not opened.from_elsewhere()


def act(page: Page, site: Site, kind: str, subject: str, /, officer: int = 1, **fields: str) -> None:
    """Fill in the form of an act and sign it."""
    page.open(f"{site.desk}acts/{kind}")
    page.select("#officer_id", str(officer))
    page.fill("#subject", subject)
    for field, value in fields.items():
        selector = f"#field-{field.rstrip('_')}"
        is_choice = page.run(f"document.querySelector('{selector}').tagName === 'SELECT'")
        (page.select if is_choice else page.fill)(selector, value)
    page.click("form.sheet button.main")
    sign(page, site, officer)


def sign(page: Page, site: Site, officer: int) -> None:
    """Sign what the page shows."""
    page.wait("document.querySelector('#sign') !== null")
    page.choose("#key", site.keys[officer - 1])
    page.click("#sign button.main")
    page.wait("document.querySelector('#proposals-title') !== null")


def approve(page: Page, site: Site) -> None:
    """Let the second officer approve the only proposal that waits."""
    page.open(site.desk)
    page.click("table a")
    page.wait("document.querySelector('#verdict') !== null")
    page.select("#officer_id", "2")
    page.fill("#reason", "looked at")
    page.click("form.sheet button.main")
    sign(page, site, 2)


def twin(url: str) -> dict:  # type: ignore[type-arg]
    """Return a page's JSON."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        found: dict = json.load(answer)  # type: ignore[type-arg]
    return found


def test_a_facility_is_licensed_a_token_listed_and_a_comment_answered_by_hand(
    site: Site, page: Page, tarazy: Run, tmp_path: Path
) -> None:
    persons = {"seo": "A", "finance_officer": "B", "compliance_officer": "C", "mlro": "D", "cito": "E"}
    board = {"board_members": "6", "independent_members": "2", "policies": DOCUMENT, "fee_paid_usd": "98000"}
    act(page, site, "application.receive", "caspian", name="Caspian DATF", **persons, **board)
    act(page, site, "application.principle", "caspian", conditions="Show the wallets")
    approve(page, site)
    act(page, site, "condition.met", "caspian", condition="1", document=DOCUMENT)
    capital = {"value": "250000", "unit": "USD", "from_": day(0), "source": "set for a test"}
    act(page, site, "parameter.set", "capital.datf_min_usd", **capital)
    approve(page, site)
    grant = {"number": "AFSA-A-LA-2026-0001", "types": "digital_asset", "from_": day(0), "expires": day(365)}
    act(page, site, "licence.grant", "caspian", capital_usd="300000", **grant)
    approve(page, site)
    page.open(site.public)
    assert "AFSA-A-LA-2026-0001" in page.text("table")
    assert "active" in page.text("table")

    assert prepared(tarazy, site.folder) == ITEMS[1:]
    words = {"item": ITEMS[0], "verdict": "met", "found": "as it should be", "source": "test"}
    act(page, site, "dossier.evidence", "bitcoin", on=day(0), expires=day(90), **words)
    act(page, site, "token.list", "bitcoin", present="1\n2", reason="all items met")
    approve(page, site)
    page.open(f"{site.public}greenlist")
    assert "BTC" in page.text("table")
    (listed,) = twin(f"{site.public}greenlist.json")["list"]["tokens"]
    assert (listed["symbol"], listed["listed_on"]) == ("BTC", day(0))

    rules = json.dumps([{"id": "R73", "in_force": "Monthly.", "draft": "Every working day."}])
    titles = {"title_en": "Daily", "title_ru": "Ежедневно", "title_kk": "Күн сайын"}
    paper = {"number": "AFSA-P-CE-2026-0009", "background": "Why", "deadline": day(30), "rules": rules}
    act(page, site, "consultation.publish", "daily", **titles, **paper)
    approve(page, site)
    page.open(f"{site.public}consultations/daily")
    page.fill("#text", "Chains know <b>no</b> weekend.")
    page.click("form.sheet button.main")
    page.wait("document.querySelector('code.hash') !== null")
    receipt = page.text("code.hash")
    number = page.text("h1").split()[1]
    act(page, site, "comment.answer", "daily", comment=number, outcome="taken", reason="agreed")
    page.open(f"{site.public}consultations/daily")
    assert "Chains know <b>no</b> weekend." in page.text()
    assert "taken" in page.text(f"#comment-{number}")
    (comment,) = twin(f"{site.public}consultations/daily.json")["rules"][0]["comments"]
    assert comment["sha256"] == receipt

    for width in (1280, 390):
        page.resize(width)
        for name in ("", "licences/caspian", "greenlist", "greenlist/tokens/bitcoin", "consultations/daily"):
            page.open(f"{site.public}{name}")
            assert page.overflow() == []
    verified = tarazy("authority", "verify", site.folder, "--json")
    assert verified.json["ok"] is True
    assert tarazy("authority", "show", site.folder, "caspian", "--json").json["state"] == "active"


def test_a_wrong_key_signs_nothing(site: Site, page: Page) -> None:
    page.open(f"{site.desk}acts/parameter.set")
    page.fill("#subject", "capital.datf_min_usd")
    for field, value in {"value": "1", "unit": "USD", "from": day(0), "source": "x"}.items():
        page.fill(f"#field-{field}", value)
    page.click("form.sheet button.main")
    page.wait("document.querySelector('#sign') !== null")
    page.choose("#key", site.keys[1])
    page.click("#sign button.main")
    page.wait("!document.querySelector('#sign-wrong').hidden")
    assert "of none of the officers" in page.text("#sign-wrong")


def test_the_desk_is_closed_to_other_names_and_the_public_pages_are_not(site: Site) -> None:
    for path, code in ((site.desk, 403), (f"{site.desk}acts", 403), (site.public, 200)):
        request = urllib.request.Request(path, headers={"Host": "rebound.example"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                found = answer.status
        except urllib.error.HTTPError as error:
            found = error.code
        assert found == code


def test_a_dossier_without_a_decision_and_its_insiders_are_not_the_public_s(site: Site, tarazy: Run) -> None:
    assert twin(f"{site.public}greenlist.json")["list"]["tokens"] == []
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{site.public}greenlist/tokens/bitcoin", timeout=20)
    # The served desk is the one writer: another act beside it is refused with what to do.
    words = ("authority", "act", site.folder, "office.revoke", "2", "--officer", "1", "--key", site.keys[0])
    beside = tarazy(*words)
    assert (beside.code, "no other writer" in beside.err) == (1, True)
