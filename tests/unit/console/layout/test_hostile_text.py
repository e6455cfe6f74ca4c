"""Names, reasons and file names of strangers cannot write into a page, turn its lines or make it endless."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any

import pytest

from tarazy.console.screening.services import BatchRow, JobView, ScreeningBatch
from tarazy.screening.watch.watches import Followed, Watch

from ..screening.building import TOKEN, KeptServices, alert, client, rich_report, runtime, stages, wallet_reading
from ..screening.page_faults import faults

HOSTILE = {
    "script": "</title></script><script>alert(1)</script><img src=x onerror=alert(2)>",
    "attribute": '" onmouseover="alert(3)" x=\'',
    "template": "{{ 7 * 7 }}{% raw %}${7*7}",
    "bidi": "safe\u202eneko\u2066T\u2069\u200bS\u200d",
    "long": "A" * 10_240,
    "long words": "word " * 20_000,
    "marks": "Z" + "\u0335\u0348" * 2_000,
    "null": "\0\x1b[31m\r\n",
    "surrogate": "x\U000e0041y",
}
PATHS = (
    "/",
    "/job/j1",
    "/report/r-rich",
    "/report/r-rich/code",
    "/batch/b1",
    f"/token/31337/{TOKEN}",
    "/watch",
    f"/wallet/31337/{TOKEN}",
)
# Fields whose text is one of ours, or a hash, and not a stranger's.
OURS = frozenset(
    "id input chain_id address code_hash body_hash screened_at software block_hash kind name state engine actor effect"
    " calls transaction calldata offset selector outcome severity word".split()
)


def spoil(value: Any, text: str, field: str = "") -> Any:
    """Return a part of a report in which every text that a stranger may choose is this one."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return value if field in OURS else text
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        own = type(value).__name__ in ("TokenFacts", "PoolFacts", "TraceStep")
        changed = {
            item.name: spoil(getattr(value, item.name), text, "" if own and item.name != "address" else item.name)
            for item in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **changed)
    if isinstance(value, Mapping):
        return {key: spoil(item, text, field) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(spoil(item, text, field) for item in value)
    return value


def services_full_of(text: str) -> KeptServices:
    """Return services in which strangers wrote this everywhere they can."""
    services = KeptServices().keep(spoil(rich_report(), text), runtime())
    services.jobs["j1"] = JobView("j1", text, "failed", stages(1), 0.1, None, text)
    services.reading = dataclasses.replace(wallet_reading(text), reasons=(text,))
    rows = [
        BatchRow(1, text, "done", "clear", text, text, ("mint",), 0, 0.1, "r-rich"),
        BatchRow(2, text, "refused", reason=text),
    ]
    services.batches["b1"] = ScreeningBatch("b1", "2026-11-22T10:00:00+00:00", rows)
    told = alert(
        title=text, text=text, before={text: text, "verdict": text}, after={"list": [text]}, draft={text: text}
    )
    token = Followed(31337, TOKEN, "2026-11-22T10:00:00+00:00", "clear", text, text, state=text)
    services.watching = Watch((token,), (told, {**told, "id": "a9", "draft": text}), False, text)
    return services


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_only_read(path: str, kind: str) -> None:
    answer = client(services_full_of(HOSTILE[kind])).get(path)
    assert answer.status_code == 200
    page = answer.text
    assert faults(page) == []
    for raw in ("<script>alert", "<img", 'onmouseover="', "49${"):
        assert raw not in page
    for character in "\u202e\u2066\u2069\u200b\u200d\0\x1b\U000e0041":
        assert character not in page
    assert len(answer.content) < 600_000


def test_bidirectional_name_is_written_out_on_the_page_and_whole_in_the_twin() -> None:
    name = "USD\u202eTPMET"
    reader = client(KeptServices().keep(rich_report(token=dataclasses.replace(rich_report().token, name=name))))
    assert "USD[U+202E]TPMET" in reader.get("/report/r-rich").text
    assert reader.get("/report/r-rich.json").json()["token"]["name"] == name


def test_honest_name_in_another_script_is_shown_as_it_is() -> None:
    token = dataclasses.replace(rich_report().token, name="Теңге банкі", symbol="ТҢГ")
    assert "Теңге банкі" in client(KeptServices().keep(rich_report(token=token))).get("/report/r-rich").text
