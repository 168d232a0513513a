"""Files of exports under signed URLs, for servers that import an export."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from config.files.stored_files import answer_file
from config.http.client_addresses import client_address
from imports_app.services.outgoing.links import record_linked_file


@require_safe
def linked_file(
    request: HttpRequest, export_id: str, target: str, signature: str, name: str
) -> HttpResponseBase:
    """Return a file of an export as a download, without a login.

    Links that are not valid look the same as those that have expired.
    """
    address = client_address(request)
    found = record_linked_file(export_id, target, signature, address=address)
    if found is None:
        raise Http404
    return answer_file(*found)
