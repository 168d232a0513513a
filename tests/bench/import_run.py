"""Import one archive and measure it within the process.

`python -m tests.bench.import_run PATH IMPORTER`

Runs in its own process, so that the peak memory is that of the import. Prints JSON.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import django
from django.core.management import call_command
from django.db import connection

_CHUNK: Final = 1024 * 1024


def import_archive(path: Path, importer: str) -> dict[str, Any]:
    """Import the whole archive as one worker does."""
    from accounts.models import User
    from imports_app.engine import jobs
    from imports_app.engine.parts.messages import PAGES
    from imports_app.models import ImportPart, KindCount
    from imports_app.selection.rules import EVERYTHING
    from imports_app.services.runs import start_preparing, start_run
    from imports_app.services.uploading.uploads import upload_file
    from imports_app.transitions import Actor

    call_command("migrate", verbosity=0)
    initiator, _is_new = User.objects.get_or_create(username="bench")
    actor = Actor(initiator)
    clock = _Clock()
    operation = upload_file(
        actor=actor,
        importer_key=importer,
        file_name=path.name,
        content_type="application/zip",
        content=_chunks(path),
        limit=path.stat().st_size,
    )
    start_preparing(operation=operation, actor=actor)
    upload = clock.lap()
    jobs.prepare(operation.pk)
    prepare = clock.lap()
    operation.refresh_from_db()
    start_run(operation=operation, selection=EVERYTHING, actor=actor)
    clock.lap()
    pages: list[float] = []
    jobs.run(operation.pk, lambda: pages.append(time.perf_counter()))
    run = clock.lap()
    operation.refresh_from_db()
    if operation.status != "importer_done" or operation.count_error:
        raise RuntimeError(operation.error_message or operation.status)
    counts = dict(
        KindCount.objects.filter(operation=operation).values_list("kind", "staged")
    )
    size = PAGES[connection.vendor]
    parts = ImportPart.objects.values_list("messages", flat=True)
    message_pages = sum(-(-messages // size) for messages in parts)
    return {
        "records": sum(counts.values()),
        "seconds": {
            "upload": round(upload, 2),
            "prepare": round(prepare, 2),
            "run": round(run, 2),
        },
        "records_per_second": {
            "prepare": round(sum(counts.values()) / prepare),
            "run": round(sum(counts.values()) / run),
            "both": round(sum(counts.values()) / (prepare + run)),
        },
        "last_tenth_to_first": _evenness(pages, message_pages),
        "peak_megabytes": round(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1
        ),
    }


def _evenness(pages: list[float], count: int) -> float:
    """Return the speed of the last tenth of pages relative to the first."""
    full = pages[-count:] if count else []
    tenth = max(len(full) // 10, 1)
    if len(full) <= tenth:
        return 1.0
    first = full[tenth] - full[0]
    last = full[-1] - full[-1 - tenth]
    return first / last


class _Clock:
    """Stopwatch with laps."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def lap(self) -> float:
        """Return the seconds since the last call."""
        now = time.perf_counter()
        passed, self._started = now - self._started, now
        return passed


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


if __name__ == "__main__":
    django.setup()
    logging.disable()
    print(json.dumps(import_archive(Path(sys.argv[1]), sys.argv[2])))  # noqa: T201 - it is what we are for
