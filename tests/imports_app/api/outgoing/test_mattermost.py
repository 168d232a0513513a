"""Endpoints of imports into Mattermost."""

from __future__ import annotations

import pytest

from accounts.models import User
from imports_app.models import MattermostImport, Server, WorkspaceExport
from imports_app.services.outgoing.exports import ExportSettings, start_export
from imports_app.transitions import Actor
from tests.conftest import ApiClient
from tests.factories import ServerFactory
from tests.working import work
from tests.workspace import room_of, say

pytestmark = pytest.mark.django_db


def exported(user: User) -> WorkspaceExport:
    say(room_of(user), user, "hello")
    options = {"team": "acme", "mail_domain": "example.org"}
    wanted = ExportSettings(file_format="mattermost", options=options)
    export = start_export(wanted=wanted, actor=Actor(user))
    work()
    return export


def test_start_list_and_cancel(admin_user: User, admin_api: ApiClient) -> None:
    export = exported(admin_user)
    ServerFactory.create(name="chat", kind=Server.Kind.MATTERMOST)
    body = {"export": export.public_id, "server": "chat"}

    started = admin_api.post("mattermostImports", body).json()["import"]
    again = admin_api.post("mattermostImports", body)

    job = MattermostImport.objects.get()
    assert {key: started[key] for key in ("_id", "export", "server", "state")} == {
        "_id": job.public_id,
        "export": export.public_id,
        "server": "chat",
        "state": "waiting",
    }
    assert started["progress"] == {"bytes": 0, "total": job.bytes_total}
    assert again.json()["errorType"] == "error-mattermost-import-active"
    listed = admin_api.get("mattermostImports", {"export": export.public_id}).json()
    assert (listed["imports"], listed["total"]) == ([started], 1)
    none = admin_api.get("mattermostImports", {"server": "other"}).json()
    assert (none["imports"], none["total"]) == ([], 0)

    cancelled = admin_api.post(f"mattermostImports/{job.public_id}/cancel").json()
    shown = admin_api.get(f"mattermostImports/{job.public_id}").json()
    assert cancelled["import"]["state"] == "cancelled"
    assert shown == cancelled
    late = admin_api.post(f"mattermostImports/{job.public_id}/cancel")
    assert late.json()["errorType"] == "error-mattermost-import-ended"


def test_exports_need_the_rights_to_rooms_and_users(
    admin_user: User, admin_api: ApiClient
) -> None:
    export = exported(admin_user)
    ServerFactory.create(name="chat", kind=Server.Kind.MATTERMOST)
    role = admin_user.roles.get()
    role.permissions.remove(role.permissions.get(name="view-user-administration"))
    body = {"export": export.public_id, "server": "chat"}

    answers = [
        admin_api.get("mattermostImports"),
        admin_api.get("mattermostImports/unknown"),
        admin_api.post("mattermostImports", body),
    ]

    assert {answer.json()["errorType"] for answer in answers} == {
        "error-action-not-allowed"
    }
    assert not MattermostImport.objects.exists()
