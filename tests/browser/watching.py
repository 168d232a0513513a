"""What must not happen behind a page's back."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError


class Watch:
    """Notes errors, and requests that leave the server."""

    def __init__(self) -> None:
        self._complaints: list[str] = []
        self._forgiven: list[str] = []

    def over(self, context: BrowserContext, url: str) -> None:
        """Watch every page of a context; `url` is the server's address."""

        def heard(message: ConsoleMessage) -> None:
            if message.type == "error":
                place = message.location.get("url", "")
                self._complaints.append(f"Console: {message.text} ({place})")

        def failed(error: WebError) -> None:
            self._complaints.append(f"Script: {error.error}")

        def asked(request: Request) -> None:
            if not request.url.startswith((f"{url}/", "data:", "blob:")):
                self._complaints.append(f"Foreign request: {request.url}")

        context.on("console", heard)
        context.on("weberror", failed)
        context.on("request", asked)

    def forgive(self, part: str) -> None:
        """Expect complaints with this text, such as that of a server that is killed."""
        self._forgiven.append(part)

    @property
    def complaints(self) -> list[str]:
        """What nobody expected."""
        return [
            complaint
            for complaint in self._complaints
            if not any(part in complaint for part in self._forgiven)
        ]
