"""Health checks for supervisors and load balancers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from config.api.envelope import bare
from imports_app.health.readiness import recent_problems


def healthz(request: HttpRequest) -> HttpResponse:
    """GET healthz: the process is alive."""
    return bare({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """GET readyz: the server is ready, or 503 with the problems."""
    problems = [
        {"subject": problem.subject, "message": problem.message}
        for problem in recent_problems()
    ]
    if problems:
        return bare({"status": "not ready", "problems": problems}, 503)
    return bare({"status": "ok"})
