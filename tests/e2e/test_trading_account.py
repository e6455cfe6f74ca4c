"""The account's and the operator's pages over the real gateway, in Chromium and by their JSON twins."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ..signing_stage import signing_client
from ..trading_stage import Served, make_facility, new_key, served
from ..web_person import PASSWORD, PageClient, WebPerson, new_person
from .browser import Browser, Page
from .test_gateway_attacks import Trader

PAGES = ("wallet", "statement", "keys", "rights", "market/BTCUSD")
OWN_PAGES = ("security", "recovery", "invitation", "sign-up", "login")
STAFF_PAGES = ("accounts", "markets", "health")
ASK = {"symbol": "BTCUSD", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC"}
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, WebPerson, WebPerson]]:
    """Serve a facility: Aigul of account 1, who bought 2 BTC at 1,000 and has an order open, and an officer."""
    directory = tmp_path_factory.mktemp("account") / "facility"
    make_facility(directory)
    person = new_person(directory, "aigul", (1,))
    officer = new_person(directory, "officer", (), ("operations",))
    with served(directory) as running:
        own, other = (Trader(running, *new_key(directory, number)) for number in (1, 2))
        other.ask("POST", "/api/v3/order", **ASK, price="1000", quantity="2")
        own.ask("POST", "/api/v3/order", **{**ASK, "side": "BUY"}, price="1000", quantity="2")
        own.ask("POST", "/api/v3/order", **{**ASK, "side": "BUY"}, price="900", quantity="3")
        signing_client(running, 1, scopes=("trade", "read"))
        yield running, person, officer


@pytest.fixture
def client(stage: tuple[Served, WebPerson, WebPerson]) -> Iterator[PageClient]:
    """Return a browser in which Aigul is logged in."""
    opened = PageClient(stage[0].url)
    opened.log_in(stage[1])
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a browser."""
    with Browser() as opened:
        yield opened


def log_in(page: Page, url: str, person: WebPerson, language: str = "en") -> None:
    """Log somebody in through the form, in a language."""
    page.open(f"{url}/trade/login?language={language}")
    page.fill("#name", person.name)
    page.fill("#password", PASSWORD)
    page.fill("#code", person.code())
    page.click("form button.main")
    page.wait("document.querySelector('footer button')")


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_stands_out_or_complains_in_any_language(
    browser: Browser, stage: tuple[Served, WebPerson, WebPerson], width: int, language: str
) -> None:
    page, url = browser.page(width), stage[0].url
    log_in(page, url, stage[1], language)
    for path in [f"1/{name}" for name in PAGES] + list(OWN_PAGES):
        page.open(f"{url}/trade/{path}")
        assert page.overflow() == [], path
        assert page.run("document.documentElement.lang") == language
        said = "машиной" in page.text("footer") or "машина" in page.text("footer")
        assert said == (language != "en"), path
    page.click("footer button")
    page.wait("document.querySelector('#name')")
    log_in(page, url, stage[2], language)
    for path in STAFF_PAGES:
        page.open(f"{url}/trade/operator/{path}")
        assert page.overflow() == [], path
        assert page.run("document.querySelectorAll('main td').length") > 0
    assert page.complaints == []
    assert page.from_elsewhere() == []
    page.close()


def test_every_page_has_its_twin_in_three_ways(client: PageClient) -> None:
    for path in [f"/trade/1/{name}" for name in PAGES] + ["/trade/security"]:
        plain = client.get(f"{path}.json").json()
        for again in (client.get(f"{path}?format=json"), client.get(path, headers=JSON)):
            assert again.headers["content-type"] == "application/json"
            assert again.json().keys() == plain.keys(), path


def test_every_held_amount_says_what_holds_it_and_they_add_up(
    client: PageClient, stage: tuple[Served, WebPerson, WebPerson]
) -> None:
    """3 at 900 are 2,700 USD; a withdrawal of 12.5 USD more."""
    page = client.get("/trade/1/wallet")
    assert page.status_code == 200
    code = stage[1].code()
    terms = {"asset": "USD", "amount": "12.5", "destination": "KZ86125KZT5004100100", "request": "77", "code": code}
    assert "12.5" in client.post("/trade/1/wallet", **terms).text
    wallet = client.get("/trade/1/wallet.json").json()
    held = {row["asset"]: row["held"] for row in wallet["balances"]}
    assert held == {"BTC": "0", "USD": "2712.5"}
    assert [(row["amount"], row["asset"]) for row in wallet["holds"]] == [("2700", "USD"), ("12.5", "USD")]
    assert all(row["what"] and row["to_do"] and row["by"] for row in wallet["holds"])
    assert wallet["withdrawals"][0]["destination"] == "KZ86125KZT5004100100"


