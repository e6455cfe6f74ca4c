"""What identifies an answer: nobody is served a report that something else shaped."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
import zlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tarazy.platform.signing.answers import AnswerSigner
from tarazy.screening.criteria.errors import CriteriaError
from tarazy.screening.criteria.file import BUILT_IN
from tarazy.screening.request import ScreenRequest
from tarazy.screening.service import identity
from tarazy.screening.service.identity import NOT_ASKED, identity_of, setting_of
from tarazy.screening.service.store import MIGRATIONS, ReportStore

from .application import FIRST, Site, on_site, running
from .test_store import CODE, stored

BYTES = "0x600160020300"
# Each pair of questions has the same bytes and differs in one thing that shapes the answer.
PAIRS = (
    ({"runtime": BYTES}, {"creation": BYTES}),
    ({"creation": BYTES}, {"creation": BYTES + "00" * 31 + "07"}),  # another constructor argument
    ({"runtime": BYTES, "name": "Tether USD"}, {"runtime": BYTES}),
    ({"runtime": BYTES, "name": "Tether USD"}, {"runtime": BYTES, "name": "Plain"}),
    ({"runtime": BYTES, "symbol": "USDT"}, {"runtime": BYTES}),
    ({"runtime": BYTES, "name": "A", "symbol": "B"}, {"runtime": BYTES, "name": "AB", "symbol": ""}),
    ({"runtime": BYTES, "chain_id": 1}, {"runtime": BYTES, "chain_id": 56}),
    ({"runtime": BYTES, "chain_id": 1}, {"runtime": BYTES}),
)


async def screened(site: Site, body: Mapping[str, Any]) -> str:
    """Return the id of the report that a submission gets."""
    told = (await site.client.post("/v1/screening", json=body)).json()
    if told["report_id"] is None:
        await site.client.get(told["events"])
        told = await site.get(f"/v1/screening/jobs/{told['job_id']}")
    return str(told["report_id"])


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " / ".join("+".join(each) for each in pair))
def test_questions_that_differ_in_one_thing_have_reports_of_their_own(
    tmp_path: Path, pair: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> None:
    async def test(site: Site) -> None:
        first, second = [await screened(site, each) for each in pair]
        assert first != second
        assert [await screened(site, each) for each in pair] == [first, second]  # and each is found again
        assert len(site.screener.asked) == 2

    on_site(tmp_path, test)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " / ".join("+".join(each) for each in pair))
def test_questions_asked_at_once_share_a_screening_only_where_all_is_the_same(
    tmp_path: Path, pair: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> None:
    async def test(site: Site) -> None:
        site.screener.gate.clear()
        asked = [(await site.client.post("/v1/screening", json=each)).json()["job_id"] for each in (*pair, *pair)]
        assert asked[:2] == asked[2:]
        assert asked[0] != asked[1]

    on_site(tmp_path, test)


def test_every_field_of_a_request_is_part_of_its_identity() -> None:
    given = ScreenRequest(id="a", runtime=b"\x00")
    other: dict[str, Any] = {
        "address": FIRST,
        "block": 7,
        "chain_id": 1,
        "simulate": False,
        "hostile": False,
        "time_limit_s": 9.0,
        "is_open_source": True,
        "name": "n",
        "symbol": "s",
        "tables": {"holders": [1]},
    }
    assert set(other) == {each.name for each in dataclasses.fields(given)} - NOT_ASKED - {"runtime", "creation"}
    found = {identity_of(dataclasses.replace(given, **{name: value}), "s") for name, value in other.items()}
    found |= {identity_of(given, "s"), identity_of(given, "t"), identity_of(given, "s", ("0x", 1, "0x"))}
    assert len(found) == len(other) + 3
    assert identity_of(dataclasses.replace(given, id="b"), "s") == identity_of(given, "s")


def test_setting_is_of_software_engine_and_the_whole_content_of_the_criteria(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = date(2026, 11, 1)
    mine = tmp_path / "mine.toml"
    text = next(BUILT_IN.glob("house*.toml")).read_text()
    mine.write_text(text)
    found = [setting_of("tarazy 1", None, day), setting_of("tarazy 2", None, day)]
    assert setting_of("tarazy 1", "house", day) == found[0]
    assert setting_of("tarazy 1", str(mine), day) == found[0]  # the same figures under the same name
    mine.write_text(text.replace('status = "', 'status = "draft: ', 1))
    found.append(setting_of("tarazy 1", str(mine), day))
    monkeypatch.setattr(identity, "ENGINE", "revm 99")
    found.append(setting_of("tarazy 1", None, day))
    assert len(set(found)) == 4


def test_criteria_file_that_changed_makes_old_reports_stale_and_leaves_them_on_disk(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    text = next(BUILT_IN.glob("house*.toml")).read_text()
    mine.write_text(text)

    async def test(site: Site) -> None:
        await site.token(FIRST)
        await screened(site, {"runtime": BYTES})

    async def again(site: Site) -> None:
        await test(site)
        assert len(site.screener.asked) == 2

    async def same(site: Site) -> None:
        await test(site)
        assert site.screener.asked == []

    on_site(tmp_path, test, criteria=str(mine))
    on_site(tmp_path, same, criteria=str(mine))
    mine.write_text(text.replace('status = "', 'status = "draft: ', 1))
    on_site(tmp_path, again, criteria=str(mine))


def test_criteria_rule_every_way_in(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(next(BUILT_IN.glob("house*.toml")).read_text())

    async def test(site: Site) -> None:
        await site.token(FIRST)
        await screened(site, {"runtime": BYTES})
        await screened(site, {"creation": BYTES})
        await screened(site, {"chain_id": 1, "address": FIRST, "again": True})
        await site.client.post("/v1/screening/batch", json={"items": [{"runtime": "0x00"}]})
        while site.service.jobs.active():
            await asyncio.sleep(0.01)
        assert [each.criteria for each in site.screener.asked] == [str(mine)] * len(site.screener.asked)

    on_site(tmp_path, test, criteria=str(mine))


def test_unknown_criteria_stop_the_start_with_the_names_that_there_are(tmp_path: Path) -> None:
    async def start() -> None:
        async with running(tmp_path, criteria="strict"):
            pass

    with pytest.raises(CriteriaError, match=r"criteria 'strict' in force on .*, found house from "):
        asyncio.run(start())


def test_reports_of_an_older_file_are_kept_and_none_of_them_is_taken_for_an_answer(tmp_path: Path) -> None:
    signer = AnswerSigner.open(tmp_path / "signing.key")
    old = stored(signer)
    names = "id chain_id address code_hash block_number block_hash software criteria creator verdict honeypot stale"
    columns = [*names.split(), "stored_s", "signed_at", "key_id", "signature", "body"]
    values = [getattr(old, name) for name in columns[:-1]]
    with sqlite3.connect(tmp_path / "reports.sqlite") as connection:
        connection.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1;")
        marks = ", ".join("?" * len(columns))
        row = [*values, zlib.compress(old.body)]
        connection.execute(f"INSERT INTO reports ({', '.join(columns)}) VALUES ({marks})", row)
    connection.close()
    store = ReportStore(tmp_path / "reports.sqlite", signer)
    found = store.by_id(old.id)
    assert found is not None
    assert (found.body, found.setting, found.identity) == (old.body, "", "")
    store.put(stored(signer, "r2", setting="s", identity="i"), CODE)
    assert store.latest_of("i") == store.by_id("r2")
    store.close()
