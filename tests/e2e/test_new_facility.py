"""A new facility in Chromium: from its application to a licence, its first token, its disclosures, its first trade.

Three processes: the authority, the facility, its officers' admission desk. Whatever a person decides is done at a page;
beforehand lie only the founding of both houses, the accounts with their money, and papers beside those that are tested.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tarazy.authority.greenlist.dossier import ITEMS
from tarazy.cli.facility.admission.arguments import open_admission
from tarazy.facility.officers.key_files import load_key_file
from tarazy.oversight.publications.disclosures import every_head

from ..trading_stage import Served, new_key, served
from ..web_person import WebPerson, new_person
from .browser import Browser, Page
from .console_server import started
from .offices import Run
from .test_authority_site import Site, act, approve, day, founded, sign, twin
from .test_gateway_attacks import Trader
from .test_trading_page import LIVE, log_in, order

BY_HAND = ("business-rules", "conflicts", "risks")  # the other heads are published beforehand
LEI = "529900T8BM49AURSDO55"
WAIT_S = 60.0


class Stage(NamedTuple):
    """Both houses as they are served."""

    authority: Site
    apply: str
    gateway: Served
    desk: str
    instructions: str
    keys: tuple[Path, ...]
    person: WebPerson


def publish_beforehand(facility: Path, keys: tuple[Path, ...]) -> None:
    """Draft and approve the papers that no test looks at."""
    signers = [load_key_file(key) for key in keys[:2]]
    with open_admission(facility) as desk:
        for head in every_head():
            if head.name not in BY_HAND:
                text = {"title": head.words, "language": "en", "text": f"On {head.words}."}
                body = text | {"effective": desk.today, "review_by": day(300)}
                line = desk.act(1, signers[0], "paper.draft", head.name, body)
                desk.act(2, signers[1], "paper.approve", head.name, {"paper": line.unsigned.number})


def deposit(location: str, *, account: int, asset: int, amount_minor: int) -> str:
    """Return the words of a command that credits an account."""
    evidence = f"evidence_ns={time.time_ns()} evidence_hash={account:064x}"
    whose = f"account_id={account} asset_id={asset} amount_minor={amount_minor}"
    return f"CreditDeposit location={location} {whose} {evidence}"


def instructed(tarazy: Run, folder: Path, keys: tuple[Path, ...], url: str | None, *commands: str) -> None:
    """Let two officers order what the test rests on, by the command line."""
    draft = folder / f"draft-{time.monotonic_ns()}.json"
    words = [word for command in commands for word in ("--command", *command.split())]
    who = ("--facility", folder / "venue", "--officer", 1, "--approver", 2)
    done = tarazy("instruct", "draft", draft, *who, *words)
    assert done.code == 0, done.err
    for key in keys[:2]:
        assert tarazy("instruct", "sign", draft, "--key", key).code == 0
    place = ("--url", url) if url else ("--engine", "spec")
    done = tarazy("instruct", "submit", folder / "venue", draft, *place, "--json")
    assert (done.code, done.json["refused"]) == (0, 0), done.out


@pytest.fixture
def stage(tarazy: Run, tmp_path: Path) -> Iterator[Stage]:
    """Found both houses and serve them."""
    authority, officials = founded(tarazy, tmp_path)
    keys = tuple(tmp_path / f"{name}.key" for name in ("dana", "erlan", "farida"))
    for key in keys:
        assert tarazy("officer", "new", key).code == 0
    facility, drafts = tmp_path / "venue", tmp_path / "drafts"
    drafts.mkdir()
    officers = [word for key in keys for word in ("--officer", key)]
    assert tarazy("facility", "create", facility, "--name", "Caspian", *officers).code == 0
    owner = "client_class=professional account_role=client fee_tier=0 approval_id=0"
    instructed(
        *(tarazy, tmp_path, keys, None, "RegisterAsset asset_kind=fiat scale=2 asset_code=USD dti="),
        f"AdmitAsset asset_id=1 decision_hash={'ab' * 32}",
        *(f"OpenAccount {owner} owner_id={n} leaf_salt={n}" for n in (1, 2)),
        deposit("bank", account=1, asset=1, amount_minor=100_000_000),
    )
    assert tarazy("facility", "admission", "new", facility).code == 0
    publish_beforehand(facility, keys)
    person = new_person(facility, "aigul", (1,))
    with ExitStack() as stack:
        told = stack.enter_context(started(tmp_path, "authority", "serve", authority, "--port", "0"))
        site = Site(told["url"], told["desk"], authority, officials)
        gateway = stack.enter_context(served(facility, "--drafts", str(drafts)))
        logs = tmp_path / "admission"
        logs.mkdir()
        words = ("facility", "admission", "serve", facility, "--drafts", drafts, "--port", "0")
        at = stack.enter_context(started(logs, *words))
        yield Stage(site, told["apply"], gateway, at["url"], at["instructions"], keys, person)


@pytest.fixture
def page() -> Iterator[Page]:
    """Return a page; what it asks of others, or its scripts complain of, fails the test."""
    with Browser() as browser:
        opened = browser.page(1280)
        yield opened
        refused = [each for each in opened.complaints if "status of 4" not in each]  # refusals that the test provokes
        assert not refused
        assert not opened.from_elsewhere()


def fill_in(page: Page, **fields: str) -> None:
    """Fill in the fields of a form by their names."""
    for field, value in fields.items():
        selector = f"#field-{field.rstrip('_')}"
        is_choice = page.run(f"document.querySelector('{selector}').tagName === 'SELECT'")
        (page.select if is_choice else page.fill)(selector, value)


def begun(page: Page, stage: Stage, kind: str, subject: str, **fields: str) -> None:
    """Begin a draft at the portal and fill it in."""
    page.open(stage.apply)
    page.select("#kind", kind)
    page.click("form button.main")
    page.wait("document.querySelector('#draft') !== null")
    page.fill("#subject", subject)
    fill_in(page, **fields)


def filed(page: Page) -> str:
    """File the draft and return the filing's number."""
    page.click("#draft button.main")
    page.wait("document.querySelector('#receipt-title') !== null")
    number: str = page.run("location.pathname.split('/').pop()")
    return number


