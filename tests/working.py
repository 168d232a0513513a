"""Worker's jobs, run within the test."""

from __future__ import annotations

from django_tasks_db.models import DBTaskResult


def work() -> int:
    """Run all tasks in the queue and return their number."""
    done = 0
    while (task := DBTaskResult.objects.ready().first()) is not None:
        done += 1
        task.claim("the test")
        task.task.call(*task.args_kwargs["args"])
        task.set_successful(None)
    return done
