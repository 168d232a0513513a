"""What the new import's page asks for: uploads with progress, and templates."""

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
from imports_app.importers.registry import find_importer
from imports_app.models import ImportOperation
from imports_app.services.runs import start_preparing
from imports_app.services.uploads import body_of, refuse_upload, upload_file

UPLOAD_URL = "imports_app_importoperation_upload"


class UploadPages(AdminPages):
    """Answers scripts, and gives templates out."""

    def has_start_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may start imports."""
        return self.allows(request, PermissionName.RUN_IMPORT)

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses that are no pages."""
        upload = require_http_methods(["GET", "PUT"])(never_cache(self.upload))
        template = self.admin_site.admin_view(self.template)
        return [
            path("new/upload/", upload, name=UPLOAD_URL),
            path("new/template/<str:key>/", template, name=TEMPLATE_URL),
            *super().get_urls(),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Say whether a file would be taken (GET), or take it while it arrives (PUT).

        The file is the body, as it is: nothing waits in memory or is stored twice.
        """
        if not (
            self.admin_site.has_permission(request)
            and self.has_start_permission(request)
        ):
            return _refusal(
                _("You are not logged in any more, or may not import."), 403
            )
        form = UploadForm(
            request.GET, in_progress=ImportOperation.objects.in_progress()
        )
        if not form.is_valid():
            errors = form.errors.values()
            return _refusal(str(next(iter(errors))[0]), 400)
        admission = pending_admission(request)
        try:
            if request.method == "PUT" and admission is None:
                operation = self._take_in(request, form)
                return JsonResponse({"page": page_of(operation)}, status=201)
            announced = admission and admission.announced
            refuse_upload(
                actor=actor_of(request),
                importer_key=form.cleaned_data["importer"],
                file_name=form.cleaned_data["name"],
                size=announced or form.cleaned_data["size"],
                limit=settings.FILE_MAX_BYTES,
            )
            if admission is not None:
                admission.admit(settings.FILE_MAX_BYTES)
                return admitted()
        except (DomainError, TooLargeError) as error:
            return _refusal(error.message, 400)
        return JsonResponse({})

    def template(self, request: HttpRequest, key: str) -> HttpResponse:
        """Give an importer's template out."""
        importer = find_importer(key)
        if not self.has_start_permission(request):
            raise PermissionDenied
        if importer is None or importer.guide is None:
            raise Http404
        template = importer.guide.template
        named = f'attachment; filename="{template.file_name}"'
        return HttpResponse(
            template.as_bytes(),
            content_type=template.content_type,
            headers={"Content-Disposition": named},
        )

    @staticmethod
    def _take_in(request: HttpRequest, form: UploadForm) -> ImportOperation:
        actor = actor_of(request)
        operation = upload_file(
            actor=actor,
            importer_key=form.cleaned_data["importer"],
            file_name=form.cleaned_data["name"],
            content_type=request.META.get("CONTENT_TYPE", ""),
            content=body_of(request),
            limit=settings.FILE_MAX_BYTES,
            may_replace=form.may_replace,
        )
        start_preparing(operation=operation, actor=actor)
        return operation


def upload_address() -> str:
    """Return where scripts send files."""
    return reverse(f"admin:{UPLOAD_URL}")


def _refusal(message: str, status: int) -> JsonResponse:
    return JsonResponse({"message": message}, status=status)
