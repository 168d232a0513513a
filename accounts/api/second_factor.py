"""Two-factor check of API calls (wire-api.md 5)."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from rest_framework.request import Request

from accounts.api.callers import caller_of, credentials_of
from accounts.errors import (
    SecondFactorInvalidError,
    SecondFactorRequiredError,
    TooManyCodesError,
)
from accounts.services.logins import confirm_password, demand_second_factor
from config.api.errors import TooManyRequestsError
from config.api.views import ApiView
from config.api.wire import JSONDict

_TOTP: Final = "totp"
_PASSWORD: Final = "password"  # noqa: S105 - the name of a method
TOTP_DETAILS: Final[JSONDict] = {
    "method": _TOTP,
    "codeGenerated": False,
    "availableMethods": [_TOTP],
}
_PASSWORD_DETAILS: Final[JSONDict] = {
    "method": _PASSWORD,
    "codeGenerated": False,
    "availableMethods": [],
}


class SecondFactorView(ApiView):
    """An endpoint that requires the caller's second factor.

    Users with an authenticator app send a code. Others send the password's SHA-256 in
    lower-case hex if TWO_FACTOR_BY_PASSWORD is on. Tokens with the bypass flag skip the
    check.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the second factor after all other checks."""
        super().initial(request, *args, **kwargs)
        if credentials_of(request).bypasses_two_factor:
            return
        try:
            has_code = demand_second_factor(
                request._request, caller_of(request), _sent_code(request, _TOTP)
            )
        except TooManyCodesError as error:
            raise TooManyRequestsError(error.wait_seconds) from error
        except (SecondFactorRequiredError, SecondFactorInvalidError) as error:
            raise type(error)(details=TOTP_DETAILS) from error
        if not has_code and settings.TWO_FACTOR_BY_PASSWORD:
            self._check_password(request)

    def _check_password(self, request: Request) -> None:
        code = _sent_code(request, _PASSWORD)
        if not code:
            raise SecondFactorRequiredError(details=_PASSWORD_DETAILS)
        if not confirm_password(request._request, caller_of(request), code):
            raise SecondFactorInvalidError(details=_PASSWORD_DETAILS)


def _sent_code(request: Request, method: str) -> str:
    """Return the code for the method; empty if the request names another method."""
    if request.META.get("HTTP_X_2FA_METHOD", method) != method:
        return ""
    code: str = request.META.get("HTTP_X_2FA_CODE", "")
    return code
