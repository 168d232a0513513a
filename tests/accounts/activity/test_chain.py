from __future__ import annotations

import getpass
import io
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.activity import chain, head_file
from accounts.activity.retention import prune_activity, prune_expired
from accounts.activity.sealing import seal_pending
from accounts.activity.verification import verify_log
from accounts.errors import ActivityLogAlteredError
from accounts.models import ActivityEntry, ActivityLogHead, User
from accounts.services.activity import (
    COMMAND_LINE,
    Author,
    ChangedState,
    record_changes,
    record_event,
)
from accounts.services.users import delete_users
from tests.accounts.activity.entries import AUTHOR, Commit, write_entries

REPLACED = "\N{REPLACEMENT CHARACTER}"

pytestmark = pytest.mark.django_db


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Commit) -> Commit:
    return django_capture_on_commit_callbacks


def verify(*args: str) -> str:
    out = io.StringIO()
    call_command("verify_log", *args, stdout=out)
    return out.getvalue()


def test_an_empty_log_is_verified() -> None:
    assert verify().startswith("OK: 0 entries, 0 unsealed.\n")


def test_entries_are_sealed_after_the_commit_and_verified(commit: Commit) -> None:
    write_entries(commit, 3)

    sequences = ActivityEntry.objects.sealed().values_list("sequence", flat=True)
    assert list(sequences) == [1, 2, 3]
    assert verify().startswith(
        "OK: 3 entries (1 to 3), 0 unsealed.\nEnd of the log: 3:"
    )


def test_unsealed_entries_are_verified_too(commit: Commit) -> None:
    write_entries(commit, 1)
    record_event(
        ActivityEntry.Action.VIEWED, ActivityEntry.Subject.ROOM, "general", by=AUTHOR
    )

    assert verify().startswith("OK: 1 entries (1 to 1), 1 unsealed.")
    assert seal_pending() == 1
    assert verify().startswith("OK: 2 entries (1 to 2), 0 unsealed.")


def test_verifies_against_an_earlier_end_of_the_log(commit: Commit) -> None:
    write_entries(commit, 2)
    end = verify().splitlines()[-1].removeprefix("End of the log: ")
    write_entries(commit, 2, start=3)

    assert verify("--expect", end).startswith("OK: 4 entries")
    with pytest.raises(CommandError, match=r"^Entry 2 does not match the entry"):
        verify("--expect", f"2:{'0' * 64}")
    with pytest.raises(CommandError, match=r"^Entry 5 is missing: entry 9 is known"):
        verify("--expect", f"9:{'0' * 64}")
    with pytest.raises(CommandError, match="NUMBER:DIGEST"):
        verify("--expect", "nine")


def test_many_changes_need_a_constant_number_of_statements(commit: Commit) -> None:
    def statements(number: int) -> int:
        changes = [
            ChangedState(ActivityEntry.Subject.USER, f"u{index}", None, {"roles": []})
            for index in range(number)
        ]
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            record_changes(changes, by=AUTHOR)
        return len(queries)

    assert statements(400) == statements(40) <= statements(2) <= 3
    assert seal_pending() == 442
    assert verify().startswith("OK: 442 entries (1 to 442)")


def test_characters_that_databases_reject_are_replaced(commit: Commit) -> None:
    with commit(execute=True):
        record_event(
            ActivityEntry.Action.LOGIN_FAILED,
            ActivityEntry.Subject.USER,
            "a\0b\ud800" + "x" * 700,
            by=Author(None, "fe80::1%" + "e" * 80),
            details={
                "time": timezone.now(),
                "ratio": 0.5,
                "\0": ("\0", None, 2**60),
            },
        )

    entry = ActivityEntry.objects.get()
    assert entry.name.startswith(f"a{REPLACED}b{REPLACED}x")
    assert entry.after is not None
    assert entry.after[REPLACED] == [REPLACED, None, 2**60]
    assert verify().startswith("OK: 1 entries")


def test_commands_are_logged_with_the_system_user(
    monkeypatch: pytest.MonkeyPatch, plain_user: User
) -> None:
    call_command("grant_role", "paula", "bot", stdout=io.StringIO())
    assert ActivityEntry.objects.get().author_name == (
        f"command line ({getpass.getuser()})"
    )

    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nameless)
    record_event(
        ActivityEntry.Action.DELETED,
        ActivityEntry.Subject.IMPORT,
        "x",
        by=COMMAND_LINE,
    )
    assert ActivityEntry.objects.latest("pk").author_name[-2:-1].isdigit()


