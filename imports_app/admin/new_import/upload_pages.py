"""Endpoints of the new import page: uploads in parts, template download."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Final, cast

from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permission_names import PermissionName
from config.errors import DomainError, TooLargeError
from config.server.admission import admitted, pending_admission
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.links import page_of
from imports_app.admin.new_import.forms import ImportUploadForm, UploadForm
from imports_app.admin.new_import.importer_choices import TEMPLATE_URL
from imports_app.errors import SourceError
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation, PartialUpload
from imports_app.services.runs import start_preparing
from imports_app.services.uploading.partial_uploads import (
    append_part,
    cancel_upload,
    check_part,
    create_upload,
    find_same_file,
    find_upload,
    import_upload,
)
from imports_app.services.uploading.uploads import request_content
from imports_app.statuses import Status
from imports_app.uploads.errors import UploadNotFoundError

UPLOAD_URL: Final = "imports_app_importoperation_upload"
_STATE_URL: Final = "imports_app_importoperation_upload_state"
_CANCEL_URL: Final = "imports_app_importoperation_upload_cancel"

_Endpoint = Callable[..., HttpResponse]


def _answers_errors(endpoint: _Endpoint) -> _Endpoint:
    """Check the permission, and return errors as JSON for the upload script."""

    @wraps(endpoint)
    def answer(pages: UploadPages, request: HttpRequest, **named: Any) -> HttpResponse:
        if not (
            pages.admin_site.has_permission(request)
            and pages.has_start_permission(request)
        ):
            return _error_response(
                _("Your session has expired, or you don't have permission to import."),
                403,
            )
        try:
            return endpoint(pages, request, **named)
        except SourceError as error:
            return _error_response(error.message, 400, asks_importer=True)
        except TooLargeError as error:
            return _error_response(error.message, 400)
        except DomainError as error:
            return _error_response(error.message, error.http_status)

    return answer


class UploadPages(AdminPages):
    """Endpoints of the upload script, and template downloads."""

    def has_start_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may start imports."""
        return self.allows(request, PermissionName.RUN_IMPORT)

    def get_urls(self) -> list[URLPattern]:
        """Add the upload and template URLs."""

        def route(place: str, view: Any, name: str, *methods: str) -> URLPattern:
            view = require_http_methods(list(methods))(never_cache(view))
            pattern: URLPattern = path(f"new/upload/{place}", view, name=name)
            return pattern

        one = "<slug:public_id>/"
        cancel = self.admin_site.admin_view(self.cancel_unfinished)
        template = self.admin_site.admin_view(self.template)
        return [
            route("", self.create_upload, UPLOAD_URL, "POST"),
            route(one, self.upload, _STATE_URL, "GET", "PUT", "DELETE"),
            route(f"{one}import/", self.import_upload, f"{UPLOAD_URL}_import", "POST"),
            route(f"{one}cancel/", cancel, _CANCEL_URL, "POST"),
            path("new/template/<str:key>/", template, name=TEMPLATE_URL),
            *super().get_urls(),
        ]

    @_answers_errors
    def create_upload(self, request: HttpRequest) -> HttpResponse:
        """Create an upload, or return the unfinished one of the same file."""
        form = UploadForm(
            request.GET, in_progress=ImportOperation.objects.in_progress()
        )
        if not form.is_valid():
            return _form_error(form)
        user = cast(User, request.user)
        file = {
            "file_name": form.cleaned_data["name"],
            "size": form.cleaned_data["size"],
            "modified_ms": form.cleaned_data["modified"],
        }
        upload = find_same_file(user=user, **file) or create_upload(
            user=user, content_type=form.cleaned_data["type"], **file
        )
        url = reverse(f"admin:{_STATE_URL}", args=[upload.public_id])
        return JsonResponse({"url": url, "offset": upload.offset}, status=201)

    @_answers_errors
    def upload(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Return the received bytes (GET), append a part (PUT), or cancel (DELETE)."""
        upload = _own_upload(request, public_id)
        if request.method == "DELETE":
            cancel_upload(upload)
            return JsonResponse({})
        if request.method == "PUT":
            offset = request.GET.get("offset", "")
            start = int(offset) if offset.isdecimal() and len(offset) < 16 else -1
            if (admission := pending_admission(request)) is not None:
                check_part(upload, start)
                admission.admit(upload.size - upload.offset, keeps_part=True)
                return admitted()
            content = request_content(request)
            append_part(upload=upload, offset=start, content=content)
        return JsonResponse({"offset": upload.offset})

    @_answers_errors
    def import_upload(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Start an import with the complete file, and read it."""
        upload = _own_upload(request, public_id)
        form = ImportUploadForm(
            request.GET,
            in_progress=None
            if upload.operation_id
            else ImportOperation.objects.in_progress(),
        )
        if not form.is_valid():
            return _form_error(form)
        actor = actor_of(request)
        operation = import_upload(
            upload=upload,
            actor=actor,
            importer_key=form.cleaned_data["importer"],
            sha256=form.cleaned_data["sha256"],
            may_replace=form.may_replace,
        )
        if operation.status == Status.FILE_LOADED and operation.is_valid:
            start_preparing(operation=operation, actor=actor)
        return JsonResponse({"page": page_of(operation)}, status=201)

    def cancel_unfinished(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Cancel an unfinished upload of the user, from the list on the page."""
        if not self.has_start_permission(request):
            raise PermissionDenied
        with suppress(UploadNotFoundError):  # it has expired in the meantime
            cancel_upload(_own_upload(request, public_id))
        new_page = reverse("admin:imports_app_importoperation_new_page")
        return HttpResponseRedirect(new_page)

    def template(self, request: HttpRequest, key: str) -> HttpResponse:
        """Return the template of an importer as a download."""
        importer = find_importer(key)
        if not self.has_start_permission(request):
            raise PermissionDenied
        if importer is None or importer.guide is None:
            raise Http404
        template = importer.guide.template
        disposition = f'attachment; filename="{template.file_name}"'
        return HttpResponse(
            template.as_bytes(),
            content_type=template.content_type,
            headers={"Content-Disposition": disposition},
        )


def upload_url() -> str:
    """Return the URL at which the upload script creates uploads."""
    return reverse(f"admin:{UPLOAD_URL}")


def unfinished_uploads(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the user's unfinished uploads for the page."""
    own = PartialUpload.objects.of(cast(User, request.user), now=timezone.now())
    return [
        {
            "name": upload.file_name,
            "size": upload.size,
            "offset": upload.offset,
            "percent": 100 * upload.offset // upload.size if upload.size else 100,
            "cancel_page": reverse(f"admin:{_CANCEL_URL}", args=[upload.public_id]),
        }
        for upload in own.unfinished()
    ]


def _own_upload(request: HttpRequest, public_id: str) -> PartialUpload:
    return find_upload(user=cast(User, request.user), public_id=public_id)


def _form_error(form: UploadForm | ImportUploadForm) -> JsonResponse:
    return _error_response(str(next(iter(form.errors.values()))[0]), 400)


def _error_response(
    message: str, status: int, *, asks_importer: bool = False
) -> JsonResponse:
    body = {"message": message, "asksImporter": asks_importer}
    return JsonResponse(body, status=status)
