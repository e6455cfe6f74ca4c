"""One client on a phone (390 px), from a request to become one to a lost second factor, over one running facility.

By hand: 12,750.00 KZT come in under the reference that the wallet shows; 0.01 BTC at 500,000.00 cost 5,000.00, and
the taker's fee of 0.2 % is taken from what it gets (as on Binance Spot): 0.00998 BTC and 7,750.00 KZT are left.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from tarazy.cli.market_data.playing import KEY_NAMES
from tarazy.journal.keys import keys_folder
from tests.unit.facility.accounts.desk import KZ, NOBODY, OFAC, UN, VESSEL

from ..trading_stage import PLAN, Served, make_facility, new_key, served
from ..web_person import PASSWORD
from .browser import Browser, Page
from .offices import Office, Run
from .test_bank_cli import EDGE, PAID
from .test_clients_cli import Clerk
from .test_gateway_attacks import Trader
from .test_trading_page import order

# BTC by the hundredth against the tenge, prices by the tenge; the account of somebody else is the first.
TENGE = replace(PLAN, quote_code="KZT", quote_scale=2, lot_size_minor=10**6, quote_deposit_minor=10**12)
IBAN = "KZ86125KZT5004100100"
COMPLAINTS = "document.querySelector('[aria-labelledby=complaints-title]')"
PICTURES = os.environ.get("TARAZY_PICTURES", "")


class Phone:
    """The client's phone, and where it is."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.count = page, url, 0

    def at(self, path: str) -> None:
        """Go to a page."""
        self.page.open(f"{self.url}/trade/{path}")
        self.look(path)

    def look(self, name: str) -> None:
        """Hold the page to what every page on a phone is held to."""
        self.count += 1
        if PICTURES:
            self.page.screenshot(Path(PICTURES) / f"{self.count:02}-{re.sub('[^a-z0-9]+', '-', name.lower())}.png")
        assert self.page.overflow() == [], name
        assert self.page.complaints == [], name

    def send(self, condition: str, button: str = "main button.main") -> None:
        """Press the page's main button, and wait for what comes of it."""
        self.page.click(button)
        self.page.wait(condition)


@pytest.fixture
def running(tarazy: Run, tmp_path: Path) -> Iterator[tuple[Served, Clerk]]:
    """Serve the facility."""
    venue = tmp_path / "venue"
    make_facility(venue, accounts=1, plan=TENGE)
    first, second = (keys_folder(venue) / f"{name}.key" for name in KEY_NAMES[:2])
    with served(venue) as found:
        yield found, Clerk(tarazy, Office(tmp_path, venue, (first, second)))


def hand_in(clerk: Clerk, url: str, draft: Path) -> None:
    """Let both officers sign a draft, and hand it to the facility that is served."""
    for key in clerk.office.keys:
        assert clerk.tarazy("instruct", "sign", draft, "--key", key).code == 0
    done = clerk.tarazy("instruct", "submit", clerk.office.facility, draft, "--url", url, "--json")
    assert done.code == 0, done.err


def admitted(clerk: Clerk, url: str) -> int:
    """Take a person in as a client, with an account in the record; return its number in the register."""
    names = ("--name", "Aigul Akhmetova", "--birth", "1991-02-03", "--country", "KZ", "--residence", "KZ")
    entered = clerk.act("new", "--kind", "person", *names)
    client, party = entered["client"], entered["party"]
    paper = clerk.file("passport.txt", "a passport")
    clerk.act("paper", party, f"identity={paper}", f"address={paper}")
    today = datetime.now(UTC).date()
    lists = (
        ("un", UN.format(day=today.isoformat(), people=NOBODY, companies=""), ()),
        ("ofac", OFAC.format(day=f"{today:%m/%d/%Y}", count=1, entries=VESSEL.format(uid=1)), ()),
        ("kz", KZ.format(people="<person><lname>A</lname><fname>B</fname></person>"), ("--published", today)),
    )
    for name, text, more in lists:
        clerk.act("screen", "--import", name, clerk.file(f"{name}.xml", text), *more)
    clerk.act("screen")
    proposal = clerk.act("classify", client, "retail", "--reason", "a private person")["decision"]
    clerk.act("classify", "--confirm", proposal["decision"], officer=2)
    clerk.act("decide", client, "checks_open", "--reason", "papers are there")
    proposal = clerk.act("decide", client, "approved", "--reason", "checked in person")["decision"]
    clerk.act("decide", "--confirm", proposal["decision"], officer=2)
    draft = clerk.office.folder / "opens.json"
    clerk.look("draft", draft, "--client", client, "--officer", 1, "--approver", 2)
    hand_in(clerk, url, draft)
    return int(str(client))


def pay_in(clerk: Clerk, url: str, reference: str, on: date) -> None:
    """The bank's statement of a day has a payment with a reference; the house credits what it matches."""
    edges = (EDGE.format("OPBD", "0"), EDGE.format("CLBD", "12750.00"))
    text = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S1</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>KZT</Ccy></Acct>{''.join(edges)}"
        f"{PAID.format('12750.00', 'B1', 'Aigul Akhmetova', reference)}</Stmt></BkToCstmrStmt></Document>"
    ).replace("2026-11-27", on.isoformat())
    facility, listed, draft = clerk.office.facility, clerk.office.folder / "in.json", clerk.office.folder / "in.draft"
    done = clerk.tarazy("bank", "import", facility, clerk.file("statement.xml", text), "--json")
    assert done.json["files"][0]["items"] == 1, done.err
    assert clerk.tarazy("bank", "commands", facility, listed, "--json").json["commands"] == 1
    words = ("--facility", facility, "--officer", 1, "--approver", 2, "--from", listed)
    assert clerk.tarazy("instruct", "draft", draft, *words).code == 0
    hand_in(clerk, url, draft)


