"""What the routes of the screening find on their application."""

from __future__ import annotations

from fastapi import Request

from tarazy.screening.holder.desk import HolderDesk
from tarazy.screening.service.service import ScreeningService


def service_of(request: Request) -> ScreeningService:
    """Return the service of the application."""
    service: ScreeningService = request.app.state.service
    return service


def holders_of(request: Request) -> HolderDesk:
    """Return what answers holders."""
    desk: HolderDesk = request.app.state.holders
    return desk
