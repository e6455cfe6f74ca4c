"""The exported rulebook: valid by its schema, the same bytes every time, and another hash after any change."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import tarazy.rulebook.release as release
from tarazy.rulebook.catalogue import all_rules, find_rule
from tarazy.rulebook.situations import with_values

SCHEMA = Path(release.__file__).with_name("release.schema.json")


def test_export_is_valid_by_its_schema() -> None:
    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    found = json.loads(release.canonical())
    Draft202012Validator(schema).validate(found)
    assert [each["id"] for each in found["rules"]] == [rule.id for rule in all_rules()]


@pytest.mark.parametrize(
    "change", [{"title": 1}, {"begins": "soon"}, {"citations": []}, {"check_sha256": "ab"}, {"surprise": True}], ids=str
)
def test_schema_refuses_what_is_no_rule(change: dict[str, object]) -> None:
    found = json.loads(release.canonical())
    found["rules"][0] |= change
    assert list(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(found))


def test_another_process_exports_the_same_bytes() -> None:
    program = "import sys; from tarazy.rulebook.release import canonical; sys.stdout.buffer.write(canonical())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == release.canonical()
    assert sha256(done.stdout).digest() == release.release_hash()


def test_changed_value_is_another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    before, rule = release.release_hash(), find_rule("aifc/notice_of_changes")
    changed = rule._replace(values=with_values(rule.values, {"notice_days": 9}))
    monkeypatch.setattr(release, "all_rules", lambda: tuple(changed if each is rule else each for each in all_rules()))
    assert release.release_hash() != before