def test_a_withdrawal_sent_twice_is_asked_for_once_and_none_without_a_code(
    client: PageClient, stage: tuple[Served, WebPerson, WebPerson]
) -> None:
    client.get("/trade/1/wallet")
    terms = {"asset": "BTC", "amount": "0.5", "destination": "bc1qexample", "request": "4242"}
    assert client.post("/trade/1/wallet", **terms, code="000000").status_code == 422
    before = len(client.get("/trade/1/wallet.json").json()["withdrawals"])
    client.get("/trade/1/wallet")
    assert client.post("/trade/1/wallet", **terms, code=stage[1].code()).status_code == 200
    client.post("/trade/1/wallet", **terms, code=stage[1].code())
    client.post("/trade/1/wallet", **{**terms, "amount": "1000"}, code=stage[1].code())
    assert len(client.get("/trade/1/wallet.json").json()["withdrawals"]) == before + 1


def test_the_statement_adds_up_and_its_csv_has_the_same_lines(client: PageClient) -> None:
    """10,000,000 USD came, 2,000 were paid for 2 BTC less 2,000 ppm."""
    plain = client.get("/trade/1/statement.json").json()
    sums = {row["asset"]: row for row in plain["assets"]}
    assert (sums["USD"]["credits"], sums["USD"]["debits"], sums["USD"]["closing"]) == ("10000000", "2000", "9998000")
    assert (sums["BTC"]["fees"], sums["BTC"]["closing"]) == ("0.004", "101.996")
    answer = client.get(f"/trade/1/statement/csv?month={plain['month']}")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    lines = [row for row in rows if row["kind"] == "line"]
    assert len(lines) == len(plain["lines"])
    assert client.get("/trade/1/statement/pdf").content.startswith(b"%PDF")
    assert client.get("/trade/1/statement?month=13").status_code == 400


def test_a_key_is_made_shown_once_trades_and_is_ended(
    client: PageClient, stage: tuple[Served, WebPerson, WebPerson]
) -> None:
    client.get("/trade/1/keys")
    terms = {"label": "<b>bot</b>", "scope-read": "1", "scope-trade": "1", "networks": "127.0.0.1", "days": "30"}
    assert "API secret" not in client.post("/trade/1/keys", **terms, code="000000").text
    made = client.post("/trade/1/keys", **terms, code=stage[1].code()).text
    assert "<b>bot" not in made
    key, secret = (part.partition("<")[0] for part in made.split('<code class="hash">')[1:3])
    trader = Trader(stage[0], key, secret)
    assert trader.ask("GET", "/api/v3/account").status_code == 200
    again = client.get("/trade/1/keys")
    assert secret not in again.text
    assert secret not in client.get("/trade/1/keys.json").text
    client.post("/trade/1/keys/revoke", key=key)
    assert trader.ask("GET", "/api/v3/account").status_code == 401
    refused = {"label": "", "scope-withdraw": "1", "networks": "", "days": "30", "code": stage[1].code()}
    assert client.post("/trade/1/keys", **refused).status_code == 422


def recorded_until(client: PageClient, key: str, is_revoked: bool) -> dict[str, Any]:
    """Return how the record has a key, when it stands there as it should: the gateway looks at keys each second."""
    give_up = time.monotonic() + 60
    while True:
        rows = client.get("/trade/1/keys.json").json()["recorded"]
        found: list[dict[str, Any]] = [row for row in rows if row["key"] == key and row["is_revoked"] == is_revoked]
        if found:
            return found[0]
        assert time.monotonic() < give_up, rows
        time.sleep(0.2)


