from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.live import ROOT, environment_of

PROBE = """
import sys, django
django.setup()
assert "imports_app.models" in sys.modules
assert not [name for name in sys.modules if ".admin." in name and "imports_app" in name]
from django.contrib import admin
admin.site.check()
print(len(admin.site._registry))
"""


def test_pages_are_loaded_only_for_requests_and_checks(tmp_path: Path) -> None:
    environment = environment_of(tmp_path, 3000)
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings"}
    ended = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**environment, **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) > 10
