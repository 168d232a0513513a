"""Situations that real exports of Slack are in, each with its right result."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.cases.drafts", "tests.cases.importing")
