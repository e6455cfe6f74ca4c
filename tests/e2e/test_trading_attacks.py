"""What must not pass the traders' pages: no session, accounts of others, forged forms, fixed sessions, other sites."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ..trading_stage import Served, make_facility, new_key, served
from ..web_person import PASSWORD, PageClient, WebPerson, new_person
from .test_gateway_attacks import Trader

LIMIT = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "90"}
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, WebPerson, WebPerson]]:
    """Serve a facility with two people: of account 1, and of the operator."""
    directory = tmp_path_factory.mktemp("pages") / "facility"
    make_facility(directory)
    person = new_person(directory, "aigul", (1,))
    officer = new_person(directory, "officer", (), ("operations",))
    with served(directory) as running:
        yield running, person, officer


@pytest.fixture
def client(stage: tuple[Served, WebPerson, WebPerson]) -> Iterator[PageClient]:
    """Return a browser in which nobody is logged in."""
    opened = PageClient(stage[0].url)
    yield opened
    opened.close()


def open_orders(gateway: Served) -> int:
    """Return how many orders account 1 has."""
    return len(Trader(gateway, *new_key(gateway.directory, 1)).ask("GET", "/api/v3/openOrders").json())


def test_without_a_session_pages_lead_to_the_login_and_acts_are_refused(
    stage: tuple[Served, WebPerson, WebPerson], client: PageClient
) -> None:
    led = client.get("/trade/1/market/BTCUSD")
    assert (led.status_code, led.headers["location"]) == (303, "/trade/login?next=/trade/1/market/BTCUSD")
    assert client.get("/trade/1/market/BTCUSD.json").status_code == 401
    client.get("/trade/login")
    answer = client.post("/trade/1/act/order", headers=JSON, symbol="BTCUSD", **LIMIT)
    assert answer.status_code == 401
    assert open_orders(stage[0]) == 0


def test_the_root_leads_a_browser_to_the_pages_and_tells_programs_what_lives_here(client: PageClient) -> None:
    assert client.get("/", headers={"accept": "text/html"}).headers["location"] == "/trade/"
    assert client.get("/").json()["rest"] == "/api/v3"


def test_an_act_needs_the_token_of_its_form_and_our_own_page(
    stage: tuple[Served, WebPerson, WebPerson], client: PageClient
) -> None:
    client.log_in(stage[1])
    path, own = "/trade/1/act/order", client.token
    foreign = {**JSON, "origin": "http://evil.example"}
    for token, headers in (
        ("", JSON),
        ("0" * 64, JSON),
        (own, foreign),
        (own, {**JSON, "sec-fetch-site": "cross-site"}),
    ):
        answer = client.post(path, token, headers, symbol="BTCUSD", **LIMIT)
        assert answer.status_code == 403, (token, headers)
    fresh = client.another()  # another browser's token, for the cookie of this one
    fresh.get("/trade/login")
    assert client.post(path, fresh.token, JSON, symbol="BTCUSD", **LIMIT).status_code == 403
    assert open_orders(stage[0]) == 0
    assert client.act(1, "order", **LIMIT)["status"] == "NEW"
    assert open_orders(stage[0]) == 1
    client.act(1, "cancel-all")


def test_the_accounts_of_others_are_as_if_they_were_not(
    stage: tuple[Served, WebPerson, WebPerson], client: PageClient
) -> None:
    client.log_in(stage[1])
    pages = [client.get(f"/trade/{number}/market/BTCUSD") for number in ("2", "99", "1e0", "-1", "%D9%A1")]
    assert {page.status_code for page in pages} == {404}
    answers = [client.post(f"/trade/{number}/act/order", headers=JSON, symbol="BTCUSD", **LIMIT) for number in (2, 99)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_another_accounts_order_is_neither_found_nor_canceled(
    stage: tuple[Served, WebPerson, WebPerson], client: PageClient
) -> None:
    other = Trader(stage[0], *new_key(stage[0].directory, 2))
    number = str(other.ask("POST", "/api/v3/order", symbol="BTCUSD", **LIMIT).json()["orderId"])
    client.log_in(stage[1])
    assert client.act(1, "find", orderId=number)["code"] == -2013
    assert client.act(1, "cancel", orderId=number)["code"] == -2011
    assert other.ask("DELETE", "/api/v3/order", symbol="BTCUSD", orderId=number).json()["status"] == "CANCELED"


def test_staff_without_an_account_trade_nothing_and_clients_see_no_pages_of_the_operator(
    stage: tuple[Served, WebPerson, WebPerson], client: PageClient
) -> None:
    client.log_in(stage[2])
    assert client.post("/trade/1/act/order", headers=JSON, symbol="BTCUSD", **LIMIT).status_code == 404


def test_a_session_that_a_browser_brings_along_is_not_taken_over(
    stage: tuple[Served, WebPerson, WebPerson], client: PageClient
) -> None:
    client.http.cookies.set("tarazy_trader", "chosen-by-a-stranger", domain="127.0.0.1")
    client.log_in(stage[1])
    tokens = [cookie.value for cookie in client.http.cookies.jar if cookie.name == "tarazy_trader"]
    assert any(token != "chosen-by-a-stranger" and len(token or "") == 43 for token in tokens)
    stranger = client.another()
    stranger.http.cookies.set("tarazy_trader", "chosen-by-a-stranger")
    assert stranger.get("/trade/security").status_code == 303


def test_a_new_login_ends_the_session_before_and_a_logout_ends_it_for_good(
    stage: tuple[Served, WebPerson, WebPerson], client: PageClient
) -> None:
    client.log_in(stage[1])
    first = client.http.cookies["tarazy_trader"]
    client.log_in(stage[1])
    second = client.http.cookies["tarazy_trader"]
    old = client.another()
    old.http.cookies.set("tarazy_trader", first)
    assert old.get("/trade/security").status_code == 303
    client.post("/trade/logout")
    old.http.cookies.set("tarazy_trader", second)
    assert old.get("/trade/security").status_code == 303


def test_a_login_leads_nowhere_else(stage: tuple[Served, WebPerson, WebPerson], client: PageClient) -> None:
    for place in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        client.get("/trade/login")
        fields = {"name": stage[2].name, "password": PASSWORD, "code": stage[2].code(), "next": place}
        assert client.post("/trade/login", **fields).headers["location"] == "/trade/"


def test_the_stream_is_for_ones_own_account_and_our_own_page(
    stage: tuple[Served, WebPerson, WebPerson], client: PageClient
) -> None:
    client.log_in(stage[1])
    cookie = f"tarazy_trader={client.http.cookies['tarazy_trader']}"
    address = stage[0].url.replace("http", "ws") + "/trade/{}/stream/BTCUSD?streams=btcusd@trade"

    async def opened(account: int, headers: dict[str, str], origin: str | None = None) -> str:
        more = {"origin": origin} if origin else {}
        try:
            async with connect(address.format(account), additional_headers=headers, **more) as socket:  # type: ignore[arg-type]
                return str(await asyncio.wait_for(socket.recv(), 10))
        except InvalidStatus as refused:
            return str(refused.response.status_code)

    async def look() -> list[str]:
        return [
            await opened(1, {"Cookie": cookie}, stage[0].url),
            await opened(1, {}),
            await opened(2, {"Cookie": cookie}),
            await opened(1, {"Cookie": cookie}, "http://evil.example"),
        ]

    own, *others = asyncio.run(look())
    assert '"state":"continuous"' in own
    assert others == ["403", "403", "403"]


def test_the_stream_ends_with_the_session(stage: tuple[Served, WebPerson, WebPerson], client: PageClient) -> None:
    client.log_in(stage[1])
    cookie = f"tarazy_trader={client.http.cookies['tarazy_trader']}"

    async def last_code() -> int | None:
        address = stage[0].url.replace("http", "ws") + "/trade/1/stream/BTCUSD"
        async with connect(address, additional_headers={"Cookie": cookie}) as socket:
            await asyncio.wait_for(socket.recv(), 10)
            await asyncio.to_thread(client.post, "/trade/logout")
            with suppress(ConnectionClosed):
                async with asyncio.timeout(10):
                    while True:
                        await socket.recv()
            return socket.close_code

    assert asyncio.run(last_code()) == 4401


def test_a_name_of_a_stranger_is_shown_as_text(client: PageClient) -> None:
    client.get("/trade/login")
    page = client.post("/trade/login", name='"><script>x</script>', password="x", code="1", next="")
    assert page.status_code == 401
    assert "<script>x" not in page.text
