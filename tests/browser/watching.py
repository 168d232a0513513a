"""Detection of script errors and external requests."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError


class Watch:
    """Records errors and requests to other servers."""

    def __init__(self) -> None:
        self._errors: list[str] = []
        self._ignored: list[str] = []

    def over(self, context: BrowserContext, url: str) -> None:
        """Watch every page of a context; `url` is the server's address."""

        def record_message(message: ConsoleMessage) -> None:
            if message.type == "error":
                place = message.location.get("url", "")
                self._errors.append(f"Console: {message.text} ({place})")

        def record_error(error: WebError) -> None:
            self._errors.append(f"Script: {error.error}")

        def check_request(request: Request) -> None:
            if not request.url.startswith((f"{url}/", "data:", "blob:")):
                self._errors.append(f"Foreign request: {request.url}")

        context.on("console", record_message)
        context.on("weberror", record_error)
        context.on("request", check_request)

    def ignore(self, part: str) -> None:
        """Ignore errors with this text, such as those of a killed server."""
        self._ignored.append(part)

    @property
    def errors(self) -> list[str]:
        """Errors that were not ignored."""
        return [
            complaint
            for complaint in self._errors
            if not any(part in complaint for part in self._ignored)
        ]
