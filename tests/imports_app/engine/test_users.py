"""Conversion of user records (importers.md 6.1)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import ActivityEntry, EmailAddress, Permission, Role, User
from imports_app.engine.converters.users import UserConverter
from imports_app.engine.matching.privileged_users import UNCONFIRMED
from imports_app.engine.outcomes import StagedRecord
from imports_app.engine.planning.role_grants import Grants
from imports_app.engine.planning.users import UserPlanner
from imports_app.engine.staging import PAGE
from imports_app.models import ImportRecord
from imports_app.records import data_of
from imports_app.selection.rules import EVERYTHING, Confirmation
from tests.factories import (
    EmailAddressFactory,
    ImportIdFactory,
    ImportOperationFactory,
    UserFactory,
)
from tests.imports_app.engine.converting import (
    convert,
    notes,
    outcomes,
    run,
    stage,
    user,
)


def test_creates_users_who_cannot_log_in(admin_user: User) -> None:
    convert(
        admin_user,
        user("U1", username="ann.lee", emails=("ann@example.org",), utc_offset=2.0),
        user("U2", emails=("bo@example.org", "b@example.org"), is_bot=True),
        user("U3", username="gone", name="Gone", is_deleted=True),
    )

    ann, bo, gone = (User.objects.get(import_ids__value=f"U{n}") for n in (1, 2, 3))
    assert (ann.username, ann.name, ann.utc_offset) == ("ann.lee", "Ann Lee", 2.0)
    assert not ann.has_usable_password()
    assert [email.verified for email in ann.emails.all()] == [False]
    assert (bo.username, bo.kind, bo.emails.count()) == ("bo", User.Kind.BOT, 2)
    assert not gone.is_active
    assert list(ann.roles.values_list("public_id", flat=True)) == ["user"]


@pytest.mark.parametrize(
    ("wished", "username"),
    [
        *(("Ann Lee", "Ann.Lee"), ("a@b", "a.b"), ("zoë", "zoe"), ("???", "user")),
        *(("jürgen.müller", "jurgen.muller"), ("日本", "RiBen"), ("Ольга", "Olga")),
    ],
)
def test_converts_names_to_valid_usernames(
    admin_user: User, wished: str, username: str
) -> None:
    operation = convert(admin_user, user("U1", username=wished))

    assert User.objects.get(import_ids__value="U1").username == username
    assert repr(wished) in notes(operation)


def test_taken_usernames_get_a_number(admin_user: User) -> None:
    UserFactory.create(username="Ann.Lee")

    convert(admin_user, user("U1", username="ann lee"), user("U2", username="ann*lee"))

    names = [User.objects.get(import_ids__value=key).username for key in ("U1", "U2")]
    assert names == ["ann.lee-2", "ann.lee-3"]


def test_matches_users_by_id_then_address_then_username(admin_user: User) -> None:
    by_id, by_email, by_name = UserFactory.create_batch(3, name="")
    ImportIdFactory.create(user=by_id, value="U1")
    EmailAddressFactory.create(user=by_email, address="Ann@Example.org")

    operation = convert(
        admin_user,
        user("U1", username=by_name.username, emails=("ann@example.org",), bio="one"),
        user("U2", username=by_name.username, emails=("ann@example.ORG",), bio="two"),
        user("U3", username=str(by_name.username).upper(), bio="three"),
    )

    found = [User.objects.get(import_ids__value=f"U{n}") for n in (1, 2, 3)]
    assert found == [by_id, by_email, by_name]
    assert [person.bio for person in found] == ["one", "two", "three"]
    assert [outcome for outcome, _code in outcomes(operation)] == ["updated"] * 3


def test_freely_chosen_username_matches_no_user(
    admin_user: User, plain_user: User
) -> None:
    taken = plain_user.username
    bot = user("B1", username=taken, is_bot=True, is_known_by_name=False)

    operation = convert(admin_user, bot, user("U1", username=taken))
    convert(admin_user, bot)

    assert User.objects.get(import_ids__value="B1").username == f"{taken}-2"
    assert User.objects.get(import_ids__value="U1") == plain_user
    assert f"The username {taken!r} was changed to" in notes(operation)


def test_existing_user_keeps_roles_and_details(
    admin_user: User, plain_user: User
) -> None:
    plain_user.roles.add(Role.objects.get(public_id="guest"))
    plain_user.bio = "my own"
    plain_user.save()
    mine = EmailAddressFactory.create(user=plain_user, address="p@example.org")
    password = plain_user.password

    convert(
        admin_user,
        user(
            "U1",
            username="renamed",
            name="Other",
            emails=("p@example.org", "new@example.org"),
            bio="theirs",
            is_deleted=True,
            is_bot=True,
            roles=("bot",),
        ),
    )

    plain_user.refresh_from_db()
    assert plain_user.username == "paula"
    assert (plain_user.is_active, plain_user.kind) == (True, User.Kind.USER)
    assert (plain_user.bio, plain_user.password) == ("my own", password)
    roles = set(plain_user.roles.values_list("public_id", flat=True))
    assert roles == {"user", "guest"}
    mine.refresh_from_db()
    assert mine.verified
    addresses = plain_user.emails.values_list("address", flat=True)
    assert set(addresses) == {"p@example.org", "new@example.org"}


def test_source_updates_the_users_it_created(admin_user: User) -> None:
    convert(admin_user, user("U1", username="ann", name="An Lee"))

    convert(admin_user, user("U1", username="ann", name="Ann Lee"))

    assert User.objects.get(username="ann").name == "Ann Lee"


def test_initiator_only_gets_the_import_id(plain_user: User) -> None:
    operation = convert(
        plain_user,
        user("U1", username="paula", name="Other", bio="x", emails=("a@example.org",)),
    )

    plain_user.refresh_from_db()
    assert (plain_user.name, plain_user.bio) == ("Paula", "")
    assert not plain_user.emails.exists()
    assert plain_user.import_ids.get().value == "U1"
    assert "This user started the import." in notes(operation)


def test_match_by_username_does_not_update_a_user(
    admin_user: User, plain_user: User
) -> None:
    for name in ("First", "Second"):
        records = (
            user("paula", username="paula", name=name, bio=name),
            user("ann", username="ann", name=name),
        )
        operation = convert(admin_user, *records)

    plain_user.refresh_from_db()
    assert (plain_user.name, plain_user.bio) == ("Paula", "First")
    assert User.objects.get(username="ann").name == "Second"
    assert [outcome for outcome, _code in outcomes(operation)] == [
        "unchanged",
        "updated",
    ]
    assert plain_user.import_ids.get().by_username


def test_source_may_update_a_user_after_a_match_by_address(
    admin_user: User, plain_user: User
) -> None:
    EmailAddressFactory.create(user=plain_user, address="p@example.org")
    records = [user("U1", emails=("p@example.org",), bio=bio) for bio in ("one", "two")]
    for record in records:
        convert(admin_user, record, importer="slack")

    plain_user.refresh_from_db()
    assert plain_user.bio == "two"
    assert not plain_user.import_ids.get().by_username


def test_privileged_user_is_not_matched_without_a_confirmation(
    admin_user: User,
) -> None:
    records = (
        user("U1", username="ada", name="Other"),
        user("U2", username="bo"),
    )

    operation = convert(admin_user, *records)

    assert outcomes(operation) == [("failed", UNCONFIRMED), ("imported", "")]
    assert "by username" in notes(operation)
    assert not admin_user.import_ids.exists()


def test_confirmed_privileged_user_only_gets_the_import_id(
    admin_user: User, importer_user: User
) -> None:
    EmailAddressFactory.create(user=importer_user, address="i@example.org")
    operation = stage(
        admin_user,
        user(
            "U1",
            name="Other",
            emails=("I@example.org", "new@example.org"),
            bio="x",
            avatar_url="https://example.org/a.png",
            is_deleted=True,
            roles=("admin",),
        ),
        importer="slack",
    )
    record = ImportRecord.objects.get()
    by = admin_user.public_id
    confirmed = {record.pk: Confirmation(importer_user.public_id, by)}

    run(operation, replace(EVERYTHING, confirmed=confirmed))

    assert outcomes(operation) == [("updated", "")]
    importer_user.refresh_from_db()
    assert (importer_user.name, importer_user.bio) == ("Ivan", "")
    assert importer_user.pending_avatar_url == ""
    assert importer_user.is_active
    assert importer_user.emails.count() == 1
    assert not importer_user.roles.filter(public_id="admin").exists()
    assert importer_user.import_ids.get().value == "U1"


@pytest.mark.parametrize("wrong", ["user", "record", "confirmer", "inactive"])
def test_confirmation_counts_only_for_its_record_and_user_and_confirmer(
    admin_user: User, importer_user: User, plain_user: User, wrong: str
) -> None:
    operation = stage(importer_user, user("ivan", username="ivan"))
    pk = ImportRecord.objects.get().pk + (wrong == "record")
    matched = plain_user if wrong == "user" else importer_user
    confirmer = plain_user if wrong == "confirmer" else admin_user
    confirmed = {pk: Confirmation(matched.public_id, confirmer.public_id)}
    User.objects.filter(pk=admin_user.pk).update(is_active=wrong != "inactive")

    run(operation, replace(EVERYTHING, confirmed=confirmed))

    assert outcomes(operation) == [("failed", UNCONFIRMED)]


def test_default_role_with_an_admin_permission_makes_users_privileged(
    admin_user: User, plain_user: User
) -> None:
    ordinary = Role.objects.get(public_id="user")
    assert not User.objects.privileged().filter(pk=plain_user.pk).exists()

    Permission.objects.get(name="run-import").roles.add(ordinary)

    assert User.objects.privileged().filter(pk=plain_user.pk).exists()


def test_username_does_not_match_if_the_source_has_ids(
    admin_user: User, plain_user: User
) -> None:
    UserFactory.create(username="paula-2")

    operation = convert(
        admin_user,
        user("U1", username="paula"),
        user("U2", username="Paula"),
        importer="slack",
    )

    names = [User.objects.get(import_ids__value=key).username for key in ("U1", "U2")]
    assert names == ["paula-3", "Paula-4"]
    assert not plain_user.import_ids.exists()
    assert "The username 'paula' was changed to 'paula-3'." in notes(operation)


def test_changes_of_existing_users_are_in_the_activity_log(
    admin_user: User, plain_user: User
) -> None:
    EmailAddressFactory.create(user=plain_user, address="p@example.org")
    record = user(
        "U1",
        emails=("p@example.org", "q@example.org"),
        bio="hello",
        avatar_url="https://example.org/a.png?token=secret",
    )

    operation = convert(admin_user, record, user("U2", username="new"))
    convert(admin_user, record)

    [entry] = ActivityEntry.objects.filter(name__in=("paula", "new"))
    assert entry.author_public_id == admin_user.public_id
    assert entry.before == {"bio": ""}
    assert entry.after == {
        "bio": "hello",
        "avatar to download": "https://example.org/a.png",
        "added import IDs": ["U1"],
        "added e-mail addresses": ["q@example.org"],
        "import": operation.public_id,
    }


def test_address_of_another_user_is_not_added(admin_user: User) -> None:
    EmailAddressFactory.create(address="b@example.org")
    operation = convert(
        admin_user,
        user("U1", username="ann", emails=("ann@example.org",)),
        user("U2", username="x", emails=("ANN@example.org", "nonsense")),
    )

    assert EmailAddress.objects.filter(address__iexact="ann@example.org").count() == 1
    assert "'nonsense' was not added: it has no @." in notes(operation)


def test_two_records_of_one_user_create_one_user(admin_user: User) -> None:
    operation = convert(
        admin_user, user("U1", username="ann"), user("U2", username="ANN")
    )

    assert [outcome for outcome, _code in outcomes(operation)] == [
        "imported",
        "updated",
    ]
    ann = User.objects.get(username="ann")
    assert set(ann.import_ids.values_list("value", flat=True)) == {"U1", "U2"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "importer-user-missing-email-and-username"),
        ({"username": "x" * 256}, "importer-value-too-long"),
    ],
)
def test_invalid_record_fails_alone(
    admin_user: User, fields: dict[str, str], code: str
) -> None:
    operation = convert(admin_user, user("U1", **fields), user("U2", username="fine"))

    assert outcomes(operation) == [("failed", code), ("imported", "")]


def test_granted_roles_are_in_the_activity_log(admin_user: User) -> None:
    operation = convert(
        admin_user,
        user("U1", username="boss", roles=("admin",)),
        user("U2", username="bot", roles=("bot",)),
    )

    [change] = ActivityEntry.objects.filter(name__in=("boss", "bot"))
    assert change.author_public_id == admin_user.public_id
    assert change.after == {
        "roles": ["admin", "user"],
        "sent by": admin_user.public_id,
        "import": operation.public_id,
    }


def test_deleted_initiator_grants_no_roles(admin_user: User) -> None:
    actor = UserFactory.create(roles=["admin"])
    actor.is_active = False
    actor.save()

    convert(actor, user("U1", username="boss", roles=("admin",)))

    roles = User.objects.get(username="boss").roles.values_list("public_id", flat=True)
    assert set(roles) == {"user"}


@pytest.mark.parametrize("size", [30, 90])
def test_query_count_is_independent_of_page_size(
    admin_user: User, size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    operation = ImportOperationFactory.create()
    planner = UserPlanner(
        operation.pk,
        EVERYTHING,
        initiator_id=admin_user.public_id,
        grants=partial(Grants, sent_by="", run_started_by=admin_user.public_id),
        fails_existing=False,
        matches_usernames=True,
    )
    converter = UserConverter(operation.pk, planner)
    page = [
        StagedRecord(
            n, f"U{n}", data_of(user(f"U{n}", username=f"u{n}", emails=(f"{n}@x.org",)))
        )
        for n in range(size)
    ]

    # Import IDs, addresses, names; roles; then users, roles, addresses and import IDs,
    # each with a statement for their keys, and the journal. PostgreSQL's COPY
    # statements are not counted.
    inserts = 4 if connection.vendor == "sqlite" else 0
    with django_assert_num_queries(4 + 4 + 1 + inserts):
        results = converter.convert(page)

    assert len(results) == size


@pytest.mark.parametrize("between", [0, PAGE])
def test_names_that_become_the_same_username_stay_two_users(
    admin_user: User, between: int
) -> None:
    operation = convert(
        admin_user,
        user("jürgen", username="jürgen"),
        *(user(f"u{n}", username=f"u{n}") for n in range(between)),
        user("jurgen", username="jurgen"),
        user("jurgen-2", username="jurgen-2"),
    )

    names = dict(User.objects.values_list("import_ids__value", "username"))
    assert names["jürgen"] == "jurgen"
    assert names["jurgen"] == "jurgen-2"
    assert names["jurgen-2"] == "jurgen-2-2"
    assert not ImportRecord.objects.filter(operation=operation).guessed()


def test_a_user_known_by_another_name_of_the_source_does_not_match_by_username(
    admin_user: User,
) -> None:
    convert(admin_user, user("jürgen", username="jürgen"))

    operation = convert(
        admin_user,
        user("jurgen", username="jurgen"),
        user("jürgen", username="jürgen"),
    )

    first = User.objects.get(username="jurgen")
    assert first.import_ids.get().value == "jürgen"
    assert User.objects.get(import_ids__value="jurgen").username == "jurgen-2"
    assert not ImportRecord.objects.filter(operation=operation).guessed()


def test_a_renamed_user_of_another_source_matches_by_username(admin_user: User) -> None:
    convert(admin_user, user("jürgen", username="jürgen"))

    operation = convert(admin_user, user("jurgen", username="jurgen"))

    [guessed] = ImportRecord.objects.filter(operation=operation).guessed()
    assert guessed.target_id == User.objects.get(username="jurgen").pk


def test_guest_does_not_get_the_default_role(admin_user: User) -> None:
    convert(admin_user, user("U1", username="ann", is_guest=True))

    ann = User.objects.get(username="ann")
    assert [role.public_id for role in ann.roles.all()] == ["guest"]
