"""Rate limits, ready answers, the access log, lists: each stays within its bound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tarazy.platform.access.buckets import Buckets, RateLimit
from tarazy.platform.web.access_log import LINES_MAX, AccessLog
from tarazy.platform.web.answers import OVERHEAD_BYTES, ReadyAnswer, ReadyAnswers, Subject
from tarazy.screening.service.lists import AddressLists, ListError

RATE = RateLimit(10, 20)


def test_burst_is_spent_and_refills_at_the_rate() -> None:
    buckets = Buckets()
    assert [buckets.take("a", RATE, 1, 0.0) for _ in range(20)] == [0.0] * 20
    assert buckets.take("a", RATE, 1, 0.0) == pytest.approx(0.1)
    assert buckets.take("a", RATE, 5, 0.5) == 0.0
    assert buckets.take("a", RATE, 1, 0.5) > 0
    assert buckets.take("b", RATE, 20, 0.5) == 0.0


def test_request_larger_than_the_bucket_empties_it_and_is_not_refused_for_ever() -> None:
    buckets = Buckets()
    assert buckets.take("a", RATE, 1_000, 0.0) == 0.0
    assert buckets.take("a", RATE, 1_000, 0.0) == pytest.approx(2.0)
    assert buckets.take("a", RATE, 1_000, 2.0) == 0.0


def test_refused_caller_pays_nothing_and_rate_zero_is_no_limit() -> None:
    buckets = Buckets()
    buckets.take("a", RATE, 20, 0.0)
    for _ in range(100):
        assert buckets.take("a", RATE, 1, 0.0) == pytest.approx(0.1)
    assert all(buckets.take("a", RateLimit(0, 0), 1e9, 0.0) == 0.0 for _ in range(5))


def test_callers_are_forgotten_least_recent_first() -> None:
    buckets = Buckets(callers_max=2)
    for caller in "ab":
        buckets.take(caller, RATE, 20, 0.0)
    buckets.take("c", RATE, 1, 0.0)
    assert buckets.take("a", RATE, 20, 0.0) == 0.0
    assert buckets.take("c", RATE, 20, 0.0) > 0


def answer(size: int = 100, fresh_until_s: float = 10.0, *subjects: Subject) -> ReadyAnswer:
    return ReadyAnswer({}, {}, size, fresh_until_s, 1, subjects or ((1, "a"),))


def test_answer_is_found_by_path_and_query_until_it_is_old() -> None:
    answers = ReadyAnswers(1_000_000)
    answers.put("/p", b"q=1", answer())
    assert answers.find("/p", b"q=1", 9.9) is not None
    assert answers.find("/p", b"q=2", 9.9) is None
    assert answers.find("/p", b"q=1", 10.0) is None
    assert (len(answers), answers.size) == (0, 0)


def test_answers_about_a_contract_are_dropped_together() -> None:
    answers = ReadyAnswers(1_000_000)
    answers.put("/p", b"1", answer(100, 10.0, (1, "a"), (1, "b")))
    answers.put("/p", b"2", answer(100, 10.0, (1, "b")))
    answers.put("/p", b"3", answer(100, 10.0, (56, "b")))
    answers.drop([(1, "b")])
    assert [answers.find("/p", each, 0.0) is not None for each in (b"1", b"2", b"3")] == [False, False, True]


def test_answers_stay_within_their_bytes_and_the_least_used_go() -> None:
    room = 3 * (1_000 + OVERHEAD_BYTES + 10)
    answers = ReadyAnswers(room * 2)
    for each in range(50):
        answers.put("/p", b"%d" % each, answer(1_000))
        answers.find("/p", b"0", 0.0)
        assert answers.size <= room * 2
    assert answers.find("/p", b"0", 0.0) is not None
    assert answers.find("/p", b"1", 0.0) is None
    answers.put("/p", b"huge", answer(room * 2))
    assert answers.find("/p", b"huge", 0.0) is None


def test_same_answer_put_twice_counts_once() -> None:
    answers = ReadyAnswers(1_000_000)
    answers.put("/p", b"q", answer())
    size = answers.size
    answers.put("/p", b"q", answer())
    assert (len(answers), answers.size) == (1, size)


def test_access_log_writes_lines_that_no_path_can_break(tmp_path: Path) -> None:
    log = AccessLog(tmp_path / "access.jsonl")
    log.line("GET", '/a"\n{"forged": 1}', 200, 1, 0.0012, "key:ABC", 10)
    log.write(log.take())
    lines = (tmp_path / "access.jsonl").read_text().splitlines()
    assert len(lines) == 1
    found = json.loads(lines[0])
    assert (found["path"], found["caller"], found["ms"]) == ('/a"\n{"forged": 1}', "key:ABC", 1.2)


def test_access_log_turns_over_at_its_size_and_counts_what_it_drops(tmp_path: Path) -> None:
    log = AccessLog(tmp_path / "access.jsonl", file_bytes_max=1_000)
    for _ in range(LINES_MAX + 5):
        log.line("GET", "/", 200, 1, 0.0, "1.2.3.4", 1)
    text = log.take()
    assert json.loads(text.splitlines()[-1])["dropped"] == 5
    log.write(text[:1_200])
    log.write(text[:100])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["access.jsonl", "access.jsonl.1"]


def a_list(path: Path, **changes: object) -> Path:
    content = {"key": "sanctioned", "source": "list 1", "complete": True, "addresses": ["0x" + "AB" * 20]} | changes
    path.write_text(json.dumps(content))
    return path


def test_complete_list_acquits_and_an_incomplete_one_is_silent(tmp_path: Path) -> None:
    complete = a_list(tmp_path / "1.json")
    open_ended = a_list(tmp_path / "2.json", key="mixer", source="list 2", complete=False)
    lists = AddressLists.read([complete, open_ended])
    assert lists.of("0x" + "ab" * 20) == ({"sanctioned": True, "mixer": True}, ("list 1", "list 2"))
    assert lists.of("0x" + "cd" * 20) == ({"sanctioned": False}, ("list 1",))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"key": "nonsense"}, "expected a key of"),
        ({"addresses": ["0x12"]}, "expected addresses of 0x and 40"),
        ({"addresses": "0x12"}, "expected source"),
        ({"source": None}, "expected source"),
    ],
)
def test_list_that_is_not_as_asked_names_its_file(tmp_path: Path, changes: dict[str, object], expected: str) -> None:
    path = a_list(tmp_path / "bad.json", **changes)
    with pytest.raises(ListError, match=rf"bad\.json: {expected}"):
        AddressLists.read([path])


def test_list_that_is_no_json_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ListError, match=r"bad\.json: expected a file of JSON"):
        AddressLists.read([tmp_path / "bad.json"])
