"""A run's report as a page of its own: one file, no script, nothing loaded; text of strangers is escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from tarazy.facility.statements.paper import Paper
from tarazy.platform.sanitising import sanitised

NS_PER_S = 1_000_000_000


@cache
def _template() -> Template:
    loader = PackageLoader("tarazy.console.reconciliation", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["shown"] = sanitised
    return environment.get_template("report.html")


def page_of(paper: Paper) -> bytes:
    """Return the page of a paper."""
    made = datetime.fromtimestamp(paper.made_ns // NS_PER_S, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return _template().render(paper=paper, made=made).encode()
