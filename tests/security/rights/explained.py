"""Addresses that take a POST, and need no attack, with the reason."""

from __future__ import annotations

from typing import Final

_READS: Final = "Shows the same as to a GET."
_LEADS_ON: Final = "Only redirects."
_PRIVILEGES: Final = (
    "Gives rights by the import's records only: acts_by_import.py imports some, and"
    " test_import_privileges.py has what files can do."
)
_LIMITED_UNDO: Final = (
    "Grants nothing, and changes no user whom the caller may not: test_undo_rights.py."
)
_NO_ROLES: Final = "Changes imports and their files, never a role, user or token."
_NO_RIGHTS: Final = "Changes webhooks, never a role, user or token: test_notices.py."
_SERVERS: Final = (
    "Changes connected servers, never a role, user or token of this server:"
    " services/outgoing/test_servers.py."
)
_DECISIONS: Final = (
    "Decides about the import's records only. Matches with privileged users need their"
    " rights: tests/imports_app/services/review and engine/test_decisions.py."
)
_CORRECTIONS: Final = (
    "Corrects the import's records only. Roles of a record need their rights, and"
    " confirmations of its matches are removed: services/corrections/test_rights.py."
)

_SENDS: Final = "Sends to other servers, and changes no role, user or token here."
_EXPORTS: Final = (
    "Changes nothing but exports; needs the rights to read all rooms and users:"
    " tests/imports_app/api/outgoing/test_exports.py."
)

