"""The import endpoints, each under its wire name."""

from __future__ import annotations

from typing import Final

from django.urls import path

from config.api.views import ApiView
from imports_app.api.outgoing import deliveries, exports, mattermost, servers
from imports_app.api.views import (
    changes,
    corrections,
    decisions,
    files,
    history,
    plans,
    push,
    reconciliation,
    records,
    runs,
    undo,
    uploads,
)
from imports_app.api.workspace.urls import VIEWS as WORKSPACE_VIEWS

_VIEWS: Final[dict[str, type[ApiView]]] = {
    "getLatestImportOperations": history.GetLatestImportOperationsView,
    "uploadImportFile": files.UploadImportFileView,
    "downloadPublicImportFile": files.DownloadPublicImportFileView,
    "downloadPendingFiles": files.DownloadPendingFilesView,
    "downloadPendingAvatars": files.DownloadPendingAvatarsView,
    "getImportFileData": runs.GetImportFileDataView,
    "getImportProgress": runs.GetImportProgressView,
    "startImport": runs.StartImportView,
    "getCurrentImportOperation": runs.GetCurrentImportOperationView,
    "importers.list": runs.ImportersListView,
    "import.clear": push.ImportClearView,
    "import.new": push.ImportNewView,
    "import.status": runs.ImportStatusView,
    "import.addUsers": push.ImportAddUsersView,
    "import.run": runs.ImportRunView,
    "importOperations": history.ImportOperationsView,
    "importOperations/file": files.ImportOperationFileView,
    "importOperations/uploads": uploads.UploadsView,
    "importOperations/uploads/<slug:public_id>": uploads.UploadView,
    "importOperations/uploads/<slug:public_id>/import": uploads.ImportUploadView,
    "importOperations/events": history.ImportOperationsEventsView,
    "importOperations/<slug:public_id>/events": history.ImportOperationEventsView,
    "importOperations/<slug:public_id>": history.ImportOperationView,
    "importOperations/<slug:public_id>/records": records.ImportOperationRecordsView,
    "importOperations/<slug:public_id>/records/<slug:key>/correction": (
        corrections.ImportOperationCorrectionView
    ),
    "importOperations/<slug:public_id>/plan/messages": (
        corrections.ImportOperationPlanMessagesView
    ),
    "importOperations/<slug:public_id>/plan": plans.ImportOperationPlanView,
    "importOperations/<slug:public_id>/plan/records": (
        plans.ImportOperationPlanRecordsView
    ),
    "importOperations/<slug:public_id>/changes": changes.ImportOperationChangesView,
    "importOperations/<slug:public_id>/changes/records": (
        changes.ImportOperationChangesRecordsView
    ),
    "importOperations/<slug:public_id>/reconciliation": (
        reconciliation.ImportOperationReconciliationView
    ),
    "importOperations/<slug:public_id>/files": files.ImportOperationFilesView,
    "importOperations/<slug:public_id>/files/download": (
        files.DownloadImportOperationFilesView
    ),
    "importOperations/<slug:public_id>/files/stop": files.StopImportOperationFilesView,
    "importOperations/<slug:public_id>/failures.zip": (
        files.ImportOperationFailuresView
    ),
    "importOperations/<slug:public_id>/decisions": (
        decisions.ImportOperationDecisionsView
    ),
    "importOperations/<slug:public_id>/report.csv": files.ImportOperationReportView,
    "importOperations/<slug:public_id>/cancel": runs.CancelImportOperationView,
    "importOperations/<slug:public_id>/retry": runs.RetryImportOperationView,
    "importOperations/<slug:public_id>/undo": undo.UndoImportOperationView,
    "importOperations/<slug:public_id>/rest": runs.RestOfImportOperationView,
    "deliveries": deliveries.DeliveriesView,
    "deliveries/<slug:public_id>": deliveries.OneDeliveryView,
    "deliveries/<slug:public_id>/start": deliveries.StartDeliveryView,
    "deliveries/<slug:public_id>/cancel": deliveries.CancelDeliveryView,
    "deliveries/<slug:public_id>/resume": deliveries.ResumeDeliveryView,
    "mattermostImports": mattermost.MattermostImportsView,
    "mattermostImports/<slug:public_id>": mattermost.MattermostImportView,
    "mattermostImports/<slug:public_id>/cancel": mattermost.CancelMattermostImportView,
    "servers": servers.ServersView,
    "servers/<slug:name>": servers.ServerView,
    "servers/<slug:name>/check": servers.CheckServerView,
    "exports": exports.ExportsView,
    "exports/<slug:public_id>": exports.ExportView,
    "exports/<slug:public_id>/file": exports.ExportFileView,
    "exports/<slug:public_id>/cancel": exports.CancelExportView,
    **WORKSPACE_VIEWS,
}

# Complete routes instead of an `include`, which would resolve polled URLs in two steps.
urlpatterns = [
    path(f"api/v1/{route}", view.as_view()) for route, view in _VIEWS.items()
]
