"""Bodies that are cached by version, while another process writes the operations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from imports_app.api.cached_bodies import CachedBody
from imports_app.api.operation_rows import OperationRow
from imports_app.models import ImportOperation
from imports_app.statuses import Status
from tests.conftest import ApiClient
from tests.factories import ImportOperationFactory
from tests.live import ROOT

LATEST: Final = "getLatestImportOperations"
CURRENT: Final = ("getCurrentImportOperation", "import.status")
PROGRESS: Final = "getImportProgress"
PATHS: Final = (LATEST, *CURRENT, PROGRESS)
MOMENT: Final = "2020-02-02T02:02:02.002Z"
CHANGES: Final[dict[str, Any]] = {
    "public_id": "another-id-of-17c",
    "importer_name": "Other",
    "importer_key": "slack",
    "created_at": MOMENT,
    "status": Status.IMPORTING_USERS.value,
    "is_valid": False,
    "user_id": "somebody-else-000",
    "updated_at": MOMENT,
    "content_type": "text/plain",
    "file_name": "other.zip",
    "count_total": 1,
    "count_completed": 2,
    "count_error": 3,
    "count_users": 4,
    "count_channels": 5,
    "count_messages": 6,
    "count_contacts": 7,
}
SHOWN_IN_PROGRESS: Final = (
    *("importer_key", "status", "count_total", "count_completed", "count_error"),
)
WRITER: Final = """
import json, sys, django
django.setup()
from imports_app.models import ImportOperation
for line in sys.stdin:
    ImportOperation.objects.update(**json.loads(line))
    print(flush=True)
"""

Write = Callable[..., None]


@pytest.fixture
def write_elsewhere(tmp_path: Path) -> Iterator[Write]:
    """Return a function that updates every operation in another process."""
    name = str(connection.settings_dict["NAME"])
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": url,
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": "only for this test",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def write(**values: Any) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{json.dumps(values)}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "\n"

    with process:
        yield write
        process.stdin.close()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_next_response_shows_what_another_process_wrote(
    write_elsewhere: Write, importer_api: ApiClient
) -> None:
    ImportOperationFactory.create(is_valid=True)
    assert set(CHANGES) == set(OperationRow._fields) - {"id", "revision"}

    before = {path: importer_api.get(path) for path in PATHS}
    for column, value in CHANGES.items():
        write_elsewhere(**{column: value})

        after = {path: importer_api.get(path) for path in PATHS}
        CachedBody.forget_all()

        for path in PATHS:
            assert after[path].content == importer_api.get(path).content
            is_shown = path != PROGRESS or column in SHOWN_IN_PROGRESS
            is_new = after[path].content != before[path].content
            assert is_new == is_shown, (path, column)
            assert after[path].headers["ETag"] != before[path].headers["ETag"]
        before = after


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_body_takes_one_query(
    importer_api: ApiClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
) -> None:
    ImportOperationFactory.create_batch(2)
    importer_api.get(path)  # records the first use of the token

    ImportOperation.objects.update(count_total=1)

    with django_assert_num_queries(2):  # the credentials; the operations
        changed = importer_api.get(path)
    with django_assert_num_queries(1):  # the credentials, with the version
        unchanged = importer_api.get(path)

    assert unchanged.content == changed.content
    assert unchanged.headers["ETag"] == changed.headers["ETag"]


@pytest.mark.parametrize("path", [LATEST, *CURRENT])
def test_the_first_operation_replaces_the_empty_body(
    importer_api: ApiClient, path: str
) -> None:
    empty = [importer_api.get(path).content for _ in range(2)]
    ImportOperationFactory.create()

    first = importer_api.get(path)
    ImportOperation.objects.all().delete()
    emptied = importer_api.get(path)

    assert empty == [emptied.content] * 2
    assert first.content != emptied.content


def test_every_update_changes_the_revision(db: None) -> None:
    operation = ImportOperationFactory.create()

    ImportOperation.objects.filter(pk=operation.pk).update(report={})
    ImportOperation.objects.filter(pk=operation.pk).change(count_total=1)

    operation.refresh_from_db()
    assert operation.revision == 3
