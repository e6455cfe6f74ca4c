"""The end of a record that is being written: a frame that is half there is looked at again, damage is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.cli.journal import seek
from tarazy.journal.errors import DamageError

from ...trading_stage import make_facility


def test_newest_frame_that_is_being_written_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "facility"
    make_facility(directory)
    segment = next((directory / "segments").iterdir())
    whole = segment.read_bytes()
    at = len(whole.rstrip(b"\0")) - 40  # in the last frame

    def write(byte: int) -> None:
        with segment.open("r+b") as file:
            file.seek(at)
            file.write(bytes([byte]))

    write(whole[at] ^ 1)
    with pytest.raises(DamageError):
        seek.reference_state(directory)
    monkeypatch.setattr(seek.time, "sleep", lambda _: write(whole[at]))  # the writer goes on meanwhile
    assert seek.reference_state(directory).markets
