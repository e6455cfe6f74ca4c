"""Access is one rule for API, pages and streams; and what a caller may have under way is bounded."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tarazy.console.screening.router import ROUTES
from tarazy.platform.access.buckets import RateLimit
from tarazy.platform.access.sessions import COOKIE
from tarazy.platform.web import middleware
from tarazy.screening.api.goplus.envelope import GoplusCode

from .application import FIRST, Site, on_site, pages

HTML = {"accept": "text/html"}


async def key_of(site: Site, *scopes: str) -> dict[str, Any]:
    """Make a key and return it with its secret."""
    body = {"name": "person", "scopes": list(scopes)}
    made = await site.client.post("/v1/screening/keys", json=body, headers=site.admin())
    found: dict[str, Any] = made.json()
    return found


async def form(site: Site, page: str, path: str, fields: Mapping[str, str], **more: Any) -> httpx.Response:
    """Send a form as our own page sends it."""
    text = (await site.client.get(page, headers=HTML)).text
    token = text.partition('name="form_token" value="')[2].partition('"')[0]
    headers = {**HTML, "origin": "http://service", "sec-fetch-site": "same-origin"}
    return await site.client.post(path, data={**fields, "form_token": token}, headers=headers, **more)


async def log_in(site: Site, *scopes: str, **fields: str) -> httpx.Response:
    """Log in with a fresh key."""
    key = await key_of(site, *scopes)
    given = {"key": f"{key['app_key']}.{key['app_secret']}", **fields}
    return await form(site, "/screening/login", "/screening/login", given)


def test_with_keys_required_no_page_twin_download_or_stream_is_open(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        pages_of_room = {f"/screening{each.path}{twin}" for each in ROUTES for twin in ("", ".json")}
        paths = {*site.app.openapi()["paths"], *pages_of_room, "/screening/static/console.css", "/screening/x", "/x"}
        assert len(paths) > 75
        closed = 0
        for path in sorted(paths):
            asked = path.replace("{", "").replace("}", "")
            for method in ("GET", "POST", "DELETE"):
                found = await site.client.request(method, asked)
                if asked in site.middleware.options.open_paths or asked.startswith("/screening/static/"):
                    assert found.status_code != 303
                    continue
                refused = found.status_code == 401 or found.json().get("code") == GoplusCode.TOKEN_UNKNOWN
                assert refused, (method, path, found.status_code)
                closed += 1
        assert closed > 200

    on_site(tmp_path, test, hand_in=pages, require_key=True)


def test_person_is_led_to_the_login_and_back_and_out(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        led = await site.client.get("/screening/checks", headers=HTML)
        assert (led.status_code, led.headers["location"]) == (303, "/screening/login?next=/screening/checks")
        assert (
            'name="next" value="/screening/checks"'
            in (await site.client.get(led.headers["location"], headers=HTML)).text
        )
        done = await log_in(site, "read", "screen", next="/screening/checks")
        assert (done.status_code, done.headers["location"]) == (303, "/screening/checks")
        cookie = done.headers["set-cookie"].lower()
        assert cookie.startswith(COOKIE)
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        page = await site.client.get("/screening/checks", headers=HTML)
        assert page.status_code == 200
        assert "person" in page.text
        assert (await site.client.get("/v1/screening/reports")).status_code == 200  # the same rule at the API
        out = await form(site, "/screening/checks", "/screening/logout", {})
        assert out.status_code == 303
        assert (await site.client.get("/screening/checks", headers=HTML)).status_code == 303

    on_site(tmp_path, test, hand_in=pages, require_key=True)


def test_second_login_ends_the_session_that_the_browser_had(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        assert (await log_in(site, "read")).status_code == 303
        first = site.client.cookies["tarazy_session"]
        assert site.service.sessions.find(first) is not None
        assert (await log_in(site, "read", "screen")).status_code == 303
        assert site.client.cookies["tarazy_session"] != first
        assert site.service.sessions.find(first) is None

    on_site(tmp_path, test, hand_in=pages, require_key=True)


def test_roles_rule_the_pages_as_they_rule_the_api(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        assert (await log_in(site, "read")).status_code == 303
        assert (await site.client.get("/screening/", headers=HTML)).status_code == 200
        refused = await form(site, "/screening/", "/screening/", {"kind": "runtime", "code": "0x6001"})
        assert refused.status_code == 401
        assert "scope screen" in refused.text
        assert site.screener.asked == []
        assert (await log_in(site, "read", "screen")).status_code == 303
        taken = await form(site, "/screening/", "/screening/", {"kind": "runtime", "code": "0x6001"})
        assert taken.status_code == 303

    on_site(tmp_path, test, hand_in=pages, require_key=True)


def test_wrong_login_says_so_and_a_login_leads_nowhere_else(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        wrong = await form(site, "/screening/login", "/screening/login", {"key": "NOBODY.NOTHING"})
        assert wrong.status_code == 401
        assert COOKIE not in wrong.headers.get("set-cookie", "")
        for elsewhere in ("https://attacker.example/", "//attacker.example", "/\\attacker.example", "javascript:1"):
            done = await log_in(site, "read", next=elsewhere)
            assert done.headers["location"] == "/screening/", elsewhere
        bare = await site.client.post("/screening/login", data={"key": "x"}, headers=HTML)
        assert bare.status_code == 403  # without the form's own token

    on_site(tmp_path, test, hand_in=pages)


def test_foreign_name_and_foreign_page_are_refused_everywhere(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        for path in ("/screening/", "/v1/screening/reports", f"/api/v1/token_security/1?contract_addresses={FIRST}"):
            found = await site.client.get(path, headers={"host": "rebind.attacker.example"})
            assert "--allow-host" in found.text, path
        foreign = {"origin": "https://attacker.example", "sec-fetch-site": "cross-site"}
        found = await site.client.post("/v1/screening", json={"runtime": "0x6001"}, headers=foreign)
        assert (found.status_code, found.json()["error"]["code"]) == (403, "foreign_site")
        assert site.screener.asked == []

    on_site(tmp_path, test, hand_in=pages)


def test_wrong_keys_and_wrong_signatures_are_charged(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        answers = [
            (await site.client.get("/v1/screening/health", headers={"authorization": "A.B"})).status_code
            for _ in range(4)
        ]
        assert answers == [401, 401, 401, 429]
        assert (await site.client.get("/v1/screening/health", headers=site.admin())).status_code == 200

    async def signatures(site: Site) -> None:
        key = site.admin()["Authorization"].partition(".")[0]
        body = {"app_key": key, "time": int(time.time()), "sign": "0" * 40}
        codes = [(await site.client.post("/api/v1/token", json=body)).json()["code"] for _ in range(4)]
        assert codes == [
            GoplusCode.SIGNATURE_WRONG,
            GoplusCode.SIGNATURE_WRONG,
            GoplusCode.RATE_LIMIT,
            GoplusCode.RATE_LIMIT,
        ]

    on_site(tmp_path, test, anonymous_rate=RateLimit(0.001, 3 * middleware.WRONG_KEY_COST))
    on_site(tmp_path, signatures, anonymous_rate=RateLimit(0.001, 3 * middleware.WRONG_KEY_COST))


def test_request_for_a_token_is_used_once(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        key, _, secret = site.admin()["Authorization"].partition(".")
        now_s = int(time.time())
        sign = hashlib.sha1(f"{key}{now_s}{secret}".encode(), usedforsecurity=False).hexdigest()
        body = {"app_key": key, "time": now_s, "sign": sign}
        codes = [(await site.client.post("/api/v1/token", json=body)).json()["code"] for _ in range(3)]
        assert codes == [1, GoplusCode.SIGNATURE_EXPIRED, GoplusCode.SIGNATURE_EXPIRED]

    on_site(tmp_path, test)


def test_streams_asked_for_at_once_are_bounded_as_well(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        site.screener.gate.clear()
        told = (await site.client.post("/v1/screening", json={"runtime": "0x6001"})).json()
        asked = [asyncio.create_task(site.client.get(told["events"])) for _ in range(40)]
        while sum(each.done() for each in asked) < 24:
            await asyncio.sleep(0.01)
        assert site.middleware.streams.total() == 16
        site.screener.gate.set()
        answers = await asyncio.gather(*asked)
        assert sorted(each.status_code for each in answers) == [200] * 16 + [429] * 24
        assert site.middleware.streams.total() == 0

    on_site(tmp_path, test)


@pytest.mark.parametrize(("of_caller", "in_all"), [(3_000, 10**9), (10**9, 3_000)])
def test_bodies_under_way_are_bounded_by_caller_and_in_all_and_free_again(
    tmp_path: Path, of_caller: int, in_all: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(site: Site) -> None:
        site.middleware.underway = middleware.Underway(of_caller, in_all)
        release = asyncio.Event()

        async def slow() -> Any:
            yield b"x" * 1_000
            await release.wait()
            yield b"x"

        sent = [asyncio.create_task(site.client.post("/v1/screening", content=slow())) for _ in range(10)]
        while sum(each.done() for each in sent) < 7:
            await asyncio.sleep(0.01)
        assert site.middleware.underway.total == 3_000
        refused = next(each for each in sent if each.done()).result()
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limit")
        assert int(refused.headers["retry-after"]) >= 1
        release.set()
        await asyncio.gather(*sent)
        assert site.middleware.underway.total == 0

    on_site(tmp_path, test)


@pytest.mark.parametrize("path", ["/screening/", "/screening/batch", "/screening/login", "/v1/screening"])
def test_slow_body_is_answered_with_408_at_pages_too(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "UPLOAD_S", 0.1)

    async def test(site: Site) -> None:
        async def slow() -> Any:
            yield b"form_token="
            await asyncio.sleep(5)

        headers = {"content-type": "application/x-www-form-urlencoded"}
        found = await asyncio.wait_for(site.client.post(path, content=slow(), headers=headers), 3)
        assert found.status_code == 408

    on_site(tmp_path, test, hand_in=pages, body_s=0.1)


def test_use_is_metered_by_key_and_product_and_each_key_sees_its_own(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        first, second = await key_of(site, "read"), await key_of(site, "read")
        sent = {"authorization": f"{first['app_key']}.{first['app_secret']}"}
        for path in (
            "/v1/screening/reports",
            "/v1/screening/reports",
            "/v1/screening/reports/none",
            "/v1/screening/key",
        ):
            await site.client.get(path, headers=sent)
        await site.client.get("/v1/screening/reports", headers={"authorization": "made-up.key"})
        site.app.state.service.usage.write(site.app.state.service.usage.take())
        own = (await site.client.get("/v1/screening/usage", headers=sent)).json()["usage"]
        assert [(each["caller"], each["product"], each["requests"], each["refused"]) for each in own] == [
            (f"key:{first['app_key']}", "reports", 2, 1)
        ]
        others = {"authorization": f"{second['app_key']}.{second['app_secret']}"}
        assert (await site.client.get("/v1/screening/usage", headers=others)).json()["usage"] == []
        every = (await site.client.get("/v1/screening/usage", headers=site.admin())).json()["usage"]
        assert {each["caller"] for each in every} >= {f"key:{first['app_key']}", "without a key"}
        assert (await site.client.get("/v1/screening/usage?since=now", headers=sent)).status_code == 422
        refused = await site.client.get("/screening/usage.json", headers=sent)
        assert refused.status_code == 401, "the page names every caller: for operators"
        shown = await site.client.get("/screening/usage.json", headers=site.admin())
        assert {each["product"] for each in shown.json()["usage"]} >= {"reports"}

    on_site(tmp_path, test, hand_in=pages)
