"""Every route with bad input, the middleware with bad callers, and the native API from submission to report."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tarazy.platform.access.buckets import RateLimit
from tarazy.screening.api.goplus import transaction_routes
from tarazy.screening.api.goplus.envelope import GoplusCode
from tarazy.screening.api.goplus.unsupported_routes import NOT_ANSWERED

from .application import EMPTY, FIRST, SECOND, Site, on_site
from .examples import wrong_types

LONG = "0x" + "f" * 5_000


@pytest.mark.parametrize("path", ["token_security", "rugpull_detecting", "approval_security"])
@pytest.mark.parametrize(
    ("addresses", "code"),
    [
        ("", GoplusCode.BAD_PARAMETER),
        (",,", GoplusCode.BAD_PARAMETER),
        ("0x12", GoplusCode.ADDRESS_FORMAT),
        ("hello", GoplusCode.ADDRESS_FORMAT),
        (LONG, GoplusCode.ADDRESS_FORMAT),
        (FIRST[:-1] + "\u0661", GoplusCode.ADDRESS_FORMAT),
        (FIRST + "\x00", GoplusCode.ADDRESS_FORMAT),
        (f"{FIRST};DROP", GoplusCode.ADDRESS_FORMAT),
        (",".join([FIRST] * 101), GoplusCode.BAD_PARAMETER),
        (",".join(f"0x{each:040x}" for each in range(1_200)), GoplusCode.BAD_PARAMETER),
    ],
    ids=["none", "commas", "short", "word", "long", "digits", "zero byte", "more", "many", "very many"],
)
def test_bad_addresses_have_their_code(tmp_path: Path, path: str, addresses: str, code: GoplusCode) -> None:
    async def test(site: Site) -> None:
        found = await site.get(f"/api/v1/{path}/1", contract_addresses=addresses)
        assert (found["code"], found["result"]) == (code, None)
        assert len(found["message"]) < 300
        assert site.screener.asked == []

    on_site(tmp_path, test)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/address_security/0x12", GoplusCode.ADDRESS_FORMAT),
        (f"/api/v1/address_security/{FIRST}?chain_id=7", GoplusCode.CHAIN_UNSUPPORTED),
        (f"/api/v1/address_security/{FIRST}?chain_id=solana", GoplusCode.CHAIN_UNSUPPORTED),
        ("/api/v2/token_approval_security/1?addresses=0x12", GoplusCode.ADDRESS_FORMAT),
        ("/api/v2/token_approval_security/1", GoplusCode.BAD_PARAMETER),
        (f"/api/v2/nft721_approval_security/7?addresses={FIRST}", GoplusCode.CHAIN_UNSUPPORTED),
        (f"/api/v2/nft1155_approval_security/1?addresses={FIRST}", GoplusCode.CHAIN_UNSUPPORTED),
        ("/open/api/v1/locks/token", GoplusCode.BAD_PARAMETER),
        (f"/open/api/v1/locks/token?chainId=1&tokenAddress={FIRST}&pageNum=0&pageSize=10", GoplusCode.BAD_PARAMETER),
        (f"/open/api/v1/locks/token?chainId=1&tokenAddress={FIRST}&pageNum=1&pageSize=101", GoplusCode.BAD_PARAMETER),
        (f"/open/api/v1/locks/token?chainId=1&tokenAddress={FIRST}&pageNum=x&pageSize=1", GoplusCode.BAD_PARAMETER),
        (
            f"/open/api/v1/locks/token?chainId=1&tokenAddress={FIRST}&pageNum=1&pageSize=10",
            GoplusCode.CHAIN_UNSUPPORTED,
        ),
        (f"/open/api/v1/locks/lpv3?chainId=1&poolAddress={FIRST}&pageNum=1&pageSize=10", GoplusCode.CHAIN_UNSUPPORTED),
        ("/open/api/v1/locks/lpv3s?pageNum=1&pageSize=10", GoplusCode.CHAIN_UNSUPPORTED),
        ("/open/api/v1/locks/lpv4?chainId=1&poolId=0x12&pageNum=1&pageSize=10", GoplusCode.BAD_PARAMETER),
        ("/open/api/v1/locks/lpv4s?pageNum=1&pageSize=10", GoplusCode.CHAIN_UNSUPPORTED),
    ],
)
def test_bad_questions_have_their_code_and_status_200(tmp_path: Path, path: str, code: GoplusCode) -> None:
    async def test(site: Site) -> None:
        found = await site.client.get(path)
        assert (found.status_code, found.json()["code"], found.json()["result"]) == (200, code, None)

    on_site(tmp_path, test)


@pytest.mark.parametrize("path", ["/api/v1/token", "/api/v1/abi/input_decode"])
@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"{", b"\xff\xfe", b"[" * 100_000, b'{"time": NaN}', b"{}"])
def test_bad_bodies_are_bad_parameters(tmp_path: Path, path: str, body: bytes) -> None:
    async def test(site: Site) -> None:
        found = await site.client.post(path, content=body)
        assert (found.status_code, found.json()["code"]) == (200, GoplusCode.BAD_PARAMETER)

    on_site(tmp_path, test)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"data": "0x09"}, GoplusCode.ABI_UNKNOWN),
        ({"data": "xyz"}, GoplusCode.BAD_PARAMETER),
        ({"data": 7}, GoplusCode.BAD_PARAMETER),
        ({"data": "0x" + "00" * 200_000}, GoplusCode.BAD_PARAMETER),
        ({"data": "0x99999999"}, GoplusCode.ABI_UNKNOWN),
        ({"data": "0x99999999", "contract_address": FIRST}, GoplusCode.ABI_FUNCTION_UNSUPPORTED),
        ({"contract_address": "0x1"}, GoplusCode.ADDRESS_FORMAT),
        ({"signer": "me"}, GoplusCode.ADDRESS_FORMAT),
        ({"chain_id": "7"}, GoplusCode.CHAIN_UNSUPPORTED),
        ({"chain_id": None}, GoplusCode.CHAIN_UNSUPPORTED),
    ],
)
def test_calls_that_cannot_be_decoded_have_their_code(
    tmp_path: Path, changes: dict[str, Any], code: GoplusCode
) -> None:
    async def test(site: Site) -> None:
        body = {"chain_id": "1", "data": "0x095ea7b3" + "00" * 64} | changes
        found = await site.client.post("/api/v1/abi/input_decode", json=body)
        assert (found.status_code, found.json()["code"]) == (200, code)

    on_site(tmp_path, test)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, GoplusCode.CHAIN_UNSUPPORTED),  # code files have no state
        ({"chain_id": "7"}, GoplusCode.CHAIN_UNSUPPORTED),
        ({"chain_id": ""}, GoplusCode.BAD_PARAMETER),
        ({"from": None}, GoplusCode.BAD_PARAMETER),
        ({"from": "0x1"}, GoplusCode.ADDRESS_FORMAT),
        ({"to": "0x1"}, GoplusCode.ADDRESS_FORMAT),
        ({"value": "-1"}, GoplusCode.BAD_PARAMETER),
        ({"value": 1.5}, GoplusCode.BAD_PARAMETER),
        ({"value": True}, GoplusCode.BAD_PARAMETER),
        ({"value": "0x" + "f" * 65}, GoplusCode.BAD_PARAMETER),
        ({"data": "0x0"}, GoplusCode.BAD_PARAMETER),
        ({"data": "0x" + "00" * 200_000}, GoplusCode.BAD_PARAMETER),
        ({"gas_limit": 10**12}, GoplusCode.BAD_PARAMETER),
        ({"nonce": "one"}, GoplusCode.BAD_PARAMETER),
        ({"access_list": "all"}, GoplusCode.BAD_PARAMETER),
        ({"access_list": [{"address": FIRST, "storage_keys": ["zz"]}]}, GoplusCode.BAD_PARAMETER),
        ({"access_list": [{}] * 1_000}, GoplusCode.BAD_PARAMETER),
        ({"url": ["x"]}, GoplusCode.BAD_PARAMETER),
    ],
)
def test_transactions_that_are_none_have_their_code(tmp_path: Path, changes: dict[str, Any], code: GoplusCode) -> None:
    async def test(site: Site) -> None:
        body = {"chain_id": "1", "from": FIRST, "to": SECOND, "data": "0x", "value": "0"} | changes
        found = await site.client.post("/api/v1/transaction_simulation", json=body)
        assert (found.status_code, found.json()["code"], found.json()["result"]) == (200, code, None)

    on_site(tmp_path, test)


def test_route_that_is_found_without_the_router_refuses_as_the_others(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        direct, routed = "/api/v1/transaction_simulation", "/api/v1/abi/input_decode"
        for content in (b"{", b"[]", b"x" * 100_000, b"[" * 1_000):
            found, other = [await site.client.post(path, content=content) for path in (direct, routed)]
            assert (found.status_code, found.json()) == (other.status_code, other.json())
            assert set(found.headers) == set(other.headers)
        assert (await site.client.get(direct)).status_code == (await site.client.get(routed)).status_code

    on_site(tmp_path, test, body_bytes_max=50_000)


def test_defect_behind_a_route_found_without_the_router_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(request: object) -> None:
        raise ZeroDivisionError

    async def test(site: Site) -> None:
        monkeypatch.setitem(transaction_routes.DIRECT, ("POST", "/api/v1/transaction_simulation"), broken)
        found = await site.client.post("/api/v1/transaction_simulation", json={})
        assert (found.status_code, found.json()["code"]) == (200, GoplusCode.SERVER_ERROR)
        assert "tarazy-signature" not in found.headers  # its body was never read

    on_site(tmp_path, test)


def test_call_is_decoded_in_a_worker(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        data = "0x095ea7b3" + FIRST[2:].rjust(64, "0") + "f" * 64
        body = {"chain_id": 1, "data": data, "contract_address": SECOND, "signer": EMPTY}
        found = (await site.client.post("/api/v1/abi/input_decode", json=body)).json()
        assert found["code"] == 1
        assert wrong_types(found["result"], "ParseAbiDataResponse") == []
        assert found["result"]["params"][0]["address_info"]["is_contract"] == 1

    on_site(tmp_path, test)


@pytest.mark.parametrize(("method", "path", "code", "detail"), NOT_ANSWERED)
def test_what_is_not_answered_says_so(tmp_path: Path, method: str, path: str, code: GoplusCode, detail: str) -> None:
    async def test(site: Site) -> None:
        found = await site.client.request(method, path.replace("{chain_id}", "1"), params={"url": "x"})
        assert (found.json()["code"], found.json()["result"]) == (code, None)
        assert detail in found.json()["message"]

    on_site(tmp_path, test)


def test_unknown_paths_and_methods_are_clear_errors(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        for method, path, status in (
            ("GET", "/nothing", 404),
            ("GET", "/api/v9/token", 404),
            ("DELETE", "/api/v1/supported_chains", 405),
            ("GET", "/v1/screening/jobs/none", 404),
            ("GET", "/v1/screening/reports/none", 404),
            ("GET", "/docs", 404),
        ):
            found = await site.client.request(method, path)
            assert found.status_code == status, path
            assert found.json()["error"]["message"]

    on_site(tmp_path, test)


# ---------------------------------------------------------------- the middleware


def test_caller_beyond_the_rate_is_refused_with_4029_and_429_and_told_when(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        answers = [await site.client.get("/api/v1/supported_chains") for _ in range(5)]
        assert [each.json()["code"] for each in answers] == [1, 1, 1, 4029, 4029]
        assert all(each.status_code == 200 for each in answers)
        assert int(answers[-1].headers["retry-after"]) >= 1
        native = await site.client.get("/v1/screening/health")
        assert (native.status_code, native.json()["error"]["code"]) == (429, "rate_limit")

    on_site(tmp_path, test, anonymous_rate=RateLimit(0.1, 3))


def test_ready_answers_are_under_the_rate_as_well(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        codes = [(await site.token(FIRST))["code"] for _ in range(4)]
        assert codes == [1, 1, 4029, 4029]
        assert site.middleware.served_at_once == 1

    on_site(tmp_path, test, anonymous_rate=RateLimit(0.1, 2))


def test_batch_costs_as_many_requests_as_it_has_addresses(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        assert (await site.token(FIRST, SECOND, EMPTY))["code"] == 1
        assert (await site.token(FIRST))["code"] == 4029

    on_site(tmp_path, test, anonymous_rate=RateLimit(0.1, 3))


def test_access_token_by_signature_opens_what_needs_a_key(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        assert (await site.token(FIRST))["code"] == GoplusCode.TOKEN_UNKNOWN
        assert (await site.client.get("/v1/screening/reports")).status_code == 401
        assert (await site.client.get("/v1/screening/key")).status_code == 200
        made = await site.client.post("/v1/screening/keys", json={"name": "wallet"}, headers=site.admin())
        assert made.status_code == 201
        key = made.json()
        now_s = int(time.time())
        sign = hashlib.sha1(f"{key['app_key']}{now_s}{key['app_secret']}".encode(), usedforsecurity=False).hexdigest()
        body = {"app_key": key["app_key"], "time": str(now_s), "sign": sign}
        token = (await site.client.post("/api/v1/token", json=body)).json()["result"]["access_token"]
        for text in (token, f"Bearer {token}"):
            site.client.headers["Authorization"] = text
            assert (await site.token(FIRST))["code"] == 1
        refused = await site.client.get("/v1/screening/status")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "token_invalid")
        ended = await site.client.delete(f"/v1/screening/keys/{key['app_key']}", headers=site.admin())
        assert ended.status_code == 200
        assert (await site.token(FIRST))["code"] == GoplusCode.TOKEN_UNKNOWN
        site.client.headers["Authorization"] = "Bearer nonsense"
        assert (await site.token(FIRST))["code"] == GoplusCode.TOKEN_INVALID

    on_site(tmp_path, test, require_key=True)


def test_key_without_the_scope_is_refused_even_a_ready_answer(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        await site.token(FIRST)
        body = {"name": "submitter", "scopes": ["screen"]}
        key = (await site.client.post("/v1/screening/keys", json=body, headers=site.admin())).json()
        site.client.headers["Authorization"] = f"{key['app_key']}.{key['app_secret']}"
        assert (await site.token(FIRST))["code"] == GoplusCode.TOKEN_INVALID
        assert (await site.client.post("/v1/screening", json={"runtime": "0x6001"})).status_code == 202

    on_site(tmp_path, test)


def test_body_beyond_its_size_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        found = await site.client.post("/v1/screening", content=b"x" * 2_000)
        assert (found.status_code, found.json()["error"]["code"]) == (413, "bad_parameter")

        async def endless() -> Any:
            for _ in range(100):
                yield b"x" * 100

        found = await site.client.post("/api/v1/token", content=endless())
        assert (found.status_code, found.json()["code"]) == (200, 5006)

    on_site(tmp_path, test, body_bytes_max=1_000)


def test_body_that_does_not_arrive_is_given_up(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.sleep(10)

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/screening",
            "raw_path": b"/v1/screening",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1"), (b"content-length", b"5")],
            "client": ("127.0.0.1", 1),
            "root_path": "",
        }
        await site.app(scope, receive, send)
        assert sent[0]["status"] == 408

    on_site(tmp_path, test, body_s=0.05)


def test_answers_carry_security_headers_and_no_answer_is_cached_by_others(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        for path in (f"/api/v1/token_security/1?contract_addresses={FIRST}", "/nothing"):
            for _ in range(2):
                headers = (await site.client.get(path)).headers
                assert headers["x-content-type-options"] == "nosniff"
                assert headers["cache-control"] == "no-store"
                assert "default-src 'none'" in headers["content-security-policy"]

    on_site(tmp_path, test)


def test_logs_name_the_caller_and_never_a_secret(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        secret = site.admin()["Authorization"].partition(".")[2]
        await site.client.get("/v1/screening/status", headers=site.admin())
        await site.client.get(f"/api/v1/supported_chains?name={secret}", headers={"Authorization": f"X.{secret}"})
        await asyncio.sleep(0.2)
        text = (tmp_path / "data" / "access.jsonl").read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        assert any(each["caller"].startswith("key:") for each in lines)
        assert any(each["reason"] == "token_unknown" for each in lines)
        assert secret not in text
        assert secret not in (tmp_path / "data" / "audit.jsonl").read_text()

    on_site(tmp_path, test)


def test_forwarded_address_counts_only_where_it_is_trusted(tmp_path: Path) -> None:
    async def trusted(site: Site) -> None:
        for each in range(4):
            headers = {"X-Forwarded-For": f"9.9.9.9, 10.0.0.{each}"}
            assert (await site.client.get("/api/v1/supported_chains", headers=headers)).json()["code"] == 1

    async def plain(site: Site) -> None:
        codes = []
        for each in range(4):
            headers = {"X-Forwarded-For": f"10.0.0.{each}"}
            codes.append((await site.client.get("/api/v1/supported_chains", headers=headers)).json()["code"])
        assert codes == [1, 4029, 4029, 4029]

    on_site(tmp_path, trusted, anonymous_rate=RateLimit(0.1, 1), trust_forwarded=True)
    on_site(tmp_path, plain, anonymous_rate=RateLimit(0.1, 1))


# ---------------------------------------------------------------- the native API


def test_submission_is_followed_to_its_report(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        site.screener.gate.clear()
        made = await site.client.post("/v1/screening", json={"chain_id": 1, "address": FIRST})
        assert made.status_code == 202
        told = made.json()
        assert told["state"] in ("waiting", "running")
        site.screener.gate.set()
        text = (await site.client.get(told["events"])).text
        events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
        assert text.rstrip().rpartition("event: ")[2].startswith("end")
        assert [each["name"] for each in events[-1]["stages"]] == ["reading", "paths"]
        job = await site.get(f"/v1/screening/jobs/{told['job_id']}")
        assert job["state"] == "done"
        report = await site.get(job["report"])
        assert (report["address"], report["capabilities"]["mint"]["reason"]) == (FIRST, "mint was looked at.")
        again = await site.client.post("/v1/screening", json={"chain_id": 1, "address": FIRST})
        assert (again.status_code, again.json()["report_id"]) == (200, job["report_id"])
        anew = await site.client.post("/v1/screening", json={"chain_id": 1, "address": FIRST, "again": True})
        assert anew.status_code == 202

    on_site(tmp_path, test)


def test_streams_of_one_caller_are_bounded_and_free_again_at_their_end(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        site.screener.gate.clear()
        told = (await site.client.post("/v1/screening", json={"runtime": "0x6001"})).json()
        open_ = [asyncio.create_task(site.client.get(told["events"])) for _ in range(16)]
        while site.middleware.streams.total() < 16:
            await asyncio.sleep(0.01)
        refused = await site.client.get(told["events"])
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limit")
        site.screener.gate.set()
        assert all("event: end" in each.text for each in await asyncio.gather(*open_))
        assert site.middleware.streams.total() == 0

    on_site(tmp_path, test)


def test_code_is_screened_once_and_its_report_found_again(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        told = (await site.client.post("/v1/screening", json={"runtime": "0x6001"})).json()
        await site.client.get(told["events"])
        again = await site.client.post("/v1/screening", json={"runtime": "6001"})
        assert (again.status_code, again.json()["state"]) == (200, "done")
        assert len(site.screener.asked) == 1
        assert site.service.store.code(site.service.store.recent(1)[0].code_hash) == b"\x60\x01"

    on_site(tmp_path, test)


def test_failed_job_says_why(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        told = (await site.client.post("/v1/screening", json={"chain_id": 1, "address": EMPTY})).json()
        await site.client.get(told["events"])
        job = await site.get(f"/v1/screening/jobs/{told['job_id']}")
        assert (job["state"], job["reason"], job["report_id"]) == ("failed", "not a contract", None)

    on_site(tmp_path, test)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "expected one of runtime"),
        ({"runtime": "0x60", "creation": "0x60"}, "expected one of runtime"),
        ({"runtime": "0x6"}, "hexadecimal"),
        ({"runtime": "zz"}, "hexadecimal"),
        ({"runtime": ""}, "expected code, found none"),
        ({"runtime": 5}, "runtime"),
        ({"runtime": "00" * (256 * 1024 + 1)}, "at most"),
        ({"address": FIRST}, "expected chain_id and address"),
        ({"address": FIRST, "chain_id": 1, "runtime": "0x60"}, "expected chain_id and address"),
        ({"address": "0x1", "chain_id": 1}, "40 hexadecimal digits"),
        ({"address": FIRST, "chain_id": 0}, "chain_id"),
        ({"address": FIRST, "chain_id": "1"}, "chain_id"),
        ({"address": FIRST, "chain_id": 9}, "chain not supported"),
        ({"runtime": "0x60", "name": "x" * 257}, "name"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_bad_submissions_say_what_was_expected(tmp_path: Path, body: dict[str, Any], expected: str) -> None:
    async def test(site: Site) -> None:
        found = await site.client.post("/v1/screening", json=body)
        assert found.status_code in (404, 422)
        assert expected in found.json()["error"]["message"]
        assert len(found.text) < 700

    on_site(tmp_path, test)


def test_batch_answers_each_for_itself_and_is_bounded(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        items = [{"chain_id": 1, "address": FIRST}, {"chain_id": 9, "address": FIRST}, {"runtime": "zz"}]
        found = (await site.client.post("/v1/screening/batch", json={"items": items})).json()["items"]
        assert [each["state"] for each in found[1:]] == ["refused", "refused"]
        assert found[0]["job_id"]
        many = await site.client.post("/v1/screening/batch", json={"items": [{"runtime": "0x60"}] * 501})
        assert many.status_code == 422
        none = await site.client.post("/v1/screening/batch", json={"items": []})
        assert none.status_code == 422

    on_site(tmp_path, test)


def test_contract_is_screened_and_returned_in_one_question(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        found = await site.client.get(f"/v1/screening/contracts/1/{FIRST}")
        assert (found.status_code, found.json()["address"]) == (200, FIRST)
        assert (await site.client.get(f"/v1/screening/contracts/1/{EMPTY}")).status_code == 404
        site.screener.gate.clear()
        assert (await site.client.get(f"/v1/screening/contracts/1/{SECOND}")).status_code == 202

    on_site(tmp_path, test, wait_s=1.0)


def test_event_from_outside_needs_the_operator(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        await site.token(FIRST)
        event = {"chain_id": 1, "address": FIRST, "reason": "upgraded"}
        assert (await site.client.post("/v1/screening/invalidations", json=event)).status_code == 401
        done = await site.client.post("/v1/screening/invalidations", json=event, headers=site.admin())
        assert done.status_code == 202
        await site.client.get(f"/v1/screening/jobs/{done.json()['job_id']}/events")
        assert len(site.screener.asked) == 2
        acts = [json.loads(line) for line in (tmp_path / "data" / "audit.jsonl").read_text().splitlines()]
        assert acts[-1]["act"] == "invalidated"
        assert acts[-1]["by"].startswith("key:")

    on_site(tmp_path, test)


def test_openapi_describes_every_route(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        found = await site.get("/v1/screening/openapi.json")
        operations = [each for path in found["paths"].values() for each in path.values()]
        assert len(operations) > 35
        assert all(each.get("summary") for each in operations)
        assert "/api/v1/token_security/{chain_id}" in found["paths"]

    on_site(tmp_path, test)


def test_operator_key_is_made_once_and_private(tmp_path: Path) -> None:
    async def first(site: Site) -> None:
        path = tmp_path / "data" / "admin.key"
        assert path.stat().st_mode & 0o777 == 0o600
        (tmp_path / "kept").write_text(path.read_text())

    async def second(site: Site) -> None:
        assert (tmp_path / "data" / "admin.key").read_text() == (tmp_path / "kept").read_text()
        assert len((await site.client.get("/v1/screening/keys", headers=site.admin())).json()["keys"]) == 1

    on_site(tmp_path, first)
    on_site(tmp_path, second)
