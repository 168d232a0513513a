"""The worker's part, done here and now."""

from __future__ import annotations

from django_tasks_db.models import DBTaskResult


def work() -> int:
    """Do what is in the queue, as a worker would; return how many tasks there were."""
    done = 0
    while (task := DBTaskResult.objects.ready().first()) is not None:
        done += 1
        task.claim("the test")
        task.task.call(*task.args_kwargs["args"])
        task.set_successful(None)
    return done