def take_in(page: Page, stage: Stage, number: str) -> None:
    """Let an officer take a filing in, with the fields that the applicant filled in."""
    page.open(f"{stage.authority.desk}filings/{number}")
    page.click("#take-in")
    page.wait("document.querySelector('#officer_id') !== null")
    page.click("form.sheet button.main")
    sign(page, stage.authority, 1)


def decide(page: Page, stage: Stage, kind: str, subject: str, officer: int, **fields: str) -> None:
    """Act at the facility's admission desk and sign."""
    page.open(f"{stage.desk}acts/{kind}")
    page.select("#officer_id", str(officer))
    page.fill("#subject", subject)
    fill_in(page, **fields)
    page.click("form.sheet button.main")
    page.wait("document.querySelector('#sign') !== null")
    page.choose("#key", stage.keys[officer - 1])
    page.click("#sign button.main")
    page.wait("document.querySelector('#proposals-title') !== null")


def instruct(page: Page, stage: Stage, kind: str, about: str, **terms: str) -> None:
    """Write a draft at the desk, sign it as both officers, and wait until the facility has it."""
    page.open(f"{stage.desk}drafts/{kind}?about={about}")
    for name, value in terms.items():
        page.fill(f"#{name}", value)
    page.click("form.sheet button.main")
    page.wait("document.querySelector('#written') !== null")
    page.click("main a.button")
    for key in stage.keys[:2]:
        page.wait("document.querySelector('#sign') !== null")
        before = page.run("document.querySelector('#sign').dataset.keys")
        page.choose("#key", key)
        page.click("#sign button.main")
        page.wait(f"document.querySelector('#sign')?.dataset.keys !== {json.dumps(before)}")
    name = page.run("location.pathname.split('/').pop()")
    outcome = stage.gateway.directory.parent / "drafts" / f"{name}.outcome"
    deadline = time.monotonic() + WAIT_S
    while not outcome.exists():
        assert time.monotonic() < deadline, "the facility has not taken the draft"
        time.sleep(0.1)
    assert json.loads(outcome.read_text()).get("refused") == 0, outcome.read_text()


