"""Undo gives nobody more than they have."""

from __future__ import annotations

from accounts.models import ActivityEntry, User
from imports_app.models import ImportOperation, ImportRecord, Room
from imports_app.services.undo import start_undo
from imports_app.transitions import Actor
from tests.conftest import ApiClient
from tests.factories import AuthTokenFactory, RoleFactory
from tests.imports_app.engine.converting import convert, room, stage, user
from tests.working import work

BOSS = user("boss", username="boss", roles=("admin",))


def undo(operation: ImportOperation, by: User) -> ImportOperation:
    child = start_undo(operation=operation, actor=Actor(by))
    work()
    child.refresh_from_db()
    return child


def kept(child: ImportOperation) -> set[tuple[str, str]]:
    records = ImportRecord.objects.filter(operation=child)
    return set(records.values_list("import_id", "code"))


def test_users_with_more_permissions_than_the_actor_are_kept(
    admin_user: User, importer_user: User
) -> None:
    operation = convert(admin_user, BOSS, user("ann", username="ann"))
    boss = User.objects.get(username="boss")
    assert boss.roles.filter(public_id="admin").exists()

    child = undo(operation, importer_user)

    assert kept(child) == {("boss", "importer-undo-not-allowed")}
    assert boss.roles.filter(public_id="admin").exists()
    assert not User.objects.filter(username="ann").exists()


def test_an_admin_may_undo_what_an_admin_imported(admin_user: User) -> None:
    operation = convert(admin_user, BOSS)

    undo(operation, admin_user)

    assert not User.objects.filter(username="boss").exists()
    removed = ActivityEntry.objects.filter(action="deleted", name="boss").get()
    assert removed.author_public_id == admin_user.public_id
    assert operation.public_id in str(removed.before)


def test_users_who_got_permissions_since_are_neither_removed_nor_changed(
    admin_user: User, importer_user: User
) -> None:
    convert(admin_user, user("bob", username="bob", name="Bob"))
    operation = convert(
        admin_user,
        user("ann", username="ann"),
        user("bob", username="bob", name="Robert"),
    )
    role = RoleFactory.create(permissions=["view-user-administration"])
    for person in User.objects.filter(username__in=("ann", "bob")):
        person.roles.add(role)

    child = undo(operation, importer_user)

    assert kept(child) == {
        ("ann", "importer-undo-not-allowed"),
        ("bob", "importer-undo-not-allowed"),
    }
    assert User.objects.get(username="bob").name == "Robert"


def test_users_who_can_log_in_are_kept(admin_user: User) -> None:
    operation = convert(
        admin_user, *(user(name, username=name) for name in ("ann", "bob", "cy"))
    )
    ann = User.objects.get(username="ann")
    ann.set_password("correct horse battery staple")
    ann.save()
    AuthTokenFactory.create(user=User.objects.get(username="bob"))

    child = undo(operation, admin_user)

    assert kept(child) == {
        ("ann", "importer-undo-has-login"),
        ("bob", "importer-undo-has-login"),
    }
    assert not User.objects.filter(username="cy").exists()


def test_a_deleted_actor_has_no_rights_left(
    admin_user: User,
) -> None:
    operation = convert(admin_user, BOSS)
    child = start_undo(operation=operation, actor=Actor(admin_user))
    admin_user.is_active = False
    admin_user.save()
    work()

    child.refresh_from_db()
    assert kept(child) == {("boss", "importer-undo-not-allowed")}


def test_undo_through_the_api_requires_the_permission(
    admin_user: User, plain_api: ApiClient, importer_api: ApiClient
) -> None:
    operation = convert(admin_user, room("news"))
    path = f"importOperations/{operation.public_id}/undo"

    assert plain_api.get(path).status_code == 403
    assert plain_api.post(path).status_code == 403
    preview = importer_api.get(path).json()["preview"]
    assert preview["removed"] == {"channel": 1}
    assert preview["kept"] == []
    first, second = (importer_api.post(path).json()["operation"] for _twice in "ab")
    assert first["_id"] == second["_id"]
    work()

    assert not Room.objects.exists()
    details = importer_api.get(f"importOperations/{operation.public_id}").json()
    assert details["operation"]["undoState"] == "undone"
    undone = importer_api.get(f"importOperations/{first['_id']}").json()["operation"]
    assert undone["undoOf"] == operation.public_id
    assert importer_api.post(path).status_code == 400


def test_undo_never_replaces_another_import_through_the_api(
    admin_user: User, importer_api: ApiClient
) -> None:
    operation = convert(admin_user, room("news"))
    waiting = stage(admin_user, room("lab"))

    answer = importer_api.post(f"importOperations/{operation.public_id}/undo")

    assert answer.status_code == 400
    waiting.refresh_from_db()
    assert waiting.is_valid
    assert Room.objects.exists()
