"""The product's version and the Rocket.Chat version that clients see."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
# Clients check this against the range they support (wire-api.md 6.7).
ROCKETCHAT_VERSION: Final = "8.0.0"
# The version of the interface for apps that a server of this version offers.
APPS_API_VERSION: Final = "1.60.0"
