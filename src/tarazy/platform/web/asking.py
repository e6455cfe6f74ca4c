"""Requests of our own to servers that an officer or a setting named: that address and no other."""

from __future__ import annotations

import urllib.request
from typing import Any


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: what a request carries, a password or a signature, goes to the named server alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return no request."""


def direct_opener() -> urllib.request.OpenerDirector:
    """Return what opens addresses without redirections, and without a proxy of the environment."""
    return urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
