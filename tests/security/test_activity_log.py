"""Tampering with the activity log by an attacker with write access to the database."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.forms.models import model_to_dict
from django.test import Client
from django.utils import timezone

from accounts.activity.retention import prune_activity
from accounts.activity.sealing import seal_pending
from accounts.activity.signatures import sign_content, sign_head, sign_link
from accounts.activity.verification import verify_log
from accounts.errors import ActivityLogAlteredError
from accounts.models import ActivityEntry, ActivityLogHead, User
from accounts.models.tokens import token_digest
from accounts.services.activity import Author, record_event
from tests.accounts.activity.entries import AUTHOR, Commit, write_entries
from tests.conftest import PASSWORD, ApiClient
from tests.security.conftest import Attacks

ENTRIES = 8
Entries = ActivityEntry.objects
WRONG_KEY = b"a key that somebody guessed"


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Commit) -> Commit:
    return django_capture_on_commit_callbacks


@pytest.fixture
def log(db: None, commit: Commit) -> None:
    write_entries(commit, ENTRIES)


def entry(sequence: int) -> Any:
    return Entries.filter(sequence=sequence)


def edit(column: str, value: Any) -> Callable[[], None]:
    def act() -> None:
        assert entry(4).update(**{column: value}) == 1

    return act


def swap_numbers() -> None:
    entry(4).update(sequence=100)
    entry(6).update(sequence=4)
    entry(100).update(sequence=6)


def swap_contents() -> None:
    contents = {
        sequence: entry(sequence).values("name", "before", "after", "created_at").get()
        for sequence in (4, 6)
    }
    entry(4).update(**contents[6])
    entry(6).update(**contents[4])


def close_the_gap() -> None:
    entry(4).delete()
    for sequence in range(5, ENTRIES + 1):
        entry(sequence).update(sequence=sequence - 1)


def forged(**columns: Any) -> ActivityEntry:
    """Return an entry that was signed with a guessed key."""
    made = ActivityEntry(
        author_name="ada",
        action="changed",
        subject="role",
        name="forged",
        before={"x": 1},
        after={"x": 2},
        **columns,
    )
    content = (made.created_at, "ada", "", "", "changed", "role", "forged")
    made.signature = sign_content(WRONG_KEY, (*content, made.before, made.after))
    return made


def append_forged() -> None:
    last = entry(ENTRIES).get()
    made = forged(sequence=ENTRIES + 1)
    made.save()
    made.digest = sign_link(
        WRONG_KEY,
        sequence=ENTRIES + 1,
        previous=last.digest,
        entry_id=made.pk,
        signature=made.signature,
    )
    made.save()


def append_forged_and_move_the_head() -> None:
    append_forged()
    ActivityLogHead.objects.update(
        sequence=ENTRIES + 1, digest=entry(ENTRIES + 1).get().digest
    )


def leave_forged_to_be_sealed() -> None:
    forged().save()
    seal_pending()


def insert_forged_in_the_middle() -> None:
    for sequence in range(ENTRIES, 3, -1):
        entry(sequence).update(sequence=sequence + 1)
    forged(sequence=4, digest="0" * 64).save()


def copy_an_entry() -> None:
    copy = entry(4).get()
    copy.pk, copy.sequence, copy.digest = None, None, ""
    copy.signature = "0" * 16 + copy.signature[16:]
    copy.save()
    seal_pending()


def truncate() -> None:
    entry(ENTRIES).delete()


def truncate_and_move_the_head() -> None:
    truncate()
    ActivityLogHead.objects.update(
        sequence=ENTRIES - 1, digest=entry(ENTRIES - 1).get().digest
    )


def truncate_and_sign_the_head_with_a_guessed_key() -> None:
    truncate()
    head = ActivityLogHead.objects.get()
    head.sequence, head.digest = ENTRIES - 1, entry(ENTRIES - 1).get().digest
    head.signature = sign_head(WRONG_KEY, head)
    head.save()


def replace_the_head_by_an_empty_one() -> None:
    Entries.all().delete()
    ActivityLogHead.objects.all().delete()
    ActivityLogHead.objects.create(digest="", signature="0" * 64)


def hide_the_beginning_behind_the_anchor() -> None:
    ActivityLogHead.objects.update(
        anchor_sequence=3, anchor_digest=entry(3).get().digest
    )
    Entries.filter(sequence__lte=3).delete()


def let_pruning_remove_altered_times() -> None:
    Entries.filter(sequence__lte=4).update(
        created_at=timezone.now() - timedelta(days=400)
    )
    with pytest.raises(ActivityLogAlteredError):
        prune_activity(before=timezone.now() - timedelta(days=365), by=AUTHOR)
    assert Entries.count() == ENTRIES


def edit_before_it_is_sealed() -> None:
    record_event(
        ActivityEntry.Action.VIEWED, ActivityEntry.Subject.ROOM, "general", by=AUTHOR
    )
    Entries.filter(sequence=None).update(name="random")
    seal_pending()


TAMPERINGS: dict[str, tuple[Callable[[], Any], str]] = {
    **{
        f"edit {column}": (edit(column, value), f"Entry {named}")
        for column, value, named in (
            ("created_at", timezone.now() - timedelta(days=9), 4),
            ("author_name", "eve", 4),
            ("author_public_id", "someoneElse234567", 4),
            ("address", "203.0.113.9", 4),
            ("action", "viewed", 4),
            ("subject", "user", 4),
            ("name", "role-9", 4),
            ("before", None, 4),
            ("after", {"permissions": ["run-import"]}, 4),
            ("signature", "0" * 80, 4),
            ("digest", "0" * 64, 4),
            ("sequence", 100, 4),
            ("sequence", None, 4),
            ("id", 10**6, 4),
        )
    },
    "clear the number": (edit("sequence", None), "Entry 4"),
    "delete the first entry": (lambda: entry(1).delete(), "Entry 1 is missing"),
    "delete a middle entry": (lambda: entry(4).delete(), "Entry 4 is missing"),
    "delete the last entry": (truncate, f"Entry {ENTRIES} is missing"),
    "delete all entries": (lambda: Entries.all().delete(), "Entry 1 is missing"),
    "delete and renumber": (close_the_gap, "Entry 4"),
    "swap two numbers": (swap_numbers, "Entry 4"),
    "swap two contents": (swap_contents, "Entry 4"),
    "shift all numbers": (
        lambda: Entries.order_by("-sequence").update(sequence=F("sequence") + 100),
        "Entry 1 is missing",
    ),
    "negative number": (lambda: entry(4).update(sequence=-4), "Entry -4"),
    "insert in the middle": (insert_forged_in_the_middle, "Entry 4"),
    "append a forged entry": (append_forged, f"Entry {ENTRIES + 1}"),
    "append one and move the head": (append_forged_and_move_the_head, "head"),
    "leave a forged entry to be sealed": (leave_forged_to_be_sealed, "ID"),
    "copy an entry": (copy_an_entry, "ID"),
    "edit an entry before it is sealed": (edit_before_it_is_sealed, "ID"),
    "truncate and move the head": (truncate_and_move_the_head, "head"),
    "sign the head with a guessed key": (
        truncate_and_sign_the_head_with_a_guessed_key,
        "head",
    ),
    "empty head": (replace_the_head_by_an_empty_one, "head"),
    "delete the head": (lambda: ActivityLogHead.objects.all().delete(), "head"),
    "head of another log": (
        lambda: ActivityLogHead.objects.update(log_id="anotherLog2345678"),
        "head",
    ),
    "hide the beginning": (hide_the_beginning_behind_the_anchor, "head"),
    "let pruning remove entries": (let_pruning_remove_altered_times, "Entry 1"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
@pytest.mark.usefixtures("log")
def test_tampering_is_detected(name: str, attacks: Attacks) -> None:
    tamper, message = TAMPERINGS[name]
    assert verify_log().last == ENTRIES

    tamper()

    with pytest.raises(ActivityLogAlteredError) as raised:
        verify_log()
    attacks.record(name, got_through=message not in raised.value.message)


@pytest.mark.usefixtures("log")
def test_an_old_copy_of_the_tables_is_detected(
    commit: Commit, attacks: Attacks
) -> None:
    old_head = model_to_dict(ActivityLogHead.objects.get())
    write_entries(commit, 3, start=ENTRIES + 1)

    Entries.filter(sequence__gt=ENTRIES).delete()
    ActivityLogHead.objects.update(**old_head)

    with pytest.raises(ActivityLogAlteredError) as raised:
        verify_log()
    named = f"Entry {ENTRIES + 1} is missing"
    attacks.record("restore an old copy", got_through=named not in raised.value.message)
    # Others write on, from where the old copy ended, until the numbers match again.
    write_entries(commit, 4, start=ENTRIES + 1)
    with pytest.raises(ActivityLogAlteredError) as raised:
        verify_log()
    attacks.record(
        "write on after an old copy",
        got_through="known to exist" not in raised.value.message,
    )


@pytest.mark.usefixtures("log")
def test_a_signed_entry_can_not_be_inserted_twice(attacks: Attacks) -> None:
    copy = entry(4).get()
    copy.pk, copy.sequence, copy.digest = None, None, ""

    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        copy.save()

    attacks.record("replay a signed entry", got_through=Entries.count() > ENTRIES)


@pytest.mark.usefixtures("log")
def test_the_log_cannot_be_altered_in_the_admin_or_api(
    admin_browser: Client, admin_api: ApiClient, attacks: Attacks
) -> None:
    page = "/admin/accounts/activityentry/"
    before = list(Entries.order_by("pk").values()[:ENTRIES])
    pk = before[3]["id"]
    for path, form in (
        (f"{pk}/change/", {"name": "x", "_save": "Save"}),
        (f"{pk}/delete/", {"post": "yes"}),
        ("add/", {"name": "x", "subject": "role", "action": "created"}),
        ("", {"action": "delete_selected", "_selected_action": pk, "post": "yes"}),
        ("", {"form-0-id": pk, "form-0-name": "x", "_save": "Save"}),
        (f"{pk}/history/", {"name": "x"}),
    ):
        admin_browser.post(page + path, form)
        is_same = list(Entries.order_by("pk").values()[:ENTRIES]) == before
        attacks.record(f"POST {path} {form}", got_through=not is_same)
    for method in ("PUT", "PATCH", "DELETE"):
        admin_browser.generic(method, f"{page}{pk}/change/")
        for api_path in (f"activity/{pk}", "activityEntries", f"activityentry/{pk}"):
            status = admin_api.request(method, api_path).status_code
            attacks.record(f"{method} {api_path}", got_through=status < 400)
    assert list(Entries.order_by("pk").values()[:ENTRIES]) == before


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_parallel_writers_keep_the_chain() -> None:
    """Entries of transactions that overlap are sealed once each, without a gap."""

    def work(number: int) -> None:
        try:
            for index in range(5):
                with transaction.atomic():
                    record_event(
                        ActivityEntry.Action.VIEWED,
                        ActivityEntry.Subject.ROOM,
                        f"{number}-{index}",
                        by=Author(None, "192.0.2.1"),
                    )
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    seal_pending()
    log = verify_log()
    assert (log.first, log.last, log.pending) == (1, 20, 0)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_long_transaction_does_not_delay_other_entries(attacks: Attacks) -> None:
    """An import that has written entries and still runs delays no login."""
    if connection.vendor == "sqlite":
        attacks.record("one writer at a time is SQLite's own", got_through=False)
        return
    is_written, may_end = threading.Event(), threading.Event()

    def import_slowly() -> None:
        try:
            with transaction.atomic():
                write("slow")
                is_written.set()
                may_end.wait(10)
        finally:
            connection.close()

    def write(name: str) -> None:
        record_event(
            ActivityEntry.Action.LOGGED_IN, ActivityEntry.Subject.USER, name, by=AUTHOR
        )

    thread = threading.Thread(target=import_slowly)
    thread.start()
    is_written.wait(10)
    started = time.monotonic()
    write("quick")
    is_sealed = Entries.sealed().filter(name="quick").exists()
    seconds = time.monotonic() - started
    may_end.set()
    thread.join()

    attacks.record("hold the head", got_through=not is_sealed or seconds > 5)
    assert list(Entries.sealed().values_list("name", flat=True)) == ["quick", "slow"]
    assert verify_log().last == 2


def test_entries_contain_no_secrets(
    admin_browser: Client,
    admin_api: ApiClient,
    admin_user: User,
    plain_user: User,
    attacks: Attacks,
) -> None:
    new = "a-new-password-of-paula"
    typed = "typed-into-the-wrong-field"
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    sha = {"digest": digest, "algorithm": "sha-256"}
    token = {"tokenName": "laptop"}

    made = admin_api.post("users.generatePersonalAccessToken", token).json()
    renewed = admin_api.post("users.regeneratePersonalAccessToken", token).json()
    login = admin_api.post("login", {"user": "ada", "password": PASSWORD}).json()
    by_digest = {"user": {"username": "ada"}, "password": sha}
    other_login = admin_api.post("login", by_digest).json()
    admin_api.post("login", {"user": typed, "password": PASSWORD})
    admin_api.post("login", {"user": "ada", "password": typed})
    admin_api.post("login", {"resume": "no-such-token-but-a-secret"})
    Client().post("/admin/login/", {"username": typed, "password": new})
    page = f"/admin/accounts/user/{plain_user.pk}/set-password/"
    admin_browser.post(page, {"password1": new, "password2": new})
    old = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    admin_browser.post("/admin/password_change/", old)
    admin_api.post(
        "users.create",
        {
            "username": "ann",
            "name": "Ann",
            "email": "ann@example.org",
            "password": new,
        },
    )
    ApiClient(admin_user, login["data"]["authToken"]).post("logout")
    admin_api.post("users.removePersonalAccessToken", token)

    logged = "\n".join(str(row) for row in Entries.values())
    assert Entries.count() > 10
    secrets = {
        "password": PASSWORD,
        "digest of the password": digest,
        "new password": new,
        "what was typed into the wrong field": typed,
        "resume token": "no-such-token-but-a-secret",
        "personal token": made["token"],
        "renewed token": renewed["token"],
        "login token": login["data"]["authToken"],
        "another login token": other_login["data"]["authToken"],
        "caller's token": admin_api.token,
        "digest of a token": token_digest(made["token"]),
        "session": admin_browser.cookies["sessionid"].value,
        "password's hash": User.objects.get(pk=plain_user.pk).password,
    }
    for name, secret in secrets.items():
        assert len(secret) > 8
        attacks.record(f"read the {name}", got_through=secret in logged)
