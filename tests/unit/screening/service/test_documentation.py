"""The reference page names every key, code, path and file as the code has it."""

from __future__ import annotations

from pathlib import Path

from tarazy.platform import refusals
from tarazy.platform.access.keys import SCOPES
from tarazy.platform.refusals import FOREIGN_SITE, Reason
from tarazy.screening.api.app import ROUTES
from tarazy.screening.api.goplus.envelope import CODES, GoplusCode
from tarazy.screening.api.goplus.fields import FLAG, TOKEN_FIELDS, WITHOUT_FLAG
from tarazy.screening.api.goplus.unsupported_routes import NOT_ANSWERED
from tarazy.screening.service import reasons
from tarazy.screening.service.options import ServiceConfig
from tarazy.screening.service.reasons import NO_ROOM, SHARE_USED

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "reference" / "screening-api.md").read_text()


def test_every_key_stands_in_the_table_with_what_feeds_it() -> None:
    for field in TOKEN_FIELDS:
        row = next((line for line in PAGE.splitlines() if line.startswith(f"| `{field.key}` |")), "")
        assert row.endswith(f"| {field.meaning} |"), field.key
        if field.kind == FLAG and field.source.isidentifier():
            assert field.source in row, field.key
    for name in WITHOUT_FLAG:
        assert f"`{name}`" in PAGE, name


def test_every_code_scope_and_path_is_on_the_page() -> None:
    for code in GoplusCode:
        assert str(int(code)) in PAGE, code
    for scope in SCOPES:
        assert f"`{scope}`" in PAGE, scope
    for _, path, code, _ in NOT_ANSWERED:
        name = path.removeprefix("/pis").removeprefix("/api/v1/").replace("/{chain_id}", "")
        assert f"`{name}`" in PAGE, (path, code)


def reasons_of_the_service() -> list[Reason]:
    return [each for module in (refusals, reasons) for each in vars(module).values() if isinstance(each, Reason)]


def test_every_reason_for_refusing_is_on_the_page_with_its_status() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    for reason in reasons_of_the_service():
        assert any(f"`{reason.name}`" in row and f"| {reason.status} |" in row for row in rows), reason


def test_every_reason_for_refusing_has_its_code_in_the_goplus_format() -> None:
    assert {*reasons_of_the_service()} == {*CODES}
    without_own = {
        FOREIGN_SITE: GoplusCode.BAD_PARAMETER,
        NO_ROOM: GoplusCode.SERVER_ERROR,
        SHARE_USED: GoplusCode.SERVER_ERROR,
    }  # GoPlus knows nothing like them
    assert {reason: CODES[reason] for reason in without_own} == without_own
    assert len({*CODES.values()}) == len(CODES) - len(without_own)
    assert GoplusCode.OK not in CODES.values()


def test_every_route_is_named_by_its_last_words() -> None:
    for module in ROUTES:
        for route in module.router.routes:
            path: str = route.path  # type: ignore[attr-defined]
            words = [part for part in path.split("/") if part and not part.startswith("{")]
            assert words[-1].removeprefix("nft721_").removeprefix("nft1155_") in PAGE, path


def test_bounds_are_as_the_page_says() -> None:
    config = ServiceConfig()
    assert (config.anonymous_rate.per_second, config.anonymous_rate.burst) == (20, 60)
    assert (config.key_rate.per_second, config.key_rate.burst) == (2_000, 4_000)
    assert (config.batch_max, config.native_batch_max, config.queue_max, config.queue_of_caller_max) == (
        100,
        500,
        1_000,
        200,
    )
    assert (config.body_bytes_max, config.body_s, config.wait_s, config.fresh_s) == (4 * 1024**2, 10, 10, 300)
    assert config.approval_blocks_max == 5_000_000