def test_deleting_a_user_keeps_the_chain_valid(
    commit: Commit, admin_user: User, plain_user: User
) -> None:
    with commit(execute=True):
        record_event(
            ActivityEntry.Action.VIEWED,
            ActivityEntry.Subject.ROOM,
            "general",
            by=Author(plain_user),
        )
        delete_users(users=[plain_user], by=Author(admin_user))

    assert verify().startswith("OK: 2 entries")
    assert ActivityEntry.objects.filter(author_name="paula").exists()


# Retention ----------------------------------------------------------------------------


def test_a_pruned_chain_is_verified(commit: Commit) -> None:
    write_entries(commit, 3)
    kept_from = timezone.now()
    write_entries(commit, 2, start=4)

    with commit(execute=True):
        assert prune_activity(before=kept_from, by=AUTHOR) == 3
        assert prune_activity(before=kept_from, by=AUTHOR) == 0

    assert verify().startswith("OK: 3 entries (4 to 6), 0 unsealed.")
    pruned = ActivityEntry.objects.get(action=ActivityEntry.Action.PRUNED)
    assert pruned.name == "entries 1 to 3"
    write_entries(commit, 1, start=6)
    assert verify().startswith("OK: 4 entries (4 to 7)")


def test_a_log_may_be_pruned_completely(commit: Commit) -> None:
    write_entries(commit, 3)

    assert prune_activity(before=timezone.now(), by=AUTHOR) == 3

    assert verify().startswith("OK: 0 entries, 1 unsealed.\nEnd of the log: 3:")


def test_the_retention_setting_applies(commit: Commit, settings: Settings) -> None:
    write_entries(commit, 1)

    assert prune_expired(by=AUTHOR) == 0
    settings.ACTIVITY_RETENTION_DAYS = 1
    assert prune_expired(by=AUTHOR) == 0
    settings.ACTIVITY_RETENTION_DAYS = -1
    assert prune_expired(by=AUTHOR) == 1


def test_a_missing_head_is_not_recreated(commit: Commit) -> None:
    write_entries(commit, 1)
    ActivityLogHead.objects.all().delete()

    record_event(
        ActivityEntry.Action.VIEWED, ActivityEntry.Subject.ROOM, "general", by=AUTHOR
    )

    assert seal_pending() == 0
    with pytest.raises(CommandError, match="The head record is missing"):
        verify()
    with pytest.raises(ActivityLogAlteredError):
        prune_activity(before=timezone.now() + timedelta(days=1), by=AUTHOR)


# Keys ---------------------------------------------------------------------------------


def test_a_new_key_continues_the_chain(commit: Commit, settings: Settings) -> None:
    write_entries(commit, 2)
    record_event(
        ActivityEntry.Action.VIEWED, ActivityEntry.Subject.ROOM, "general", by=AUTHOR
    )
    former = settings.ACTIVITY_LOG_KEY
    settings.ACTIVITY_LOG_KEY = "another secret"

    with pytest.raises(CommandError, match="signed with an unknown key"):
        verify()
    settings.ACTIVITY_LOG_KEY_FALLBACKS = [former]
    assert verify().startswith("OK: 2 entries (1 to 2), 1 unsealed.")
    write_entries(commit, 1, start=4)
    assert verify().startswith("OK: 4 entries (1 to 4), 0 unsealed.")
    assert prune_activity(before=timezone.now(), by=AUTHOR) == 4


# The copy of the head -----------------------------------------------------------------


def test_the_head_is_kept_outside_of_the_database(commit: Commit) -> None:
    write_entries(commit, 2)
    head = ActivityLogHead.objects.get()

    path = head_file.path_of(head.log_id)
    assert path.parent == django_settings.DATA_DIR
    assert path.stat().st_mode & 0o777 == 0o600
    known = head_file.read(head.log_id)
    assert known == (2, head.digest)

    head.sequence = 1
    head_file.write(head)
    assert head_file.read(head.log_id) == known


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"sequence": "x", "digest": 1}'])
def test_an_unreadable_head_file_is_reported(commit: Commit, content: str) -> None:
    write_entries(commit, 1)
    path = head_file.path_of(ActivityLogHead.objects.get().log_id)
    path.write_text(content)

    write_entries(commit, 1, start=2)

    assert path.read_text() == content
    with pytest.raises(CommandError, match=r"^The file activity-log-\w+\.json can't"):
        verify()


def test_verification_handles_concurrent_pruning(
    commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entries(commit, 6)
    monkeypatch.setattr("accounts.activity.chain.BATCH", 2)
    border = ActivityEntry.objects.get(sequence=5).created_at
    read_links = chain.read_links
    calls: list[Any] = []

    def read_then_prune(**limits: Any) -> Any:
        links = read_links(**limits)
        calls.append(limits)
        if len(calls) == 1:
            prune_activity(before=border, by=AUTHOR)
        return links

    monkeypatch.setattr("accounts.activity.chain.read_links", read_then_prune)

    assert verify_log().last == 6
