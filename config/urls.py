"""URL configuration of the server."""

from __future__ import annotations

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView
from drf_spectacular.views import (
    SpectacularRedocView,
    SpectacularSwaggerView,
)

from accounts.admin.account.access import change_password
from config.api.docs.views import DescriptionView
from config.api.info import InfoUnderV1View, InfoView
from config.http.error_pages import unknown_endpoint
from config.http.security_txt import security_txt
from imports_app.admin.notices.subscriptions import notice_settings
from imports_app.api.health import healthz, readyz
from imports_app.api.outgoing.links import delivery_archive, linked_file
from imports_app.api.urls import urlpatterns as import_endpoints

admin.autodiscover()
admin.site.index_title = _("Dashboard")

# The API comes first, because patterns are tried in order.
urlpatterns = [
    *import_endpoints,
    path("api/v1/", include("accounts.api.urls")),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path(
        "export-links/<slug:export_id>/<slug:target>/<slug:signature>/<str:name>",
        linked_file,
        name="export_link",
    ),
    path(
        "delivery-archives/<slug:public_id>/<slug:signature>/<str:name>",
        delivery_archive,
        name="delivery_archive",
    ),
    path("favicon.ico", RedirectView.as_view(url=static("imports_app/icon.svg"))),
    path("admin/account/notices/", notice_settings, name="notice_settings"),
    path("admin/account/", include("accounts.admin.account.urls")),
    # Replaces Django's page, which neither logs nor counts wrong passwords.
    path("admin/password_change/", change_password),
    path("admin/", admin.site.urls),
    path(".well-known/security.txt", security_txt, name="security.txt"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/schema/", DescriptionView.as_view(), name="schema"),
    path("api/docs", RedirectView.as_view(pattern_name="docs")),
    path(
        "api/docs/",
        SpectacularSwaggerView.as_view(template_name="imports_app/swagger.html"),
        name="docs",
    ),
    path(
        "api/redoc/",
        SpectacularRedocView.as_view(template_name="imports_app/redoc.html"),
        name="redoc",
    ),
    path("api/info", InfoView.as_view(), name="info"),
    path("api/v1/info", InfoUnderV1View.as_view(), name="info-v1"),
    re_path("^api/", unknown_endpoint),
]

handler400 = "config.http.error_pages.bad_request"
handler404 = "config.http.error_pages.page_not_found"
handler500 = "config.http.error_pages.server_error"
