"""The import endpoints, each under its wire name."""

from __future__ import annotations

from django.urls import path

from imports_app.api.views import GetLatestImportOperationsView

urlpatterns = [
    path(
        "getLatestImportOperations",
        GetLatestImportOperationsView.as_view(),
        name="getLatestImportOperations",
    ),
]
