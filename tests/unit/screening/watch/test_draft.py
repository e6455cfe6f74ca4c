"""The draft of a suspension: the venue's own record, refused as it stands, and whole once an officer decides."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from tarazy.domain import records as r
from tarazy.domain.engine import Engine
from tarazy.domain.reject_codes import RejectCode
from tarazy.screening.watch.draft import WARNING, draft_suspension
from tarazy.screening.watch.record_file import content_hash

from ....floor import Floor, open_floor
from ....watching import ASSET_ID, make_world

EVIDENCE = sha256(b"alert").digest()


def test_draft_is_a_record_of_96_bytes_without_officer_and_time() -> None:
    draft = draft_suspension(7, EVIDENCE)
    raw = bytes.fromhex(draft["record"])
    assert len(raw) == 96
    assert r.SuspendAsset.unpack(raw) == r.SuspendAsset(ts_ns=0, asset_id=7, decision_hash=EVIDENCE)
    assert (draft["status"], draft["warning"], draft["command"]) == ("draft", WARNING, "SuspendAsset")


def test_venue_refuses_the_draft_as_it_stands(engine: type[Engine]) -> None:
    floor: Floor = open_floor(engine)
    raw = bytes.fromhex(draft_suspension(1, EVIDENCE)["record"])
    assert floor.do(r.SuspendAsset.unpack(raw)).reject_code == RejectCode.officer_missing


def test_draft_stands_once_an_officer_puts_their_name_to_it(engine: type[Engine]) -> None:
    floor: Floor = open_floor(engine)
    draft = r.SuspendAsset.unpack(bytes.fromhex(draft_suspension(1, EVIDENCE)["record"]))
    (changed,) = floor.do(draft._replace(officer_id=4)).of(r.AssetStatusChanged)
    assert (changed.asset_id, changed.asset_status) == (1, r.AssetStatus.suspended)


def test_draft_beside_an_alert_rests_on_the_hash_of_its_content(anvil: str, tmp_path: Path) -> None:
    world = make_world(anvil, tmp_path / "watch")
    with world.watcher() as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        watcher.step()
    (alert,) = world.alerts()
    added = ("id", "content_hash", "draft", "report_id", "at", "number", "previous", "public_key", "signature")
    content = {name: value for name, value in alert.items() if name not in added}
    assert content_hash(content).hex() == alert["content_hash"] == alert["draft"]["decision_hash"]
    raw = (world.folder / "drafts" / f"{alert['id']}.record").read_bytes()
    assert r.SuspendAsset.unpack(raw).asset_id == ASSET_ID
    document = json.loads((world.folder / "drafts" / f"{alert['id']}.json").read_text())
    assert document["record"] == raw.hex()
    assert document["alert"]["transaction"] == alert["transaction"]
