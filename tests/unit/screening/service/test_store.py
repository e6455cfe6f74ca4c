"""Reports on disk: signed, bounded, sound after a kill, put aside where damaged; and read back without loss."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tarazy.platform.refusals import RefusedError
from tarazy.platform.signing.answers import AnswerSigner
from tarazy.platform.web.encoding import encode
from tarazy.screening.model import Answer, Attack, Evidence, HolderKind, TraceStep
from tarazy.screening.service.reading import read_report, slim
from tarazy.screening.service.reasons import SHARE_USED
from tarazy.screening.service.sources import code_hash
from tarazy.screening.service.store import PRUNE_EVERY, REPORT_TARGET, ReportStore, Stored

from .examples import CREATOR, TOKEN, report

CODE = b"\x60\x01"


@pytest.fixture
def signer(tmp_path: Path) -> AnswerSigner:
    return AnswerSigner.open(tmp_path / "signing.key")


@pytest.fixture
def store(tmp_path: Path, signer: AnswerSigner) -> Iterator[ReportStore]:
    made = ReportStore(tmp_path / "reports.sqlite", signer)
    yield made
    made.close()


def stored(signer: AnswerSigner, name: str = "r1", body: bytes = b'{"a":1}', **changes: object) -> Stored:
    made = Stored(
        id=name,
        chain_id=1,
        address=TOKEN,
        code_hash=code_hash(CODE),
        block_number=7,
        block_hash="0x01",
        setting="",
        identity="",
        software="tarazy 0.1.0",
        criteria="",
        creator=CREATOR,
        verdict="caution",
        honeypot=False,
        stale=False,
        stored_s=1.0,
        signed_at="now",
        key_id=signer.key_id,
        signature=signer.sign("GET", REPORT_TARGET + name, "now", body),
        body=body,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_report_comes_back_as_it_was_put_by_every_way(store: ReportStore, signer: AnswerSigner) -> None:
    given = stored(signer)
    store.put(given, CODE)
    assert store.by_id("r1") == store.latest(1, TOKEN) == store.recent(5)[0] == given
    assert store.code(given.code_hash) == CODE
    assert store.by_id("r2") is None
    assert store.code("0x00") is None


def test_no_report_takes_the_place_of_another(store: ReportStore, signer: AnswerSigner) -> None:
    store.put(stored(signer, "r1"))
    store.put(stored(signer, "r2", stored_s=2.0))
    store.put(stored(signer, "r3", stored_s=3.0, block_number=8))
    assert [each.id for each in store.history(1, TOKEN, 9)] == ["r3", "r2", "r1"]
    with pytest.raises(sqlite3.IntegrityError):
        store.put(stored(signer, "r1", body=b'{"a":2}'))
    first = store.by_id("r1")
    assert first is not None
    assert first.body == b'{"a":1}'


def test_stale_mark_lasts(store: ReportStore, signer: AnswerSigner, tmp_path: Path) -> None:
    store.put(stored(signer))
    assert store.mark_stale(1, TOKEN) == 1
    again = ReportStore(tmp_path / "reports.sqlite", signer)
    found = again.latest(1, TOKEN)
    again.close()
    assert found is not None
    assert found.stale


def test_creator_is_counted_by_addresses_and_without_the_asked_one(store: ReportStore, signer: AnswerSigner) -> None:
    for number, (verdict, honeypot) in enumerate([("malicious", True), ("malicious", False), ("clear", False)]):
        store.put(stored(signer, f"r{number}", address=f"0x{number:040x}", verdict=verdict, honeypot=honeypot))
    store.put(stored(signer, "r9", address=f"0x{0:040x}", verdict="malicious", honeypot=True, block_number=8))
    assert store.of_creator(1, CREATOR) == (3, 2, 1)
    assert store.of_creator(1, CREATOR, f"0x{0:040x}") == (2, 1, 0)
    assert store.of_creator(56, CREATOR) == (0, 0, 0)


def test_row_that_somebody_changed_is_not_served(store: ReportStore, signer: AnswerSigner, tmp_path: Path) -> None:
    store.put(stored(signer, "r1"), CODE)
    store.put(stored(signer, "r2", body=b'{"a":2}', stored_s=2.0, block_number=8))
    with sqlite3.connect(tmp_path / "reports.sqlite") as other:
        other.execute("UPDATE reports SET body = (SELECT body FROM reports WHERE id = 'r2') WHERE id = 'r1'")
        other.execute("UPDATE codes SET body = x'00'")
    other.close()
    assert store.by_id("r1") is None
    assert store.by_id("r2") is not None
    assert store.code(code_hash(CODE)) is None


def test_file_of_another_key_is_not_served(store: ReportStore, signer: AnswerSigner, tmp_path: Path) -> None:
    store.put(stored(signer))
    other = ReportStore(tmp_path / "reports.sqlite", AnswerSigner.open(tmp_path / "other.key"))
    assert other.by_id("r1") is None
    other.close()


def test_oldest_reports_go_where_the_file_is_too_large(tmp_path: Path, signer: AnswerSigner) -> None:
    store = ReportStore(tmp_path / "small.sqlite", signer, disk_bytes_max=600_000, kept_of_caller_percent=100)
    for number in range(3 * PRUNE_EVERY):
        body = os.urandom(2_000)
        store.put(stored(signer, f"r{number}", body, block_number=number, stored_s=float(number)))
    reports, size = store.counts()
    assert size < 1_500_000
    assert reports < 3 * PRUNE_EVERY
    assert store.by_id(f"r{3 * PRUNE_EVERY - 1}") is not None
    assert store.by_id("r0") is None
    store.close()


def test_reports_that_were_given_out_stay_though_they_are_the_oldest(tmp_path: Path, signer: AnswerSigner) -> None:
    store = ReportStore(tmp_path / "small.sqlite", signer, disk_bytes_max=600_000, kept_of_caller_percent=100)
    for number in range(3 * PRUNE_EVERY):
        body = os.urandom(2_000)
        code = b"%d" % number
        store.put(stored(signer, f"r{number}", body, code_hash=code_hash(code), stored_s=float(number)), code)
        if number < 100:
            assert store.give_out(f"r{number}", "key:A") is not None
    assert all(store.by_id(f"r{number}") is not None for number in range(100))
    assert store.code(code_hash(b"7")) == b"7"
    assert store.by_id("r101") is None
    store.require_room()
    store.close()


def test_file_full_of_reports_that_were_given_out_takes_no_new_screening(tmp_path: Path, signer: AnswerSigner) -> None:
    store = ReportStore(tmp_path / "small.sqlite", signer, disk_bytes_max=200_000)
    for number in range(2 * PRUNE_EVERY):
        store.put(stored(signer, f"r{number}", os.urandom(2_000), stored_s=float(number)))
        store.give_out(f"r{number}", f"key:{number}")
    with pytest.raises(RefusedError, match=r"fill the disk.*disk_bytes_max"):
        store.require_room()
    assert store.counts()[0] == 2 * PRUNE_EVERY
    store.close()
    more = ReportStore(tmp_path / "small.sqlite", signer, disk_bytes_max=20_000_000)
    more.require_room()
    more.close()


def filled(store: ReportStore, signer: AnswerSigner, caller: str, count: int = 100) -> int:
    """Let a caller take reports that were made now until its share is used up; return how many it was given."""
    for number in range(count):
        store.put(stored(signer, f"{caller} {number}", os.urandom(2_000), stored_s=float(number)))
        with contextlib.suppress(RefusedError):
            store.give_out(f"{caller} {number}", caller)
            continue
        return number
    return count


def test_one_caller_fills_its_share_and_leaves_room_for_others(tmp_path: Path, signer: AnswerSigner) -> None:
    # 2,000 random bytes do not compress: with the ends of two zlib streams and the row each counts some 4,067 bytes
    path, limits = tmp_path / "small.sqlite", {"disk_bytes_max": 1_000_000, "kept_of_caller_percent": 10}
    store = ReportStore(path, signer, **limits)
    given = filled(store, signer, "key:A")
    assert given == 100_000 // 4_067
    assert store.by_id(f"key:A {given}") is not None, "only its signature stays inside"
    assert store.give_out("key:A 0", "key:A") is not None, "what it was given it gets again"
    assert store.give_out(f"key:A {given}", "key:B") is not None, "another takes it on its own share"
    assert store.give_out(f"key:A {given}", "key:A") is not None
    store.require_room()
    store.close()
    again = ReportStore(path, signer, **limits)
    again.put(stored(signer, "later", os.urandom(2_000)))
    with pytest.raises(RefusedError, match="100,000 bytes") as refused:
        again.give_out("later", "key:A")
    assert refused.value.reason is SHARE_USED
    again.close()


def test_callers_without_a_key_share_what_is_theirs(tmp_path: Path, signer: AnswerSigner) -> None:
    store = ReportStore(tmp_path / "small.sqlite", signer, 1_000_000, 10, 20)
    given = [filled(store, signer, f"203.0.113.{host}") for host in range(4)]
    assert given == [24, 24, 1, 0]  # 200,000 // 4,067 in all
    assert filled(store, signer, "key:A") == given[0]
    store.require_room()
    store.close()


def test_refused_report_is_not_kept(tmp_path: Path, signer: AnswerSigner) -> None:
    store = ReportStore(tmp_path / "small.sqlite", signer, 1_000_000, 100, 1)
    given = filled(store, signer, "203.0.113.7")
    with sqlite3.connect(tmp_path / "small.sqlite") as other:
        assert other.execute("SELECT count(*) FROM reports WHERE given_out").fetchone() == (given,)
        kept = dict(other.execute("SELECT caller, bytes FROM kept"))
    other.close()
    assert kept[""] == kept["203.0.113.7"] <= 10_000
    store.close()


def test_second_damaged_file_does_not_take_the_place_of_the_first(tmp_path: Path, signer: AnswerSigner) -> None:
    for content in (b"first damage " * 900, b"second damage " * 900):
        (tmp_path / "reports.sqlite").write_bytes(content)
        ReportStore(tmp_path / "reports.sqlite", signer).close()
    assert (tmp_path / "reports.damaged").read_bytes().startswith(b"first")
    assert (tmp_path / "reports.damaged.2").read_bytes().startswith(b"second")


def test_damaged_file_is_put_aside_and_a_new_one_begun(tmp_path: Path, signer: AnswerSigner) -> None:
    path = tmp_path / "reports.sqlite"
    path.write_bytes(b"no database at all " * 500)
    store = ReportStore(path, signer)
    store.put(stored(signer))
    assert store.by_id("r1") is not None
    assert store.put_aside == tmp_path / "reports.damaged"
    assert store.put_aside.read_bytes().startswith(b"no database")
    store.close()


def test_file_with_a_damaged_page_is_put_aside(tmp_path: Path, signer: AnswerSigner) -> None:
    path = tmp_path / "reports.sqlite"
    store = ReportStore(path, signer)
    for number in range(50):
        store.put(stored(signer, f"r{number}", os.urandom(3_000), block_number=number))
    store.close()
    content = bytearray(path.read_bytes())
    content[8_192:16_384] = os.urandom(8_192)
    path.write_bytes(content)
    again = ReportStore(path, signer)
    assert again.put_aside is not None
    again.close()


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tarazy.platform.signing.answers import AnswerSigner
from tarazy.screening.service.store import ReportStore
from tests.unit.screening.service.test_store import stored
folder = Path(sys.argv[1])
signer = AnswerSigner.open(folder / "signing.key")
store = ReportStore(folder / "reports.sqlite", signer)
for number in range(1_000_000):
    store.put(stored(signer, f"r{number}", b'{"n":"' + b"%d" % number * 4_000 + b'"}', block_number=number,
                     stored_s=float(number)), b"x" * 3_000)
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 20, 90])
def test_kill_in_the_midst_of_writing_leaves_every_written_report_whole(tmp_path: Path, after: int) -> None:
    root = str(Path(__file__).resolve().parents[4])
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), root], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    last = -1
    while last < after:
        last = int(process.stdout.readline())
    time.sleep(0.003)
    process.send_signal(signal.SIGKILL)
    told = [int(line) for line in process.stdout.read().split()]
    process.wait()
    process.stdout.close()
    store = ReportStore(tmp_path / "reports.sqlite", AnswerSigner.open(tmp_path / "signing.key"))
    assert store.put_aside is None
    for number in range(max([last, *told]) + 1):
        found = store.by_id(f"r{number}")
        assert found is not None, number
        assert found.body == b'{"n":"' + b"%d" % number * 4_000 + b'"}'
    store.close()


def test_report_read_back_is_the_report_that_was_written() -> None:
    step = TraceStep("owner", "the owner calls", True, gas_used=5)
    given = report(Answer.YES)
    mint = replace(given.capabilities["mint"], evidence=(Evidence("trace", "so", trace=(step,)),), bound=None)
    simulation = given.simulation
    assert simulation is not None
    simulation = replace(simulation, attacks=(Attack("mints", HolderKind.OWNER, ("0x1",), (step,)),))
    given = replace(
        given,
        capabilities=dict(given.capabilities) | {"mint": mint},
        simulation=simulation,
        token=replace(given.token, total_supply=10**30),
    )
    plain = given.to_json()
    assert read_report(plain) == given
    assert read_report(plain | {"of_a_later_version": 1}) == given
    small = slim(given)
    assert small.capabilities["mint"].evidence == ()
    assert small.capabilities["mint"].answer is Answer.YES
    assert small.simulation is not None
    assert small.simulation.trades == simulation.trades
    assert len(encode(small.to_json())) < len(encode(plain))


def test_report_given_out_is_kept_for_its_time_and_one_that_a_dossier_cites_for_good(
    tmp_path: Path, signer: AnswerSigner
) -> None:
    path, days = tmp_path / "kept.sqlite", [0.0]
    store = ReportStore(path, signer, kept_of_caller_percent=1, disk_bytes_max=400_000, kept_days=90,
                        clock=lambda: days[0] * 86_400)  # fmt: skip
    assert filled(store, signer, "key:A") == 0, "4,000 bytes a caller: none fits, which is 4,067"
    store.close()
    store = ReportStore(path, signer, kept_of_caller_percent=2, disk_bytes_max=410_000, kept_days=90,
                        clock=lambda: days[0] * 86_400)  # fmt: skip
    for name in ("first", "second", "third"):
        store.put(stored(signer, name, os.urandom(2_000)), CODE)  # 4,067 bytes, of a share of 8,200
    assert store.give_out("first", "key:B", cited=True) is not None
    assert store.give_out("second", "key:B") is not None
    with pytest.raises(RefusedError):
        store.give_out("third", "key:B")
    days[0] = 89.0
    with pytest.raises(RefusedError):
        store.give_out("third", "key:B")
    days[0] = 91.0  # the second is kept no longer, so that its share is free; the first, cited, is
    assert store.give_out("third", "key:B") is not None
    days[0] = 400.0
    store.close()
    database = sqlite3.connect(path)
    assert database.execute("SELECT id FROM reports WHERE given_out AND cited").fetchall() == [("first",)]
    database.close()
