"""/.well-known/security.txt: contact for vulnerability reports (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

_VALID_FOR: Final = timedelta(days=90)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return the contacts of SECURITY_CONTACT.

    Raises:
        Http404: SECURITY_CONTACT is not set.
    """
    if not settings.SECURITY_CONTACT:
        raise Http404
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        *(f"Contact: {contact}" for contact in settings.SECURITY_CONTACT),
        f"Expires: {midnight + _VALID_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
    ]
    return HttpResponse(
        "\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"
    )
