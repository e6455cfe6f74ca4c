"""A watch that stops anywhere and starts again: nothing is lost, nothing is doubled, nothing foreign is taken on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.signer import KeySigner
from tarazy.screening.watch import draft_files, follow, record_file
from tarazy.screening.watch.errors import RecordFileError, WatchOptionsError, WatchStateError
from tarazy.screening.watch.record_file import read_records
from tarazy.screening.watch.store import WatchStore

from ....watching import KEY, World, make_world


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def world(anvil: str, tmp_path: Path) -> World:
    """Return a token that trades freely."""
    return make_world(anvil, tmp_path / "watch")


def crash_before(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> None:
    """Let the process end just before a step is taken."""
    monkeypatch.setattr(place, name, end)


def end(*_: Any, **__: Any) -> Any:
    """End the process."""
    raise Crash


def crash_after(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> None:
    """Let the process end just after a step was taken."""
    step = getattr(place, name)

    def run(*given: Any, **named: Any) -> Any:
        step(*given, **named)
        raise Crash

    monkeypatch.setattr(place, name, run)


def torn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process end with half a line in the file."""

    def half(descriptor: int, data: Any) -> int:
        real(descriptor, bytes(data)[: len(data) // 2])
        raise Crash

    real = os.write
    monkeypatch.setattr(record_file.os, "write", half)


CRASHES: dict[str, Any] = {
    "before the block is stored": lambda patch: crash_before(patch, WatchStore, "add_block"),
    "between block and record": lambda patch: crash_before(patch, WatchStore, "add_record"),
    "after the block is stored": lambda patch: crash_before(patch, follow, "append"),
    "in the middle of a line": torn,
    "after the line": lambda patch: crash_before(patch, WatchStore, "set_written"),
    "before the draft": lambda patch: crash_before(patch, follow, "settle_draft"),
    "in the middle of the draft": lambda patch: crash_after(patch, draft_files, "write_whole"),
    "before it is marked as told": lambda patch: crash_before(patch, WatchStore, "set_reported"),
}


@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
def test_crash_at_any_point_loses_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, crash: Any
) -> None:
    told: list[str] = []
    with world.watcher() as watcher:
        watcher.step()
    world.do("setFee(uint16)", 20)
    world.do("setPaused(bool)", True)
    with world.watcher(on_record=lambda record: told.append(record["id"])) as watcher, monkeypatch.context() as patch:
        crash(patch)
        with pytest.raises(Crash):
            watcher.step()
    with world.watcher(on_record=lambda record: told.append(record["id"])) as watcher:
        watcher.step()
    found = list(read_records(world.folder / "alerts.jsonl", KEY.public_key))
    assert [each["kind"] for each in found] == ["tax_raised", "transfers_blocked"]
    assert set(told) == {each["id"] for each in found}
    drafts = world.folder / "drafts"
    assert {path.name for path in drafts.iterdir()} == {
        f"{each['id']}.{ending}" for each in found for ending in ("json", "record")
    }


def test_restart_goes_on_where_the_last_one_ended(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
    world.chain.mine(3)
    world.do("setFee(uint16)", 20)
    world.chain.mine(3)
    with world.watcher() as watcher:
        assert watcher.step() == 7
        assert watcher.step() == 0
    assert world.kinds() == ["tax_raised"]


def test_reorganisation_while_the_watch_was_down_is_found_at_the_restart(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        watcher.step()
    world.chain.reorganise(1)
    world.chain.mine(2)
    with world.watcher() as watcher:
        watcher.step()
    assert world.kinds() == ["transfers_blocked", "retraction"]


def test_token_listed_later_is_followed_from_then_on(world: World) -> None:
    with world.watcher(tokens=[]) as watcher:
        watcher.step()
    world.do("setFee(uint16)", 20)
    with world.watcher() as watcher:
        watcher.step()
        world.do("setFee(uint16)", 30)
        watcher.step()
    assert [each["after"]["sell_tax_ppm"] for each in world.alerts()] == [300_000]


def test_whoever_could_not_be_told_is_told_at_the_next_step(world: World) -> None:
    told: list[str] = []

    def tell(record: Any) -> None:
        told.append(record["id"])
        if len(told) == 1:
            raise OSError("the bell is broken")

    said: list[str] = []
    with world.watcher(on_record=tell) as watcher:
        watcher.notify = said.append
        watcher.step()
        world.do("setFee(uint16)", 20)
        watcher.step()
        watcher.step()
    assert len(told) == 2
    assert told[0] == told[1]
    assert any("the bell is broken" in each for each in said)


def paused_once(world: World) -> Path:
    """Return the file after one alert."""
    with world.watcher() as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        watcher.step()
    return world.folder / "alerts.jsonl"


@pytest.mark.parametrize("content", [b"", b"{}\n", None], ids=["emptied", "replaced", "appended to"])
def test_file_that_somebody_changed_is_refused_at_the_start(world: World, content: bytes | None) -> None:
    path = paused_once(world)
    path.write_bytes(path.read_bytes() + b"{}\n" if content is None else content)
    with pytest.raises(RecordFileError, match="keep it for an inquiry"), world.watcher():
        pass


def test_changed_record_does_not_verify(world: World) -> None:
    path = paused_once(world)
    line = path.read_bytes()
    for changed in (line.replace(b"refused", b"allowed"), line[:-1], line.replace(b'"number":1', b'"number":2'), b"\n"):
        path.write_bytes(changed)
        with pytest.raises(RecordFileError, match="line 1"):
            list(read_records(path))


def test_record_of_another_key_does_not_verify(world: World) -> None:
    path = paused_once(world)
    with pytest.raises(RecordFileError, match=f"a signature of {bytes(32).hex()}"):
        list(read_records(path, bytes(32)))


def test_second_watch_of_one_folder_is_refused(world: World) -> None:
    with world.watcher(), pytest.raises(WatchOptionsError, match="no other watch"), world.watcher():
        pass


def test_other_key_or_other_chain_in_one_folder_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.watcher() as watcher:
        watcher.step()
    other = KeySigner.from_seed(bytes(32))
    with pytest.raises(WatchOptionsError, match="public_key"), world.watcher(signing_key=other):
        pass
    from tarazy.chains.evm.node import Node

    monkeypatch.setattr(Node, "chain_id", lambda self: 5)
    with pytest.raises(WatchOptionsError, match="chain_id 31337, as before, found 5"), world.watcher():
        pass
    monkeypatch.undo()
    with world.watcher() as watcher:
        watcher.step()


def test_state_that_is_no_database_is_refused(world: World) -> None:
    world.folder.mkdir()
    (world.folder / "watch.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(WatchStateError, match="state of a watch"), world.watcher():
        pass