def test_a_new_facility_applies_is_licensed_lists_discloses_and_trades(
    stage: Stage, page: Page, tarazy: Run, tmp_path: Path
) -> None:
    apply_for_a_licence(page, stage, tmp_path)
    file_a_token(page, stage)
    charter_and_lists(page, stage)
    disclose(page, stage)
    list_the_token(page, stage)
    folder = stage.gateway.directory.parent
    coins = deposit("cold", account=2, asset=2, amount_minor=500_000_000)
    instructed(tarazy, folder, stage.keys, stage.gateway.url, coins)
    trade(page, stage)
    compare(page, stage)
    assert tarazy("authority", "verify", stage.authority.folder, "--json").json["ok"] is True
    checked = tarazy("facility", "admission", "check", stage.gateway.directory, "--json").json
    assert checked["findings"] == []
    look(page, stage)


def apply_for_a_licence(page: Page, stage: Stage, tmp_path: Path) -> None:
    """Make an account, file, be refused for a lapsed LEI, file again; then the officers grant."""
    page.open(stage.apply)
    page.fill("#name", "Caspian DATF")
    page.fill("#contact", "desk@caspian.example")
    page.click("form button.main")
    page.wait("document.querySelector('#access-key') !== null")
    key = page.text("#access-key")
    page.click("main a.button")
    page.fill("#key", key)
    page.click("form button.main")
    persons = {"seo": "A", "finance_officer": "B", "compliance_officer": "C", "mlro": "D", "cito": "E"}
    board = {"board_members": "6", "independent_members": "2", "fee_paid_usd": "98000"}
    lapsed = {"lei": LEI, "lei_next_renewal": day(-1)}
    begun(page, stage, "application.receive", "caspian", name="Caspian DATF", **persons, **board, **lapsed)
    page.wait("document.querySelector('#autosave').textContent === 'Saved.'")  # kept before anything was sent
    page.driven.reload()
    assert page.run("document.querySelector('#field-mlro').value") == "D"
    policies = tmp_path / "policies.pdf"
    policies.write_bytes(b"%PDF-1.4\n% policies of the trial\n")
    page.choose("#document", policies)
    page.click("form[enctype] button")
    page.wait("document.body.textContent.includes('policies.pdf')")
    page.click("#draft button.main")
    page.wait("document.querySelector('.notice.bad') !== null")
    assert "A right check digit says nothing" in page.text(".notice.bad")
    assert page.run("document.querySelector('#field-mlro').value") == "D"
    page.fill("#field-lei_next_renewal", day(200))
    number = filed(page)
    take_in(page, stage, number)
    site = stage.authority
    act(page, site, "application.ask", "caspian", filing=number, question="Who keeps the keys?", until=day(5))
    page.open(f"{stage.apply}filings/{number}")
    page.fill("#text", "Three of <b>five</b> officers.")
    page.click("section form button.main")
    page.wait("document.body.textContent.includes('Your answer')")
    assert "Three of <b>five</b> officers." in page.text()
    act(page, site, "application.principle", "caspian", conditions="Show the wallets")
    approve(page, site)
    act(page, site, "condition.met", "caspian", condition="1", document="ab" * 32)
    capital = {"value": "250000", "unit": "USD", "from_": day(0), "source": "set for a test"}
    act(page, site, "parameter.set", "capital.datf_min_usd", **capital)
    approve(page, site)
    grant = {"number": "AFSA-A-LA-2026-0001", "types": "digital_asset", "from_": day(0), "expires": day(365)}
    act(page, site, "licence.grant", "caspian", capital_usd="300000", **grant)
    approve(page, site)
    page.open(f"{stage.apply}filings/{number}")
    assert (page.text("#state"), page.text("#case-state")) == ("taken in", "active")


