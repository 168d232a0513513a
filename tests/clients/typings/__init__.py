"""The published typings of Rocket.Chat as validators of inputs and answers."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

_COMMAND: Final = ("node", str(Path(__file__).parent / "validate.mjs"))


def validate(cases: Sequence[tuple[str, Any]]) -> list[list[str]]:
    """Return the errors, for each pair of a validator and a value."""
    done = subprocess.run(
        _COMMAND,
        input=json.dumps(cases),
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    errors: list[list[str]] = json.loads(done.stdout)
    return errors


def unexplained(
    differences: Iterable[str], table: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Return differences without a row in the table, and rows without a difference.

    An asterisk in a row stands for any text.
    """
    left, used = [], set()
    patterns = {
        row: re.compile(".*".join(map(re.escape, row.split("*")))) for row in table
    }
    for difference in differences:
        rows = {row for row, known in patterns.items() if known.fullmatch(difference)}
        used |= rows
        if not rows:
            left.append(difference)
    return left, [row for row in table if row not in used]
