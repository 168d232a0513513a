"""The import endpoints, each under its wire name."""

from __future__ import annotations

from django.urls import path

from imports_app.api.views import (
    GetLatestImportOperationsView,
    ImportOperationsView,
    ImportOperationView,
)

urlpatterns = [
    path(
        "getLatestImportOperations",
        GetLatestImportOperationsView.as_view(),
        name="getLatestImportOperations",
    ),
    path("importOperations", ImportOperationsView.as_view(), name="importOperations"),
    path(
        "importOperations/<slug:public_id>",
        ImportOperationView.as_view(),
        name="importOperation",
    ),
]
