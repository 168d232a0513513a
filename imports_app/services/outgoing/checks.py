"""Checks of connected servers."""

from __future__ import annotations

from django.utils import timezone

from imports_app.engine.servers.checks import check_remote
from imports_app.engine.servers.findings import CheckResult
from imports_app.models import Server


def check_server(server: Server) -> CheckResult:
    """Check a server and store the findings.

    Findings for an earlier address or token are not stored.
    """
    result = check_remote(server)
    Server.objects.filter(
        pk=server.pk,
        base_address=server.base_address,
        user_id=server.user_id,
        token=server.token,
    ).update(
        checked_at=timezone.now(), version=result.version, findings=result.documents
    )
    server.refresh_from_db()
    return result