EXPLAINED: Final = {
    # Deliveries
    "api/v1/servers": _SERVERS,
    "api/v1/servers/<slug:name>": _SERVERS,
    "api/v1/servers/<slug:name>/check": _SERVERS,
    "api/v1/deliveries": _SENDS,
    "api/v1/deliveries/<slug:public_id>/start": _SENDS,
    "api/v1/deliveries/<slug:public_id>/cancel": _SENDS,
    "api/v1/deliveries/<slug:public_id>/resume": _SENDS,
    "api/v1/mattermostImports": _SENDS,
    "api/v1/mattermostImports/<slug:public_id>/cancel": _SENDS,
    "admin/imports_app/mattermostimport/": _SENDS,
    "admin/imports_app/mattermostimport/add/": _SENDS,
    "admin/imports_app/mattermostimport/<path:object_id>/change/": _SENDS,
    "admin/imports_app/mattermostimport/<path:object_id>/delete/": "Nobody may delete"
    " one.",
    "admin/imports_app/delivery/": _SENDS,
    "admin/imports_app/delivery/add/": _SENDS,
    "admin/imports_app/delivery/<path:object_id>/change/": _SENDS,
    "admin/imports_app/delivery/<path:object_id>/delete/": "Nobody may delete one.",
    # Ways in and out
    "api/v1/login": "Needs a password or token: test_password_guessing.py.",
    "admin/login/": "Needs a password: test_password_guessing.py, test_two_factors.py.",
    "admin/logout/": "Ends the caller's own session.",
    # Exports
    "admin/imports_app/workspaceexport/": _EXPORTS,
    "admin/imports_app/workspaceexport/add/": _EXPORTS,
    "admin/imports_app/workspaceexport/<path:object_id>/delete/": _EXPORTS,
    "admin/imports_app/workspaceexport/*/cancel/": _EXPORTS,
    "admin/imports_app/workspaceexport/*/live/": "Changes nothing.",
    "admin/imports_app/workspaceexport/*/download/": _EXPORTS,
    "api/v1/exports": _EXPORTS,
    "api/v1/exports/<slug:public_id>": _EXPORTS,
    "api/v1/exports/<slug:public_id>/cancel": _EXPORTS,
    # Imports
    "api/v1/downloadPublicImportFile": _PRIVILEGES,
    "api/v1/importOperations/file": _PRIVILEGES,
    "api/v1/importOperations/uploads": "Stores no import yet; only the caller sees it:"
    " test_uploads.py.",
    "api/v1/importOperations/uploads/<slug:public_id>": "Takes only the caller's own"
    " uploads: test_uploads.py.",
    "api/v1/importOperations/uploads/<slug:public_id>/import": _PRIVILEGES,
    "api/v1/importOperations/<slug:public_id>/retry": _PRIVILEGES,
    "api/v1/importOperations/<slug:public_id>/rest": _PRIVILEGES,
    "admin/imports_app/importoperation/new/": _PRIVILEGES,
    "admin/imports_app/importoperation/new/upload/": "Stores no import yet.",
    "admin/imports_app/importoperation/new/upload/<slug:public_id>/": "Takes only the"
    " user's own uploads: test_uploads.py.",
    "admin/imports_app/importoperation/new/upload/<slug:public_id>/import/": (
        _PRIVILEGES
    ),
    "admin/imports_app/importoperation/new/upload/<slug:public_id>/cancel/": "Deletes"
    " only the user's own unfinished uploads.",
    "admin/imports_app/importoperation/*/read-as/": _PRIVILEGES,
    "admin/imports_app/importoperation/*/columns/": _PRIVILEGES,
    "admin/imports_app/importoperation/*/retry/": _PRIVILEGES,
    "api/v1/importOperations/<slug:public_id>/undo": _LIMITED_UNDO,
    "admin/imports_app/importoperation/*/undo/": _LIMITED_UNDO,
    "admin/imports_app/importoperation/*/preview/": "Computes the preview again, and"
    " changes nothing else.",
    "admin/imports_app/importoperation/*/changes/": "Compares the file again, and"
    " changes nothing else.",
    "admin/imports_app/importoperation/*/rest/": _PRIVILEGES,
    "admin/imports_app/importoperation/*/read/": _NO_ROLES,
    "api/v1/import.clear": _NO_ROLES,
    "api/v1/importOperations/<slug:public_id>/cancel": _NO_ROLES,
    "admin/imports_app/importoperation/*/cancel/": _NO_ROLES,
    "admin/imports_app/importoperation/<int:object_id>/decide/": _DECISIONS,
    "admin/imports_app/importoperation/<int:object_id>/decisions/": _DECISIONS,
    "admin/imports_app/importoperation/<int:object_id>/decisions-file/": _READS,
    "api/v1/importOperations/<slug:public_id>/decisions": _DECISIONS,
    "api/v1/importOperations/<slug:public_id>/records/<slug:key>/correction": (
        _CORRECTIONS
    ),
    "admin/imports_app/importoperation/*/delete/": _NO_ROLES,
    "api/v1/importOperations/<slug:public_id>/files/download": _NO_ROLES,
    "admin/imports_app/importoperation/*/linked-files/": _NO_ROLES,
    "api/v1/importOperations/<slug:public_id>/files/stop": _NO_ROLES,
    "admin/imports_app/importoperation/": _NO_ROLES,
    "api/v1/downloadPendingFiles": _NO_ROLES,
    "admin/imports_app/importoperation/fetch-files/": _NO_ROLES,
    "api/v1/downloadPendingAvatars": "Changes no privileged user's avatar:"
    " test_import_privileges.py.",
    "admin/imports_app/importoperation/fetch-pictures/": "The same as"
    " downloadPendingAvatars.",
    # Notices
    "admin/imports_app/webhook/": _NO_RIGHTS,
    "admin/imports_app/webhook/add/": _NO_RIGHTS,
    "admin/imports_app/webhook/<path:object_id>/change/": _NO_RIGHTS,
    "admin/imports_app/webhook/<path:object_id>/delete/": _NO_RIGHTS,
    "admin/imports_app/webhook/*/secret/": _NO_RIGHTS,
    "admin/imports_app/server/": _SERVERS,
    "admin/imports_app/server/add/": _SERVERS,
    "admin/imports_app/server/<path:object_id>/change/": _SERVERS,
    "admin/imports_app/server/<path:object_id>/delete/": _SERVERS,
    "admin/imports_app/server/*/check/": _SERVERS,
    "admin/imports_app/mirroredoperation/": _LEADS_ON,
    "admin/imports_app/mirroredoperation/compare/": _READS,
    "admin/imports_app/noticedelivery/": _NO_RIGHTS,
    "admin/imports_app/noticedelivery/*/replay/": _NO_RIGHTS,
    "admin/account/notices/": "Changes the caller's own subscriptions.",
    # Pages that read
    "admin/*/*/<path:object_id>/history/": _READS,
    "admin/imports_app/importoperation/*/live/": _READS,
    "admin/imports_app/importoperation/*/records/": _READS,
    "admin/imports_app/importoperation/*/failures/": _READS,
    "admin/imports_app/importoperation/*/reconciliation/": _READS,
    "admin/imports_app/importoperation/*/reconciliation-csv/": _READS,
    "admin/imports_app/importoperation/compare/": _READS,
    "admin/imports_app/importoperation/new/template/<str:key>/": _READS,
    "admin/imports_app/room/*/conversation/": _READS,
    "admin/imports_app/message/*/text/": _READS,
    "admin/imports_app/messagefile/*/download/": _READS,
    "admin/accounts/user/<int:pk>/picture/": _READS,
    "admin/accounts/activityentry/export/": _READS,
    "admin/accounts/activityentry/": "Has no actions: test_activity_log.py.",
    "admin/imports_app/importrecord/": "Has no actions.",
    "admin/imports_app/importoperation/<int:object_id>/correct/<slug:key>/": (
        _CORRECTIONS
    ),
    "admin/imports_app/message/": "Has no actions.",
    "admin/imports_app/messagefile/": "Has no actions.",
    "admin/imports_app/room/": "Has no actions.",
    "healthz": _READS,
    "readyz": _READS,
    "admin/": _READS,
    "admin/search/": _READS,
    "admin/autocomplete/": _READS,
    "admin/jsi18n/": _READS,
    "admin/password_change/done/": _READS,
    "admin/^(?P<app_label>*)/$": _READS,
    "admin/(?P<url>.*)$": "Answers what no other address does: not found.",
    "^api/": "Answers what no other address does: unknown.",
    # Redirects
    "": _LEADS_ON,
    "favicon.ico": _LEADS_ON,
    "api/docs": _LEADS_ON,
    "admin/*/*/<path:object_id>/": _LEADS_ON,
    "admin/r/<path:content_type_id>/<path:object_id>/": _LEADS_ON,
}
