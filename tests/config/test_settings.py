from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live import ROOT


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "", "DATABASE_URL is not valid"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is not valid"),
        ("DATABASE_URL", "oracle://me:hush@host/name", "DATABASE_URL is not valid"),
        ("DATABASE_URL", "postgres://me:hush@host:x/n", "DATABASE_URL is not valid"),
        ("ACTIVITY_RETENTION_DAYS", "-1", "Use 0 or more"),
        ("DATABASE_PASSWORD_FILE", "{file}/missing", "DATABASE_PASSWORD_FILE: "),
        ("SECURITY_CONTACT", "security@example.org", "Use a URI such as mailto:"),
        ("DATA_DIR", "{file}/data", "Change DATA_DIR"),
        ("LOGIN_FAILURE_LIMIT", "0", "Use 1 or more"),
        ("BASE_URL", "import.example.org", "such as https://import.example.org"),
        ("BASE_URL", "https://me:hush@example.org", "such as https://import"),
        ("EMAIL_HOST_PASSWORD_FILE", "{file}/missing", "EMAIL_HOST_PASSWORD_FILE: "),
        ("SECRET_KEY_FILE", "{file}/secret", "Change DATA_DIR or SECRET_KEY_FILE"),
    ],
)
def test_a_wrong_setting_is_one_sentence_without_secrets(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    file = tmp_path / "file"
    file.touch()
    ended = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            name: value.format(file=file),
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "hush" not in ended.stderr


def test_the_password_of_the_database_may_be_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hush\n")
    show = (
        "from config import settings; print(settings.DATABASES['default']['PASSWORD'])"
    )

    shown = subprocess.run(
        [sys.executable, "-c", show],
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": "postgres://imports@localhost/imports",
            "DATABASE_PASSWORD_FILE": str(secret),
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout == "hush\n"
