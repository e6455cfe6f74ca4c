"""Looking at contracts: cache, single flight, syncing, events that overtake, restarts."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any

from tarazy.platform.signing.answers import verify_answer
from tarazy.screening.api.goplus.envelope import GoplusCode
from tarazy.screening.criteria.file import BUILT_IN
from tarazy.screening.model import Answer
from tarazy.screening.unanswered import unanswered

from .application import CODES, EMPTY, FIRST, SECOND, Site, on_site
from .examples import CREATOR, report

JSON = {"content-type": "application/json"}


def test_second_question_is_answered_without_a_screening_and_byte_for_byte(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        first = await site.client.get("/api/v1/token_security/1", params={"contract_addresses": FIRST})
        second = await site.client.get("/api/v1/token_security/1", params={"contract_addresses": FIRST})
        assert first.json()["code"] == 1
        assert (first.content, first.headers["tarazy-signature"]) == (
            second.content,
            second.headers["tarazy-signature"],
        )
        assert len(site.screener.asked) == 1
        assert site.middleware.served_at_once == 1

    on_site(tmp_path, test)


def test_everyone_who_asks_at_once_waits_for_one_screening(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        site.screener.gate.clear()
        asked = [asyncio.create_task(site.token(FIRST)) for _ in range(20)]
        asked += [asyncio.create_task(site.token(FIRST.upper().replace("0X", "0x"), SECOND)) for _ in range(5)]
        await asyncio.sleep(0.2)
        site.screener.gate.set()
        answers = await asyncio.gather(*asked)
        assert {each["code"] for each in answers} == {1}
        assert sorted(each.address or "" for each in site.screener.asked) == [FIRST, SECOND]
        assert set(answers[-1]["result"]) == {FIRST, SECOND}

    on_site(tmp_path, test)


def test_screening_that_takes_long_is_answered_as_syncing_and_later_in_full(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        site.screener.gate.clear()
        early = await site.token(FIRST)
        assert (early["code"], early["result"]) == (2, None)
        site.screener.gate.set()
        assert (await site.token(FIRST))["code"] == 1
        assert len(site.screener.asked) == 1

    on_site(tmp_path, test, wait_s=0.05)


def test_parameter_may_be_repeated_as_the_npm_client_does(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        found = await site.get("/api/v1/token_security/1", contract_addresses=[FIRST, SECOND])
        assert set(found["result"]) == {FIRST, SECOND}

    on_site(tmp_path, test)


def test_address_without_code_is_no_contract_and_is_not_screened(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        for _ in range(2):
            assert (await site.token(EMPTY))["code"] == GoplusCode.NOT_A_CONTRACT
        mixed = await site.token(EMPTY, FIRST)
        assert (mixed["code"], set(mixed["result"])) == (1, {FIRST})
        assert len(site.screener.asked) == 1

    on_site(tmp_path, test)


def test_chain_without_a_source_is_not_supported(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        for chain in (5, "tron", "-1", "1e3", "٣"):
            assert (await site.token(FIRST, chain=chain))["code"] == GoplusCode.CHAIN_UNSUPPORTED, chain

    on_site(tmp_path, test)


def test_event_drops_the_answer_marks_it_stale_and_screens_anew(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        site.screener.made = lambda request: report(caps={"mint": Answer.NO})
        assert (await site.token(FIRST))["result"][FIRST]["is_mintable"] == "0"
        site.screener.made = lambda request: report(caps={"mint": Answer.YES})
        site.screener.gate.clear()
        job = await site.service.invalidate(1, FIRST, "upgraded")
        stale = await site.token(FIRST)
        assert (stale["code"], stale["result"][FIRST]["is_mintable"]) == (2, "0")
        site.screener.gate.set()
        assert job is not None
        await job.future
        assert (await site.token(FIRST))["result"][FIRST]["is_mintable"] == "1"

    on_site(tmp_path, test, wait_s=0.05)


def test_event_in_the_midst_of_a_screening_makes_it_look_again(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        site.screener.gate.clear()
        asked = asyncio.create_task(site.token(FIRST))
        await asyncio.sleep(0.1)
        assert len(site.screener.asked) == 1
        await site.service.invalidate(1, FIRST, "upgraded")
        site.screener.made = lambda request: report(caps={"mint": Answer.YES})
        site.screener.gate.set()
        assert (await asked)["result"][FIRST]["is_mintable"] == "1"
        assert len(site.screener.asked) == 2
        assert (await site.token(FIRST))["code"] == 1
        assert len(site.screener.asked) == 2

    on_site(tmp_path, test)


def test_old_report_of_the_same_code_and_block_holds_on_and_of_changed_code_does_not(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        await site.token(FIRST)
        await asyncio.sleep(0.06)
        assert (await site.token(FIRST))["code"] == 1
        assert len(site.screener.asked) == 1
        (tmp_path / "codes" / f"{FIRST}.hex").write_text("6005")
        await asyncio.sleep(0.12)
        assert (await site.token(FIRST))["code"] == 1
        assert [each.runtime for each in site.screener.asked] == [CODES[FIRST], b"\x60\x05"]

    on_site(tmp_path, test, fresh_s=0.05)


def test_report_that_soon_ends_is_made_again_while_it_is_shown(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        await site.token(FIRST)
        entry = await site.service.recall(1, FIRST)
        assert entry is not None
        assert not entry.is_due()
        (tmp_path / "codes" / f"{FIRST}.hex").write_text("6005")
        entry.ahead_s = 0.0
        site.service.answers.drop([(1, FIRST)])
        site.screener.gate.clear()
        for _ in range(3):
            assert (await site.token(FIRST))["code"] == 1
        site.screener.gate.set()
        while site.service.jobs.active():
            await asyncio.sleep(0.01)
        assert len(site.screener.asked) == 2
        again = await site.service.recall(1, FIRST)
        assert again is not None
        assert again.report_id != entry.report_id

    on_site(tmp_path, test)


def test_contract_that_stays_the_same_is_screened_less_often_and_one_that_changed_again_soon(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        spans = []
        for answer in (Answer.NO, Answer.NO, Answer.NO, Answer.YES):
            site.screener.made = lambda request, answer=answer: report(caps={"mint": answer})
            (tmp_path / "codes" / f"{FIRST}.hex").write_text("6001")
            entry = await site.service.recall(1, FIRST)
            if entry is not None:
                entry.block_number = -2  # as if a block had come
                entry.until_s = 0.0
                site.service.answers.drop([(1, FIRST)])
            assert (await site.token(FIRST))["code"] == 1
            entry = await site.service.recall(1, FIRST)
            assert entry is not None
            spans.append(entry.span_s)
        assert spans == [100, 200, 300, 100]

    on_site(tmp_path, test, fresh_s=100, fresh_s_max=300)


def test_restart_answers_from_disk_and_remembers_what_was_stale(tmp_path: Path) -> None:
    async def first(site: Site) -> None:
        await site.token(FIRST, SECOND)
        site.screener.gate.clear()
        await site.service.invalidate(1, SECOND, "upgraded")

    async def second(site: Site) -> None:
        assert (await site.token(FIRST))["code"] == 1
        assert site.screener.asked == []
        assert (await site.token(SECOND))["code"] == 1
        assert [each.address for each in site.screener.asked] == [SECOND]

    on_site(tmp_path, first)
    on_site(tmp_path, second)


def test_other_criteria_make_old_reports_stale(tmp_path: Path) -> None:
    strict = tmp_path / "strict.toml"
    strict.write_text(next(BUILT_IN.glob("house*.toml")).read_text().replace('name = "house"', 'name = "strict"'))

    async def first(site: Site) -> None:
        await site.token(FIRST)

    async def second(site: Site) -> None:
        await site.token(FIRST)
        assert [each.criteria for each in site.screener.asked] == [str(strict)]

    on_site(tmp_path, first)
    on_site(tmp_path, second, criteria=str(strict))


def test_report_without_answers_is_shown_briefly_and_says_nothing(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        site.screener.made = lambda request: unanswered(request, "took too long")
        answer = await site.token(FIRST)
        assert answer["code"] == 1
        assert not any(key.startswith("is_") for key in answer["result"][FIRST])
        assert "took too long" in answer["result"][FIRST]["note"]
        entry = await site.service.recall(1, FIRST)
        assert entry is not None
        assert entry.until_s < time.monotonic() + 31

    on_site(tmp_path, test)


def test_honeypots_of_the_same_creator_are_counted_without_the_token_itself(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        site.screener.made = lambda request: report(caps={"honeypot": Answer.YES})
        assert (await site.token(FIRST))["result"][FIRST]["honeypot_with_same_creator"] == "0"
        assert (await site.token(SECOND))["result"][SECOND]["honeypot_with_same_creator"] == "1"
        creator = await site.get(f"/api/v1/address_security/{CREATOR}", chain_id="1")
        assert creator["result"]["honeypot_related_address"] == "1"
        assert creator["result"]["data_source"] == "own screenings"

    on_site(tmp_path, test)


def test_screener_that_fails_is_a_server_error_and_not_an_answer(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        def broken(request: Any) -> Any:
            raise ZeroDivisionError("defect")

        site.screener.made = broken
        assert (await site.token(FIRST))["code"] == GoplusCode.SERVER_ERROR
        site.screener.made = lambda request: report()
        assert (await site.token(FIRST))["code"] == 1

    on_site(tmp_path, test)


def test_full_queue_is_the_rate_limit_and_beside_an_answer_syncing(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        await site.token(SECOND)
        site.screener.gate.clear()
        waiting = [asyncio.create_task(site.get(f"/api/v1/token_security/1?contract_addresses={FIRST}"))]
        await asyncio.sleep(0.05)
        site.service.submit_address(1, f"0x{77:040x}", "other")
        third = f"0x{99:040x}"
        assert (await site.token(third))["code"] == GoplusCode.RATE_LIMIT
        both = await site.token(SECOND, third)
        assert (both["code"], set(both["result"])) == (2, {SECOND})
        site.screener.gate.set()
        await asyncio.gather(*waiting)

    on_site(tmp_path, test, queue_max=2, screening_workers=1)


def test_every_answer_carries_a_signature_over_its_request(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        key = await site.get("/v1/screening/key")
        public = bytes.fromhex(key["public_key"])
        answers = [
            ("GET", f"/api/v1/token_security/1?contract_addresses={FIRST}", b""),
            ("GET", f"/api/v1/token_security/1?contract_addresses={EMPTY}%2C{EMPTY}", b""),
            ("GET", "/api/v1/supported_chains", b""),
            ("GET", "/v1/screening/reports", b""),
            ("POST", "/v1/screening", json.dumps({"runtime": "0x6001"}).encode()),
            ("POST", "/v1/screening", b'{"runtime": 7}'),
            ("POST", "/api/v1/token", b'{"app_key": "nobody", "time": 1, "sign": "x"}'),
            ("POST", "/api/v1/token", b"nonsense"),
        ]
        for method, target, body in answers:
            found = await site.client.request(method, target, content=body, headers=JSON)
            assert verify_answer(
                public,
                base64.b64decode(found.headers["tarazy-signature"]),
                method=method,
                target=target,
                signed_at=found.headers["tarazy-signed-at"],
                body=found.content,
                request_body=body,
            ), target

    on_site(tmp_path, test)


def test_report_keeps_its_signature_for_ever(tmp_path: Path) -> None:
    async def first(site: Site) -> None:
        await site.token(FIRST)
        listed = await site.get("/v1/screening/reports", chain_id="1", address=FIRST)
        found = await site.client.get(listed["reports"][0]["report"])
        (tmp_path / "kept").write_text(json.dumps([listed["reports"][0]["report"], found.text, dict(found.headers)]))

    async def second(site: Site) -> None:
        path, body, headers = json.loads((tmp_path / "kept").read_text())
        found = await site.client.get(path)
        assert (found.text, found.headers["tarazy-signature"]) == (body, headers["tarazy-signature"])
        assert verify_answer(
            site.service.signer.public_key,
            base64.b64decode(headers["tarazy-signature"]),
            method="GET",
            target=path,
            signed_at=headers["tarazy-signed-at"],
            body=body.encode(),
        )

    on_site(tmp_path, first)
    on_site(tmp_path, second)


def test_report_that_was_given_out_outlives_every_other_screening_of_the_same(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        kept = await site.client.get(f"/v1/screening/contracts/1/{FIRST}")
        for number in range(4):
            answer = Answer.YES if number % 2 else Answer.NO
            site.screener.made = lambda request, answer=answer: report(caps={"mint": answer})
            made = await site.client.post("/v1/screening", json={"chain_id": 1, "address": FIRST, "again": True})
            await site.client.get(made.json()["events"])
            job = await site.service.invalidate(1, FIRST, "upgraded")
            assert job is not None
            await job.future
        again = await site.client.get(f"/v1/screening/reports/{kept.json()['id']}")
        assert (again.content, again.headers["tarazy-signature"]) == (kept.content, kept.headers["tarazy-signature"])

    on_site(tmp_path, test)


def test_caller_whose_share_is_used_up_still_gets_what_is_not_kept(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        kept = await site.client.get(f"/v1/screening/contracts/1/{FIRST}")
        site.service.store._kept_percent = (0, 100)
        refused = await site.client.get(f"/v1/screening/contracts/1/{SECOND}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (507, "share_used")
        assert (await site.token(SECOND))["code"] == 1
        assert (await site.client.get(f"/v1/screening/reports/{kept.json()['id']}")).content == kept.content

    on_site(tmp_path, test)


def test_full_disk_refuses_new_screenings_and_goes_on_answering_what_is_there(tmp_path: Path) -> None:
    async def test(site: Site) -> None:
        kept = await site.client.get(f"/v1/screening/contracts/1/{FIRST}")
        site.service.store._disk_bytes_max = 0
        refused = await site.client.get(f"/v1/screening/contracts/1/{SECOND}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (507, "no_room")
        assert (await site.token(SECOND))["code"] == GoplusCode.SERVER_ERROR
        assert (await site.token(FIRST))["code"] == 1
        assert (await site.client.get(f"/v1/screening/reports/{kept.json()['id']}")).content == kept.content

    on_site(tmp_path, test)
