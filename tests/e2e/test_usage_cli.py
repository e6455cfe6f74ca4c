"""`tarazy screening usage`: the table, what it is narrowed by, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tarazy.platform.access.keys import KEYED
from tarazy.platform.access.usage import FILE, UsageMeter
from tarazy.screening.service.products import product_of

from .conftest import Done

Run = Callable[..., Done]
FIRST, SECOND = datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 30, 0, 0, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a service's folder with the use of two days: 1,203 requests by one key, 2 by another, 1 without one."""
    now = FIRST
    meter = UsageMeter(tmp_path, product_of, lambda: now.timestamp())
    screening, security = "/v1/screenings", "/api/v1/token_security/1"
    for _ in range(1_200):
        meter.count(f"{KEYED}desk", screening, refused=False)
    meter.count(f"{KEYED}desk", screening, refused=True)
    now = SECOND
    for _ in range(3):
        meter.count(f"{KEYED}desk", security, refused=False)
    meter.count(f"{KEYED}night", security, refused=False)
    meter.count(f"{KEYED}night", screening, refused=False)
    meter.count("198.51.100.7", security, refused=False)
    meter.count("198.51.100.7", "/favicon.ico", refused=False)
    meter.close()
    return tmp_path


def rows(done: Done) -> list[list[str]]:
    """Return the lines of the printed table, each cell by itself."""
    assert done.code == 0
    return [[cell for cell in line.split("  ") if cell.strip()] for line in done.out.splitlines()[1:-1]]


def test_table_has_a_line_for_each_day_caller_and_product_and_the_sum_below(tarazy: Run, folder: Path) -> None:
    done = tarazy("screening", "usage", "--data", folder)
    assert done.out.splitlines()[0].split() == ["day", "caller", "product", "requests", "refused"]
    found = [[cell.strip() for cell in row] for row in rows(done)]
    assert [(row[0], row[1]) for row in found] == [
        ("2026-11-29", f"{KEYED}desk"),
        ("2026-11-30", f"{KEYED}desk"),
        ("2026-11-30", f"{KEYED}night"),
        ("2026-11-30", f"{KEYED}night"),
        ("2026-11-30", "without a key"),
    ]
    assert [row[3:] for row in found] == [["1,200", "1"], ["3", "0"], ["1", "0"], ["1", "0"], ["1", "0"]]
    assert done.out.splitlines()[-1].strip() == "1,206 requests"


def test_json_is_one_object_with_the_same_lines(tarazy: Run, folder: Path) -> None:
    done = tarazy("screening", "usage", "--data", folder, "--json")
    assert len(done.out.splitlines()) == 1
    found = done.json["usage"]
    assert len(found) == 5
    assert sum(each["requests"] for each in found) == 1_206
    assert found[0].keys() == {"day", "caller", "product", "requests", "refused"}
    assert len({each["product"] for each in found}) == 2


@pytest.mark.parametrize(
    ("narrowed", "requests"),
    [
        (("--since", "2026-11-30"), [3, 1, 1, 1]),
        (("--since", "2026-12-01"), []),
        (("--key", "night"), [1, 1]),
        (("--key", "desk", "--since", "2026-11-30"), [3]),
        (("--key", "nobody"), []),
        (("--key", "' OR 1=1 --"), []),
    ],
)
def test_table_is_narrowed_by_day_and_key(
    tarazy: Run, folder: Path, narrowed: tuple[str, ...], requests: list[int]
) -> None:
    done = tarazy("screening", "usage", "--data", folder, "--json", *narrowed)
    assert [each["requests"] for each in done.json["usage"]] == requests


def test_folder_without_use_says_what_to_do(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("screening", "usage", "--data", tmp_path, "--json")
    assert done.code != 0
    assert FILE in done.json["error"]
    assert "start the service once" in done.json["error"]


def test_file_that_is_no_database_is_an_error_and_no_traceback(tarazy: Run, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("no database at all, only a text that is longer than a header of SQLite would be" * 3)
    done = tarazy("screening", "usage", "--data", tmp_path, "--json")
    assert done.code != 0
    assert FILE in done.json["error"]
    assert "Traceback" not in done.err


def test_day_that_is_none_is_refused(tarazy: Run, folder: Path) -> None:
    done = tarazy("screening", "usage", "--data", folder, "--since", "yesterday")
    assert done.code == 2
    assert "expected a day as YYYY-MM-DD, found 'yesterday'" in done.err
