"""Endpoints that list and return the files of messages."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.services.activity import author_of
from config.api.envelope import success
from config.api.input.offsets import page_of, read_sort
from config.files.stored_files import answer_file
from imports_app.api.workspace import wire
from imports_app.api.workspace.kinds import RoomKind
from imports_app.api.workspace.params import FilesParams
from imports_app.api.workspace.rooms import RoomView, reject_query
from imports_app.models import MessageFile
from imports_app.services.access_log import record_file_download

_SORTABLE: Final = {"name": "name", "uploadedAt": "sent_at", "size": "size"}


class FilesView(RoomView):
    """GET channels.files, groups.files and im.files."""

    kind: ClassVar[RoomKind]
    query_params = FilesParams

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Return order, filters and page. Rocket.Chat's `query` is rejected."""
        reject_query(query)
        params = super().parse_query(query)
        return {**params, "sort": read_sort(params.get("sort", "{}"), _SORTABLE)}

    def get(self, request: Request) -> HttpResponse:
        """Return one page of files, stored or not."""
        wanted = {
            "name": self.params.get("name_", ""),
            "group": self.params.get("type_group", ""),
            "is_stored": self.params["only_confirmed"],
        }
        room = self.find(request, self.readable(request).with_file_count(**wanted))
        offset, order = self.params["offset"], self.params["sort"]
        files = MessageFile.objects.in_room(room.pk).matching(**wanted).with_authors()
        page = page_of(
            files.order_by(*order, "pk") if order else files,
            offset=offset,
            count=self.params["count"],
        )
        return success(
            {
                "files": [wire.file(file) for file in page],
                "count": len(page),
                "offset": offset,
                "total": room.file_count,
            }
        )


class FileUploadView(RoomView):
    """GET file-upload/{id}: the content of a stored file, as a download."""

    def get(self, request: Request, public_id: str) -> HttpResponseBase:
        """Return the content, or 404 if the caller may not read its room."""
        rooms = self.readable(request)
        file = MessageFile.objects.stored(public_id).in_rooms(rooms).first()
        if file is None:
            raise Http404
        answer = answer_file(file.stored_name, file.name)
        record_file_download(file, by=author_of(request))
        return answer
