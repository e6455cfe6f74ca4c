"""`tarazy config`: exit codes, words and JSON, and that no secret gets out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done

SECRET = "correct-horse-battery"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a good file, with a node whose address is in the environment."""
    monkeypatch.setenv("NODE_1", f"https://node.example/{SECRET}")
    path = tmp_path / "tarazy.toml"
    path.write_text(
        '[screening]\nport = 0\nnodes = { 1 = { env = "NODE_1" } }\n[facility.sequencer]\nsnapshots_keep = 3\n'
    )
    return path


def test_good_file_is_checked_with_exit_code_0(tarazy: Callable[..., Done], file: Path) -> None:
    done = tarazy("config", "check", file)
    assert done.code == 0
    assert "every key, value and secret can be used" in done.out


def test_missing_secret_and_unknown_key_exit_with_1(
    tarazy: Callable[..., Done], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NODE_1")
    done = tarazy("config", "check", file, "--json")
    assert done.code == 1
    assert [each["key"] for each in done.json["problems"]] == ["screening.nodes.1"]
    file.write_text(file.read_text() + "heads = 1\n")
    done = tarazy("config", "check", file, "--json")
    assert [each["key"] for each in done.json["problems"]] == ["facility.sequencer.heads"]


def test_show_says_value_unit_and_source_and_no_secret(
    tarazy: Callable[..., Done], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARAZY_CONFIG", str(file))
    done = tarazy("config", "show")
    assert done.code == 0
    assert "facility.sequencer.snapshots_keep = 3 snapshots   (file)" in done.out
    assert "facility.sequencer.frame_commands_max = 4,096 commands   (default)" in done.out
    assert "from environment NODE_1, there" in done.out
    assert SECRET not in done.out + done.err
    found = {each["key"]: each for each in tarazy("config", "show", "--json").json["settings"]}
    assert found["screening.port"]["value"] == 0
    assert found["facility.sequencer.head_interval_s"]["unit"] == "s"


def test_without_a_file_check_wants_one_and_show_shows_the_defaults(
    tarazy: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TARAZY_CONFIG", raising=False)
    assert tarazy("config", "check").code == 2
    done = tarazy("config", "show", "--json")
    assert done.code == 0
    assert {each["source"] for each in done.json["settings"]} == {"default"}
