"""From which address a request comes."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings


def client_address(request: Any) -> str:
    """Return the caller's address; behind a proxy, what the nearest one reports.

    Args:
        request: Django's request or the API's; only `META` is read.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.BEHIND_PROXY:
        return direct
    reported = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(reported))
    except ValueError:
        return direct


def client_ip(request: Any) -> str | None:
    """Return the same, or `None` where it is no IP address, as over a Unix socket."""
    try:
        return str(ipaddress.ip_address(client_address(request)))
    except ValueError:
        return None
