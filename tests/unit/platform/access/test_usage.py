"""Use by day, caller and product: added up over restarts, callers without a key together, refused ones apart."""

from __future__ import annotations

from pathlib import Path

from tarazy.platform.access.usage import WITHOUT_KEY, Usage, UsageMeter

NOON_S = 1_764_504_000.0  # 2025-11-30T12:00:00Z
DAY_S = 86_400


def product_of(path: str) -> str:
    return {"/a": "apples", "/b": "pears"}.get(path, "")


def test_use_is_added_up_by_day_caller_and_product_over_a_restart(tmp_path: Path) -> None:
    now = [NOON_S]
    meter = UsageMeter(tmp_path, product_of, lambda: now[0])
    for _ in range(3):
        meter.count("key:A", "/a", refused=False)
    meter.count("key:A", "/a", refused=True)
    meter.count("203.0.113.7", "/b", refused=False)
    meter.count("203.0.113.8", "/b", refused=False)
    meter.count("key:A", "/health", refused=False)
    meter.write(meter.take())
    assert meter.read() == [
        Usage("2025-11-30", "key:A", "apples", 3, 1),
        Usage("2025-11-30", WITHOUT_KEY, "pears", 2, 0),
    ]
    meter.count("key:A", "/a", refused=False)
    meter.close()  # writes what is left
    again = UsageMeter(tmp_path, product_of, lambda: now[0])
    again.count("key:A", "/a", refused=False)
    now[0] += DAY_S
    again.count("key:A", "/b", refused=False)
    again.write(again.take())
    assert again.read(caller="key:A") == [
        Usage("2025-11-30", "key:A", "apples", 5, 1),
        Usage("2025-12-01", "key:A", "pears", 1, 0),
    ]
    assert [each.day for each in again.read(since="2025-12-01")] == ["2025-12-01"]
    again.close()
