"""Date formats that sort and include the time zone."""

from __future__ import annotations

from typing import Final

DATE_FORMAT: Final = "Y-m-d"
DATETIME_FORMAT: Final = "Y-m-d H:i:s e"
