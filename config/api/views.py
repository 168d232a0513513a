"""Base class of all API views: order of checks and response headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from config.api.errors import (
    BodyAdmitted,
    NotModified,
    TooManyRequestsError,
    UnreadableQueryError,
    UsernameRequiredError,
)
from config.api.etags import etag_of, is_current
from config.api.idempotency import fingerprint_of, read_key, repeatable
from config.api.input.bodies import read_body
from config.api.input.fields import Params
from config.api.input.params import read_params
from config.api.input.preferences import wait_seconds
from config.api.permissions import ACCEPTED_PERMISSIONS, Access, accepted_permissions
from config.api.rate_limit import Usage, count_call
from config.api.wire import JSONDict
from config.http.client_addresses import client_address, network_of
from config.server.admission import admission_of, pending_admission
from config.server.holds import Hold, hold_of

BYPASS_RATE_LIMIT: Final = "api-bypass-rate-limit"
_NEGOTIATOR: Final = DefaultContentNegotiation()
_EMPTY_QUERY: Final = QueryDict("", encoding="utf-8")


class ApiView(APIView):
    """Base class of an endpoint. Checks run in the order of wire-api.md 1.3."""

    required_permission: ClassVar[str | Access | None] = None
    late_permissions: ClassVar[tuple[str, ...]] = ()
    """Permissions that every call needs, but that the view checks after the body."""

    query_params: ClassVar[type[Params] | None] = None
    """Serializer of the query string; without one, query parameters are rejected."""
    body_params: ClassVar[type[Params] | None] = None
    """Serializer of the body; without one, the body is ignored."""

    reads_version_always: ClassVar[bool] = False
    """Whether every call reads the response's version with the credentials, not only
    calls with `If-None-Match`."""

    options_headers: ClassVar[Callable[[], dict[str, str]] | None] = None
    """Returns further headers of the responses to OPTIONS."""
    rate_factor: ClassVar[int] = 1
    """Multiple of RATE_LIMIT that applies to the endpoint."""
    allows_idempotency_key: ClassVar[bool] = True
    """Whether the responses to POST and PUT may be stored to repeat them."""
    topics: tuple[str, ...] = ()
    """Topics of the response, for clients that wait for a change."""
    etag: str | None = None
    usage: Usage | None = None
    hold: Hold | None = None

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Return no headers; only a 405 lists the allowed methods."""
        return {}

    def initialize_request(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> Request:
        """Return DRF's request.

        Parsers and content negotiation are not used. DRF looks up every attribute of
        the original request in two steps, which takes long for attributes that all
        checks read.
        """
        wrapped = Request(
            request,
            authenticators=self.get_authenticators(),
            negotiator=_NEGOTIATOR,
            parser_context={"view": self},
        )
        wrapped.META, wrapped.method = request.META, request.method
        return wrapped

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Run all checks before the endpoint."""
        self.hold = hold_of(request)
        self.check_method(request)
        self.perform_authentication(request)
        self.check_permissions(request)
        self.params = self.read_query(request)
        key = self.read_idempotency_key(request)
        if (admission := pending_admission(request)) is not None:
            self.check_throttles(request)
            self.check_announced_size(admission.announced)
            admission.admit(self.body_limit, keeps_part=self.keeps_partial_body)
            raise BodyAdmitted
        fingerprint = fingerprint_of(request) if key is not None else ""
        if self.body_params is not None and request.method == "POST":
            self.body = self.parse_body(self.read_body(request))
        if admission_of(request) is None:
            self.check_throttles(request)
        if (version := getattr(request.auth, "version", None)) is not None:
            self.check_version(request, version)
        # Without a late permission, the view refuses the call itself, as it must: an
        # earlier response may be one that the user is no longer allowed to get.
        if key is not None and all(map(request.user.has_perm, self.late_permissions)):
            self._run_once(request, key, fingerprint)

    def read_idempotency_key(self, request: Request) -> str | None:
        """Return the caller's key for repetitions of this call, if there is one."""
        if request.method not in ("POST", "PUT"):
            return None
        if self.required_permission is Access.ANYBODY:
            return None
        return read_key(request, is_allowed=self.allows_idempotency_key)

    def _run_once(self, request: Request, key: str, fingerprint: str) -> None:
        """Replace the method that handles the request by one that runs it once."""
        name = (request.method or "").lower()
        handler = getattr(self, name)

        def handle_once(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            def run() -> HttpResponse:
                try:
                    response: HttpResponse = handler(request, *args, **kwargs)
                except Exception as error:  # noqa: BLE001 - raises unexpected errors
                    response = self.handle_exception(error)
                return response

            return repeatable(request, key, fingerprint, run)

        setattr(self, name, handle_once)

    def check_method(self, request: Request) -> None:
        """Reject an unsupported method before all other checks."""
        if not hasattr(self, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")

    def perform_authentication(self, request: Request) -> None:
        """Authenticate the caller. Failures count against the address's rate limit."""
        if self.required_permission is Access.ANYBODY:
            return
        try:
            user = request.user
        except NotAuthenticated:
            self._count(f"refused {network_of(client_address(request))}")
            raise
        if user.username is None:
            raise UsernameRequiredError

    def read_query(self, request: Request) -> dict[str, Any]:
        """Return the validated query parameters under their Python names."""
        query = request.META.get("QUERY_STRING", "")
        if not query:
            return self.parse_query(_EMPTY_QUERY)
        try:
            unquote_to_bytes(query).decode()
        except UnicodeDecodeError:
            raise UnreadableQueryError from None
        return self.parse_query(request.GET)

    def parse_query(self, query: QueryDict) -> dict[str, Any]:
        """Return the validated parameters of a readable query."""
        return read_params(self.query_params, query.dict())

    @property
    def body_limit(self) -> int:
        """The maximum body size in bytes."""
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0

    @property
    def keeps_partial_body(self) -> bool:
        """Whether the view gets the beginning of a body if the connection is lost."""
        return False

    def check_announced_size(self, size: int | None) -> None:
        """Reject a large body before it is received.

        Args:
            size: Bytes by Content-Length; `None` if unknown.
        """

    def read_body(self, request: Request) -> JSONDict:
        """Return the body's properties without validation."""
        return read_body(request)

    def parse_body(self, body: JSONDict) -> dict[str, Any]:
        """Return the validated parameters of a body."""
        return read_params(self.body_params, body)

    def check_throttles(self, request: Request) -> None:
        """Apply the rate limit unless the caller may bypass it."""
        if self.hold is not None and self.hold.is_repeated:
            self.usage = self.hold.usage
            return
        if self.required_permission is Access.ANYBODY:
            caller = network_of(client_address(request))
        elif request.user.has_perm(BYPASS_RATE_LIMIT):
            return
        else:
            caller = str(request.user.pk)
        self._count(f"{caller} {request.method} {type(self).__name__}")

    def _count(self, key: str) -> None:
        self.usage = count_call(key, self.rate_factor)
        if self.usage is not None and self.usage.is_exceeded:
            raise TooManyRequestsError(self.usage.wait_seconds)

    def check_version(self, request: Request, version: str | None) -> None:
        """Set the response's ETag from the version of its data.

        Raises:
            NotModified: The client already has this version.
        """
        self.etag = etag_of(version)
        if_none_match = request.META.get("HTTP_IF_NONE_MATCH")
        if if_none_match is not None and is_current(if_none_match, self.etag):
            raise NotModified

    def finalize_response(  # type: ignore[override]  # plain answers
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add ETag, rate limit and sufficient permissions; apply `Prefer: wait`."""
        headers = response.headers
        if response.status_code in (401, 403):
            headers.setdefault(ACCEPTED_PERMISSIONS, accepted_permissions(self))
        if self.hold is not None:
            self._apply_wait(self.hold, request, response)
        if self.etag is not None:
            headers["ETag"] = self.etag
        if (usage := self.usage) is not None:
            headers["X-RateLimit-Limit"] = str(usage.limit)
            headers["X-RateLimit-Remaining"] = str(usage.remaining)
            headers["X-RateLimit-Reset"] = str(int(usage.resets_at * 1000))
        return response

    def _apply_wait(self, hold: Hold, request: Request, response: HttpResponse) -> None:
        """Let the web server hold back a 304 until something changes.

        A client that sends no version gets the current one at once.
        """
        seconds = wait_seconds(request.META.get("HTTP_PREFER", ""))
        if seconds is None or not self.topics or response.status_code not in (200, 304):
            return
        response.headers["Preference-Applied"] = f"wait={seconds}"
        if response.status_code == 304:
            hold.topics, hold.seconds = self.topics, seconds
            hold.caller, hold.usage = str(request.user.pk), self.usage
