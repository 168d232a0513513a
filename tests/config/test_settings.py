from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "", "DATABASE_URL must look like"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL must look like"),
        ("DATABASE_URL", "oracle://me:hush@host/name", "DATABASE_URL must look like"),
        ("DATABASE_URL", "postgres://me:hush@host:x/n", "DATABASE_URL must look like"),
        ("DATA_DIR", "{file}/data", "Change DATA_DIR"),
        ("LOGIN_FAILURE_LIMIT", "0", "must be 1 or more"),
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
