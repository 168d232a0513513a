"""Endpoints of the new import page: upload with progress, template download."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.permission_names import PermissionName
from config.errors import DomainError, TooLargeError
from config.server.admission import admitted, pending_admission
from imports_app.admin.base import AdminPages, actor_of
from imports_app.admin.links import page_of
from imports_app.admin.new_import.forms import UploadForm
from imports_app.admin.new_import.importer_choices import TEMPLATE_URL
from imports_app.errors import SourceError
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.services.runs import start_preparing
from imports_app.services.uploading.uploads import (
    check_upload,
    request_content,
    upload_file,
)

UPLOAD_URL = "imports_app_importoperation_upload"


class UploadPages(AdminPages):
    """Upload endpoint and template downloads."""

    def has_start_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may start imports."""
        return self.allows(request, PermissionName.RUN_IMPORT)

    def get_urls(self) -> list[URLPattern]:
        """Add the upload and template URLs."""
        upload = require_http_methods(["GET", "PUT"])(never_cache(self.upload))
        template = self.admin_site.admin_view(self.template)
        return [
            path("new/upload/", upload, name=UPLOAD_URL),
            path("new/template/<str:key>/", template, name=TEMPLATE_URL),
            *super().get_urls(),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Check whether a file would be accepted (GET), or receive it (PUT).

        The request body is the file itself, so it is streamed to disk once.
        """
        if not (
            self.admin_site.has_permission(request)
            and self.has_start_permission(request)
        ):
            return _error_response(
                _("Your session has expired, or you don't have permission to import."),
                403,
            )
        form = UploadForm(
            request.GET, in_progress=ImportOperation.objects.in_progress()
        )
        if not form.is_valid():
            errors = form.errors.values()
            return _error_response(str(next(iter(errors))[0]), 400)
        admission = pending_admission(request)
        try:
            if request.method == "PUT" and admission is None:
                operation = self._receive(request, form)
                return JsonResponse({"page": page_of(operation)}, status=201)
            announced = admission and admission.announced
            check_upload(
                actor=actor_of(request),
                importer_key=form.cleaned_data["importer"],
                file_name=form.cleaned_data["name"],
                size=announced or form.cleaned_data["size"],
                limit=settings.FILE_MAX_BYTES,
            )
            if admission is not None:
                admission.admit(settings.FILE_MAX_BYTES)
                return admitted()
        except SourceError as error:
            return _error_response(error.message, 400, asks_importer=True)
        except (DomainError, TooLargeError) as error:
            return _error_response(error.message, 400)
        return JsonResponse({})

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

    @staticmethod
    def _receive(request: HttpRequest, form: UploadForm) -> ImportOperation:
        actor = actor_of(request)
        operation = upload_file(
            actor=actor,
            importer_key=form.cleaned_data["importer"],
            file_name=form.cleaned_data["name"],
            content_type=request.META.get("CONTENT_TYPE", ""),
            content=request_content(request),
            limit=settings.FILE_MAX_BYTES,
            may_replace=form.may_replace,
        )
        start_preparing(operation=operation, actor=actor)
        return operation


def upload_url() -> str:
    """Return the URL that the upload script sends files to."""
    return reverse(f"admin:{UPLOAD_URL}")


def _error_response(
    message: str, status: int, *, asks_importer: bool = False
) -> JsonResponse:
    body = {"message": message, "asksImporter": asks_importer}
    return JsonResponse(body, status=status)
