"""User records become accounts: importers.md 6.1."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import ActivityEntry, EmailAddress, User
from imports_app.engine.users import UserConverter
from imports_app.engine.verdicts import StagedRecord
from imports_app.records import data_of
from imports_app.selection import EVERYTHING
from tests.factories import EmailAddressFactory, ImportIdFactory, UserFactory
from tests.imports_app.engine.converting import convert, notes, outcomes, user


def test_makes_accounts_that_can_not_log_in(admin_user: User) -> None:
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
    [("Ann Lee", "Ann.Lee"), ("zoë", "zo"), ("東京", "user"), ("a@b", "a.b")],
)
def test_makes_usernames_that_this_server_takes(
    admin_user: User, wished: str, username: str
) -> None:
    operation = convert(admin_user, user("U1", username=wished))

    assert User.objects.get(import_ids__value="U1").username == username
    assert repr(wished) in notes(operation)


def test_usernames_that_collide_get_a_number(admin_user: User) -> None:
    UserFactory.create(username="Ann.Lee")

    convert(admin_user, user("U1", username="ann lee"), user("U2", username="ann*lee"))

    names = [User.objects.get(import_ids__value=key).username for key in ("U1", "U2")]
    assert names == ["ann.lee-2", "ann.lee-3"]


def test_finds_accounts_by_id_then_address_then_name(admin_user: User) -> None:
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


def test_a_name_that_anybody_could_take_leads_to_no_account(
    admin_user: User, plain_user: User
) -> None:
    taken = plain_user.username
    bot = user("B1", username=taken, is_bot=True, is_known_by_name=False)

    operation = convert(admin_user, bot, user("U1", username=taken))
    convert(admin_user, bot)

    assert User.objects.get(import_ids__value="B1").username == f"{taken}-2"
    assert User.objects.get(import_ids__value="U1") == plain_user
    assert f"{taken!r} became the username" in notes(operation)


def test_never_lowers_an_account(admin_user: User, plain_user: User) -> None:
    plain_user.roles.add(*admin_user.roles.all())
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
            roles=("guest",),
        ),
    )

    plain_user.refresh_from_db()
    assert plain_user.username == "paula"
    assert (plain_user.is_active, plain_user.kind) == (True, User.Kind.USER)
    assert (plain_user.bio, plain_user.password) == ("my own", password)
    roles = set(plain_user.roles.values_list("public_id", flat=True))
    assert roles == {"user", "admin"}
    mine.refresh_from_db()
    assert mine.verified
    addresses = plain_user.emails.values_list("address", flat=True)
    assert set(addresses) == {"p@example.org", "new@example.org"}


def test_the_source_may_correct_whom_it_brought(admin_user: User) -> None:
    convert(admin_user, user("U1", username="ann", name="An Lee"))

    convert(admin_user, user("U1", username="ann", name="Ann Lee"))

    assert User.objects.get(username="ann").name == "Ann Lee"


def test_the_starter_gets_the_import_id_and_nothing_else(admin_user: User) -> None:
    operation = convert(
        admin_user,
        user("U1", username="ada", name="Other", bio="x", emails=("a@example.org",)),
    )

    admin_user.refresh_from_db()
    assert (admin_user.name, admin_user.bio) == ("Ada", "")
    assert not admin_user.emails.exists()
    assert admin_user.import_ids.get().value == "U1"
    assert "whoever started the import" in notes(operation)


def test_an_address_that_somebody_has_is_left_out(admin_user: User) -> None:
    EmailAddressFactory.create(address="b@example.org")
    operation = convert(
        admin_user,
        user("U1", username="ann", emails=("ann@example.org",)),
        user("U2", username="x", emails=("ANN@example.org", "nonsense")),
    )

    assert EmailAddress.objects.filter(address__iexact="ann@example.org").count() == 1
    assert "'nonsense' was left out" in notes(operation)


def test_two_records_of_the_same_person_make_one_account(admin_user: User) -> None:
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
def test_a_bad_record_fails_alone(
    admin_user: User, fields: dict[str, str], code: str
) -> None:
    operation = convert(admin_user, user("U1", **fields), user("U2", username="fine"))

    assert outcomes(operation) == [("failed", code), ("imported", "")]


def test_roles_that_matter_are_written_to_the_activity_log(admin_user: User) -> None:
    convert(
        admin_user,
        user("U1", username="boss", roles=("admin",)),
        user("U2", username="bot", roles=("bot",)),
    )

    [change] = ActivityEntry.objects.filter(name__in=("boss", "bot"))
    assert change.author_public_id == admin_user.public_id
    assert change.after == {"roles": ["admin", "user"]}


def test_a_starter_who_is_gone_gives_no_rights(admin_user: User) -> None:
    actor = UserFactory.create(roles=["admin"])
    actor.is_active = False
    actor.save()

    convert(actor, user("U1", username="boss", roles=("admin",)))

    roles = User.objects.get(username="boss").roles.values_list("public_id", flat=True)
    assert set(roles) == {"user"}


@pytest.mark.parametrize("size", [2, 60])
def test_a_page_takes_as_many_queries_however_long_it_is(
    admin_user: User, size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    converter = UserConverter(
        1, EVERYTHING, starter_id=admin_user.public_id, fails_existing=False
    )
    page = [
        StagedRecord(
            n, f"U{n}", data_of(user(f"U{n}", username=f"u{n}", emails=(f"{n}@x.org",)))
        )
        for n in range(size)
    ]

    # Import ids, addresses, names; roles; then accounts, their roles, addresses, ids.
    with django_assert_num_queries(8):
        verdicts = converter.convert(page)

    assert len(verdicts) == size