def test_own_keys_are_shown_as_the_record_has_them(
    client: PageClient, stage: tuple[Served, WebPerson, WebPerson]
) -> None:
    """RegisterClientKey and RevokeClientKey (docs/concepts/signed-requests.md): the client compares its public key."""
    signer = signing_client(stage[0], 1, scopes=("trade", "read"))
    row = recorded_until(client, signer.key_id, is_revoked=False)
    public = signer.private.public_key().public_bytes_raw().hex()
    assert (row["public_key"], row["scopes"], row["signs_everything"]) == (public, ["trade"], False)
    assert public in client.get("/trade/1/keys").text
    client.post("/trade/1/keys/revoke", key=signer.key_id)
    assert recorded_until(client, signer.key_id, is_revoked=True)["number"] == row["number"]
    others = client.get("/trade/2/keys.json")
    assert others.status_code >= 400, "another account's keys are nobody's business"


def test_a_key_of_another_account_is_not_ended(client: PageClient, stage: tuple[Served, WebPerson, WebPerson]) -> None:
    key, secret = new_key(stage[0].directory, 2)
    client.get("/trade/1/keys")
    assert client.post("/trade/1/keys/revoke", key=key).status_code == 422
    assert Trader(stage[0], key, secret).ask("GET", "/api/v3/account").status_code == 200


def test_a_complaint_shows_its_clock_and_reaches_the_desk(
    client: PageClient, stage: tuple[Served, WebPerson, WebPerson]
) -> None:
    client.get("/trade/1/rights")
    client.post("/trade/1/rights", text="A fill <script>came</script> late.")
    row = client.get("/trade/1/rights.json").json()["complaints"][0]
    assert row["text"] == "A fill <script>came</script> late."
    assert row["acknowledge_by"] < row["answer_by"]
    assert "<script>came" not in client.get("/trade/1/rights").text
    assert client.get("/trade/operator/health.json").status_code == 403
    boss = client.another()
    boss.log_in(stage[2])
    assert boss.get("/trade/operator/health.json").json()["handed_in"]["complaint"] == 1


def test_the_test_of_knowledge_is_taken_on_a_phone(
    browser: Browser, stage: tuple[Served, WebPerson, WebPerson]
) -> None:
    page, url = browser.page(390), stage[0].url
    log_in(page, url, stage[1])
    page.open(f"{url}/trade/1/rights")
    page.click("form[action$=begin] button")
    page.wait("document.querySelector('.question')")
    assert page.overflow() == []
    twin = "fetch(location.href + '.json').then(r => r.json()).then(d => Object.keys(d.questions[0]).join())"
    assert page.run(twin) == "text,answers"
    for number in range(1, page.run("document.querySelectorAll('.question').length") + 1):
        page.click(f"input[name=answer-{number}]")
    page.click("main button.main")
    page.wait("document.querySelector('.notice')?.textContent.includes('%')")
    assert page.complaints == []
    page.close()


def test_anybody_may_ask_to_become_a_client(client: PageClient) -> None:
    stranger = client.another()
    stranger.get("/trade/sign-up")
    assert "number" in stranger.post("/trade/sign-up", name="Berik", reach="+7 700", text="").text
    assert stranger.post("/trade/sign-up", name="", reach="", text="").status_code == 422


def test_a_passkey_is_made_and_logs_in_alone(browser: Browser, stage: tuple[Served, WebPerson, WebPerson]) -> None:
    """Chromium's own authenticator, by its DevTools protocol; a passkey needs a name, so it is asked as localhost."""
    url = stage[0].url.replace("127.0.0.1", "localhost")
    page = browser.page()
    tools = page.driven.context.new_cdp_session(page.driven)
    tools.send("WebAuthn.enable")
    terms = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**terms, "isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    log_in(page, url, stage[1])
    page.open(f"{url}/trade/security")
    page.fill("#passkey-code", stage[1].code())
    page.fill("#passkey-label", "my laptop")
    page.click("#new-passkey button")
    page.wait("document.querySelector('#new-passkey li')?.textContent.includes('my laptop')")
    page.click("footer button")
    page.wait("document.querySelector('#passkey:not([hidden])')")
    page.click("#passkey button")
    page.wait("document.querySelector('#trade')")
    assert page.complaints == []
    page.close()
