"""Reads every hostile file in a process of its own, and prints the most memory it took.

Run as `python -m tests.security.read_hostile_files FOLDER`.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import django


def main(folder: Path) -> None:
    """Check and read each file of the folder, named `IMPORTER-NUMBER`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from imports_app.engine.jobs import limits
    from imports_app.errors import SourceError
    from imports_app.importers.base import ImportContext
    from imports_app.importers.registry import find_importer

    for path in sorted(folder.iterdir()):
        importer = find_importer(path.name.partition("-")[0])
        assert importer is not None
        importer().check(ImportContext(path, limits()))
        with suppress(SourceError):
            for _found in importer().read(ImportContext(path, limits())):
                pass
    sys.stdout.write(str(_peak()))


def _peak() -> int:
    """Return the most memory that this program ever had, in KB.

    `getrusage` would count the process that started it, too.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
