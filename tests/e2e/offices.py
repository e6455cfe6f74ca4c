"""A facility that two administrators have founded on the command line, and drafts for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .conftest import Done

Run = Callable[..., Done]
REGISTER = ("--command", "RegisterAsset", "asset_kind=digital", "scale=8", "asset_code=BTC", "dti=")


class Office(NamedTuple):
    """A facility and its two founders' keys."""

    folder: Path
    facility: Path
    keys: tuple[Path, Path]


def found_office(tarazy: Run, tmp_path: Path, configured: Path | None = None) -> Office:
    """Found a facility with two administrators; `configured` is its folder where a configuration says it."""
    keys = (tmp_path / "aigerim.key", tmp_path / "bolat.key")
    for key in keys:
        assert tarazy("officer", "new", key, "--name", key.stem).code == 0
    facility = configured or tmp_path / "venue"
    place = () if configured else (facility,)
    done = tarazy("facility", "create", *place, "--name", "Venue", "--officer", keys[0], "--officer", keys[1])
    assert done.code == 0, done.err
    return Office(tmp_path, facility, keys)


def draft(tarazy: Run, office: Office, *words: object, approver: bool = True) -> Path:
    """Write a draft and return its file."""
    path = office.folder / "draft.json"
    second = ("--approver", 2) if approver else ()
    done = tarazy("instruct", "draft", path, "--facility", office.facility, "--officer", 1, *second, *words)
    assert done.code == 0, done.err
    return path


def signed_by_both(tarazy: Run, office: Office, *words: object) -> Path:
    """Return a draft that both officers have signed."""
    path = draft(tarazy, office, *words)
    for key in office.keys:
        assert tarazy("instruct", "sign", path, "--key", key).code == 0
    return path