def test_a_client_s_life_on_a_phone(running: tuple[Served, Clerk]) -> None:
    facility, clerk = running
    url, officer = facility.url, ("--officer", 1, "--key", clerk.office.keys[0])
    with Browser() as browser:
        phone = Phone(browser.page(390), url)
        page = phone.page

        phone.at("sign-up")
        for name, value in (("name", "Aigul Akhmetova"), ("reach", "+7 700 000 00 00"), ("text", "to buy bitcoin")):
            page.fill(f"#{name}", value)
        phone.send("document.querySelector('.notice')?.textContent.includes('number')")
        phone.look("signed up")
        desk = clerk.tarazy("facility", "desk", facility.directory)
        assert "Aigul Akhmetova" in desk.out

        client = admitted(clerk, url)
        venue = clerk.office.facility
        words = ("--estate", "client", "--currency", "KZT", "--asset", 2)
        assert clerk.tarazy("bank", "account", venue, IBAN, *words, *officer).code == 0
        words = ("--client", client, "--account-id", 2, "--reference", "1234567")
        assert clerk.tarazy("bank", "payer", venue, *words, *officer).code == 0
        invited = clerk.tarazy("facility", "user", "new", venue, "--name", "aigul", "--account", 2, "--json").json

        phone.at("invitation")
        for name, value in (("name", "aigul"), ("invitation", invited["invitation"]), ("password", PASSWORD)):
            page.fill(f"#{name}", value)
        phone.send("document.querySelector('.picture')")
        phone.look("second factor")
        address = page.run("document.querySelector('a[href^=otpauth]').href")  # a phone reads no picture of its own
        secret = parse_qs(urlsplit(address).query)["secret"][0]
        assert secret == page.text("code.hash").replace(" ", "")
        page.fill("#code", pyotp.TOTP(secret).at(int(time.time())))
        phone.send("document.querySelector('.spare-codes')")
        phone.look("spare codes")
        codes = page.run("[...document.querySelectorAll('.spare-codes code')].map(e => e.textContent)")
        phone.send("!document.querySelector('.spare-codes')", "main a.button")
        phone.look("home")

        phone.at("2/rights")
        page.click("form[action$=begin] button")
        page.wait("document.querySelector('.question')")
        phone.look("test of knowledge")
        for number in range(1, page.run("document.querySelectorAll('.question').length") + 1):
            page.click(f"input[name=answer-{number}]")
        phone.send("document.querySelector('.notice')?.textContent.includes('%')")
        phone.look("answered")

        phone.at("2/wallet")
        shown = page.text("main")
        (reference,) = re.findall(r"(?<!\d)\d{7}(?!\d)", shown)
        assert IBAN in shown
        pay_in(clerk, url, reference, datetime.now(UTC).date())
        wallet = "fetch('/trade/2/wallet.json').then(r => r.json())"
        give_up = time.monotonic() + 60
        while not page.run(f"{wallet}.then(d => d.balances.length)"):  # the read models follow the record
            assert time.monotonic() < give_up
            page.driven.wait_for_timeout(50)
        phone.at("2/wallet")
        assert "12,750" in page.text("main")

        seller = Trader(facility, *new_key(venue, 1))
        terms = {"symbol": "BTCKZT", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC"}
        assert seller.ask("POST", "/api/v3/order", **terms, price="500000", quantity="1").status_code == 200
        phone.at("2/market/BTCKZT")
        page.wait("document.querySelector('#asks tr')")
        order(page, "BUY", "500000", "0.01")
        page.wait("document.querySelector('#fills tbody tr')")
        phone.look("bought")
        phone.at("2/wallet")
        balances = page.run(f"{wallet}.then(d => d.balances)")
        assert {row["asset"]: row["free"] for row in balances} == {"BTC": "0.00998", "KZT": "7750"}

        for name, value in (("amount", "1000"), ("destination", "KZ221251234567890123"), ("code", codes.pop())):
            page.fill(f"#{name}", value)
        page.select("#asset", "KZT")
        phone.send("document.querySelector('.held li')")
        phone.look("withdrawal")
        assert "1,000 KZT" in page.text(".held")

        phone.at("2/rights")
        page.fill("#text", "The fill came late.")
        phone.send(
            "document.querySelector('main').textContent.includes('The fill came late.')", ".sheet form button.main"
        )
        phone.look("complaint")

        page.click("footer button")
        page.wait("document.querySelector('#name')")
        page.click("a[href$=recovery]")
        page.wait("document.querySelector('button[value=ask]')")
        page.fill("#name", "aigul")
        page.fill("#password", PASSWORD)
        phone.send("document.querySelector('.notice')?.textContent.includes('Come back after')", "button[value=ask]")
        phone.look("recovery begun")
        page.fill("#name", "aigul")
        page.fill("#password", PASSWORD)
        page.click("button[value=finish]")
        page.wait("document.querySelector('.notice.bad')")
        phone.page.complaints.clear()  # Chromium names every answer of 400 and more
        phone.look("recovery too early")

        phone.at("login")
        for name, value in (("name", "aigul"), ("password", PASSWORD), ("code", codes.pop())):
            page.fill(f"#{name}", value)
        phone.send("document.querySelector('#trade')")
        page.close()
    assert clerk.tarazy("verify", venue).code == 0
