"""One screening under way: its stages as they end, then the report."""

from __future__ import annotations

from dataclasses import asdict

from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.console.screening.services import STAGES, ScreeningServices

STAGE_WORDS = {
    "reading": ("Reading the code", "instructions, hashes, what a node says of it"),
    "paths": ("Following the paths", "entry points, guards, storage layout, writes"),
    "simulation": ("Trading in a simulated pool", "buy, transfer, sell; again, in full, a day and a week later"),
    "hostile_owner": ("Playing the hostile owner", "every privileged call between a purchase and a sale"),
    "criteria": ("Judging under the criteria", "checks answered, verdict with its reasons"),
}


def show(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show how far a screening is; lead to the report when it is there."""
    job = services.job(asked.path["job_id"])
    if job is None:
        text = "It was never submitted, or it ended so long ago that it is no longer kept: screen the token again."
        raise PageError(404, "No such screening", text)
    over = job.state in ("done", "failed")
    leads_to = Redirect("report", {"report_id": job.report_id}) if job.state == "done" and job.report_id else None
    stages = sorted(job.stages, key=lambda stage: STAGES.index(stage.name) if stage.name in STAGES else len(STAGES))
    return Page(
        "job.html",
        "Screening",
        asdict(job),
        {"stage_words": STAGE_WORDS, "stages": stages, "over": over},
        refresh_s=None if over else 1,
        leads_to=leads_to,
    )
