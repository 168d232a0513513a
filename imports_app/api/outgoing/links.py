"""Files of exports and archives of deliveries under signed URLs, for other servers."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from config.files.stored_files import answer_file
from config.http.client_addresses import client_address
from imports_app.services.outgoing.links import (
    record_linked_archive,
    record_linked_file,
)


@require_safe
def linked_file(
    request: HttpRequest, export_id: str, target: str, signature: str, name: str
) -> HttpResponseBase:
    """Return a file of an export as a download, without a login.

    Invalid and expired links get the same response.
    """
    address = client_address(request)
    found = record_linked_file(export_id, target, signature, address=address)
    if found is None:
        raise Http404
    return answer_file(*found)


@require_safe
def delivery_archive(
    request: HttpRequest, public_id: str, signature: str, name: str
) -> HttpResponseBase:
    """Return an archive of a delivery in progress, without a login."""
    address = client_address(request)
    path = record_linked_archive(public_id, signature, name, address=address)
    if path is None:
        raise Http404
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=name,
        content_type="application/zip",
        headers={"Cache-Control": "no-store"},
    )
