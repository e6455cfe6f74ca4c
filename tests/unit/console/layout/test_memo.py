"""Values kept for pages: made once for a state however many ask, and anew for another."""

from __future__ import annotations

import threading
import time

import pytest

from tarazy.console.layout.memo import PageMemo


def test_a_value_is_made_once_for_a_state_by_whoever_comes_first() -> None:
    memo, made = PageMemo(), []

    def slow() -> int:
        made.append(threading.get_ident())
        time.sleep(0.05)
        return len(made)

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(memo.get("page", "head", slow))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (found, len(made)) == ([1] * 8, 1)
    assert memo.get("page", "another head", slow) == 2
    assert memo.get("other page", "head", slow) == 3


def test_what_could_not_be_made_is_not_kept() -> None:
    memo = PageMemo()
    with pytest.raises(ZeroDivisionError):
        memo.get("page", 1, lambda: 1 // 0)
    assert memo.get("page", 1, lambda: "made") == "made"