def file_a_token(page: Page, stage: Stage) -> None:
    """File a dossier with an impossible supply, then a right one; the officers bring it onto the list."""
    identity = {"symbol": "BTC", "name": "Bitcoin", "chain": "bitcoin", "class_": "native", "issuer": "none"}
    supply = {"circulating": "30000000", "total": "21000000"}
    people = {"applicant": "operator", "insiders": "Secret Person"}
    begun(page, stage, "dossier.open", "bitcoin", **identity, **supply, **people)
    page.click("#draft button.main")
    page.wait("document.querySelector('.notice.bad') !== null")
    assert "0 < circulating <= total <= maximum" in page.text(".notice.bad")
    page.fill("#field-circulating", "19900000")
    take_in(page, stage, filed(page))
    words = {"verdict": "met", "found": "as it should be", "source": "test", "on": day(0), "expires": day(90)}
    for item in ITEMS:
        act(page, stage.authority, "dossier.evidence", "bitcoin", item=item, **words)
    act(page, stage.authority, "token.list", "bitcoin", present="1\n2", reason="all items met")
    approve(page, stage.authority)


def charter_and_lists(page: Page, stage: Stage) -> None:
    """Put a charter into force and import what the authority has signed."""
    signed = httpx.get(f"{stage.authority.public}greenlist.json").text
    terms = {"authority": "Trial Authority", "authority_key": json.loads(signed)["public_key"]}
    terms |= {"licensee": "caspian", "members": "1\n2\n3", "quorum": "2", "list_days_max": "7"}
    decide(page, stage, "charter.propose", "facility", 1, **terms)
    number = str(twin(f"{stage.desk}index.json")["charters_waiting"][0]["number"])
    decide(page, stage, "charter.approve", "facility", 2, charter=number)
    decide(page, stage, "list.import", "facility", 1, paper=signed)
    register = httpx.get(f"{stage.authority.public}index.json").text
    decide(page, stage, "register.import", "facility", 1, paper=register)


def disclose(page: Page, stage: Stage) -> None:
    """Draft and approve the papers by hand; who drafted cannot approve."""
    for head in BY_HAND:
        text = {"title": f"Our {head}", "language": "en", "text": f"This is <i>all</i> about {head}."}
        decide(page, stage, "paper.draft", head, 1, **text, effective=day(0), review_by=day(300))
        number = str(twin(f"{stage.desk}index.json")["papers"][0]["number"])
        if head == BY_HAND[0]:
            page.open(f"{stage.desk}acts/paper.approve?subject={head}&field.paper={number}")
            page.click("form.sheet button.main")
            page.wait("document.querySelector('.notice.bad') !== null")
            assert "officer 1, who drafted it" in page.text(".notice.bad")
        decide(page, stage, "paper.approve", head, 2, paper=number)
    found = httpx.get(f"{stage.gateway.url}/public/disclosures.json").json()
    assert found["findings"] == []


def list_the_token(page: Page, stage: Stage) -> None:
    """Propose, vote, and let two officers sign what the committee decided."""
    fields = {"asset_code": "BTC", "scale": "8", "investment_type": "digital_asset", "applicant": "operator"}
    decide(page, stage, "listing.propose", "bitcoin", 1, **fields, assessment="ab" * 32, reason="meets our rules")
    number = str(twin(f"{stage.desk}index.json")["proposals"][0]["number"])
    page.open(f"{stage.desk}acts/listing.vote?subject=bitcoin&field.proposal={number}")
    fill_in(page, vote="for", reason="mine")
    page.click("form.sheet button.main")
    page.wait("document.querySelector('.notice.bad') !== null")
    assert "officer 1, who proposed it" in page.text(".notice.bad")
    for officer in (2, 3):
        decide(page, stage, "listing.vote", "bitcoin", officer, proposal=number, vote="for", reason="looked at")
    assert twin(f"{stage.desk}index.json")["proposals"][0]["outcome"] == "adopted"
    instruct(page, stage, "admit", number)
    sizes = {"quote_asset_id": "1", "lot_size_minor": "100000", "tick_value_minor": "1"}
    instruct(page, stage, "market", "BTC", **sizes, reference_price_ticks="7800")


