"""`tarazy config`: exit codes, words and JSON, and that no secret gets out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tarazy.cli.screening import serve, watch

from .conftest import Done
from .offices import REGISTER, found_office, signed_by_both

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


def test_facility_verbs_take_folder_engine_and_settings_from_the_file(
    tarazy: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARAZY_CONFIG", str(tmp_path / "house" / "tarazy.toml"))
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "tarazy.toml").write_text(
        '[facility]\ndirectory = "venue"\nengine = "spec"\n'
        "[facility.sequencer]\nframe_commands_max = 2\n"
        '[projections]\ndatabase = "read.sqlite3"\n'
    )
    office = found_office(tarazy, tmp_path, configured=tmp_path / "house" / "venue")
    path = signed_by_both(tarazy, office, *REGISTER, *REGISTER[:-2], "asset_code=ETH", "dti=")
    done = tarazy("instruct", "submit", path)
    assert done.code == 1
    assert "expected an instruction of at most 2 commands" in done.err
    file = tmp_path / "house" / "tarazy.toml"
    file.write_text(file.read_text().replace("frame_commands_max = 2", "frame_commands_max = 3"))
    done = tarazy("instruct", "submit", path, "--json")
    assert done.code == 0, done.err
    assert done.json["first_seq"] == 4
    assert tarazy("projections", "rebuild").code == 0
    assert (tmp_path / "house" / "read.sqlite3").exists()
    other = tmp_path / "other.sqlite3"
    assert tarazy("projections", "rebuild", office.facility, "--sql", other).code == 0
    assert other.exists()


def test_verb_without_its_folder_says_both_ways_to_give_it(
    tarazy: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TARAZY_CONFIG", raising=False)
    done = tarazy("projections", "digest")
    assert done.code == 2
    assert "expected DIR, or facility.directory in the configuration file, found neither" in done.err
    assert "watch.node" in tarazy("screening", "watch", "--token", "0x" + "00" * 20).err


def test_wrong_file_stops_a_verb_before_it_does_anything(
    tarazy: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tarazy.toml"
    path.write_text("[screening]\nprot = 1\n")
    done = tarazy("screening", "serve", "--config", path, "--data", tmp_path / "data", "--port", "0")
    assert done.code == 1
    assert "screening.prot: expected a known key" in done.err
    assert not (tmp_path / "data").exists()


def test_arguments_of_serve_and_watch_come_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_1", f"https://node.example/{SECRET}")
    path = tmp_path / "tarazy.toml"
    path.write_text(
        "[screening]\nport = 1234\nrequire_key = true\nworkers = 3\n"
        'nodes = { 1 = { env = "NODE_1" }, 5 = "http://five" }\n'
        "[screening.limits]\nqueue_max = 7\n[screening.key_rate]\nburst = 9\n"
        '[watch]\nnode = "http://a"\nscreening = false\n[watch.thresholds]\ntax_ppm = 77\n'
    )
    section = serve.section_of(parsed(serve, "--config", path, "--rpc", "5=http://other", "--no-require-key"))
    config = section.service_config()
    assert (section.port, config.require_key, config.screening_workers) == (1234, False, 3)
    assert config.nodes == {1: f"https://node.example/{SECRET}", 5: "http://other"}
    assert (config.queue_max, config.key_rate.burst, config.key_rate.per_second) == (7, 9, 2_000)
    found = watch.section_of(parsed(watch, "--config", path, "--rpc", "http://b", "--poll", "2"))
    assert (found.node, found.screening, found.poll_s, found.thresholds.tax_ppm) == ("http://b", False, 2.0, 77)
    assert watch.section_of(parsed(watch, "--config", path, "--screening")).screening is True


def parsed(module: ModuleType, *words: object) -> argparse.Namespace:
    """Return the arguments of an act."""
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return parser.parse_args([str(word) for word in words])


def test_document_limits_come_from_the_file(tarazy: Callable[..., Done], tmp_path: Path) -> None:
    path, paper = tmp_path / "tarazy.toml", tmp_path / "paper.txt"
    paper.write_text("four")
    path.write_text("[documents]\ndocument_bytes_max = 3\nretention_years = 9\n")
    words = ("documents", "add", tmp_path / "store", paper, "--kind", "evidence", "--config", path)
    assert "a larger one" in tarazy(*words).err
    done = tarazy(*words, "--bytes-max", "4", "--json")
    (entry,) = done.json["documents"]
    assert int(entry["retain_until"][:4]) == int(entry["added_at"][:4]) + 9