def trade(page: Page, stage: Stage) -> None:
    """A client is refused until it has confirmed the papers, then buys from another."""
    other = Trader(stage.gateway, *new_key(stage.gateway.directory, 2))
    tarazy_person = new_person(stage.gateway.directory, "bekzat", (2,))
    confirm(page, stage, tarazy_person, 2)
    ask = {"symbol": "BTCUSD", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC"}
    assert other.ask("POST", "/api/v3/order", **ask, price="78000", quantity="0.5").status_code == 200
    page.open(f"{stage.gateway.url}/trade/")
    log_in(page, stage.person)
    page.wait(LIVE)
    order(page, "BUY", "78000", "0.1")
    page.wait("document.querySelector('#outcome').textContent.includes('conflicts of interest')")
    page.open(f"{stage.gateway.url}/trade/1/disclosures")
    marked(page)
    page.open(f"{stage.gateway.url}/trade/1/market/BTCUSD")
    page.wait(LIVE)
    order(page, "BUY", "78000", "0.1")
    page.wait("document.querySelector('#outcome .good')?.textContent.includes('Filled 0.1 of 0.1')")
    trades = httpx.get(f"{stage.gateway.url}/api/v3/trades", params={"symbol": "BTCUSD"}).json()
    assert [(float(each["price"]), float(each["qty"])) for each in trades] == [(78_000, 0.1)]


def confirm(page: Page, stage: Stage, person: WebPerson, account: int) -> None:
    """Confirm every paper as somebody, and log out."""
    page.open(f"{stage.gateway.url}/trade/")
    log_in(page, person)
    page.wait(LIVE)
    page.open(f"{stage.gateway.url}/trade/{account}/disclosures")
    marked(page)
    page.driven.context.clear_cookies(name="tarazy_trader")


def marked(page: Page) -> None:
    """Mark every paper as read and confirm."""
    assert "This is <i>all</i> about risks." in page.text()
    for box in page.driven.locator("input[type=checkbox]").all():
        box.check()
    page.click("form button.main")
    page.wait("document.querySelector('#confirmed-title') !== null && !document.querySelector('input[type=checkbox]')")


def compare(page: Page, stage: Stage) -> None:
    """Note the facility's site; the desk compares it by itself, then again after a suspension that is not stated."""
    act(page, stage.authority, "licence.site", "caspian", url=f"{stage.gateway.url}/public/")
    deadline = time.monotonic() + WAIT_S
    while not twin(f"{stage.authority.desk}statements.json")["rows"][0]["on"]:
        assert time.monotonic() < deadline, "the desk has not compared"
        time.sleep(0.5)
    page.open(f"{stage.authority.desk}statements")
    assert "Nothing was found." in page.text()


def look(page: Page, stage: Stage) -> None:
    """Look at every page of the way at both widths; nothing stands out of it."""
    folder = stage.gateway.directory.parent / "pictures"
    folder.mkdir()
    pages = {
        "portal": stage.apply,
        "filings": f"{stage.authority.desk}filings",
        "statements": f"{stage.authority.desk}statements",
        "waiting": stage.authority.desk,
        "cases": f"{stage.authority.desk}cases",
        "licence case": f"{stage.authority.desk}cases/licence/caspian",
        "token case": f"{stage.authority.desk}cases/token/bitcoin",
        "decided": f"{stage.authority.desk}proposals/26",
        "grant": f"{stage.authority.desk}acts/licence.grant",
        "desk": stage.desk,
        "act": f"{stage.desk}acts/listing.propose",
        "draft": f"{stage.desk}drafts/market?about=BTC",
        "licence": f"{stage.gateway.url}/public/",
        "disclosures": f"{stage.gateway.url}/public/disclosures",
        "paper": f"{stage.gateway.url}/public/disclosures/risks/1",
        "assets": f"{stage.gateway.url}/public/assets",
        "confirmed": f"{stage.gateway.url}/trade/1/disclosures",
    }
    for width in (1280, 390):
        page.resize(width)
        for name, url in pages.items():
            page.open(url)
            assert page.overflow() == [], (name, width)
            page.screenshot(folder / f"{name}-{width}.png")
