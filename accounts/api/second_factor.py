"""The second factor that some calls ask for (wire-api.md 5)."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from rest_framework.request import Request

from accounts.api.callers import caller_of, credentials_of
from accounts.errors import SecondFactorInvalidError, SecondFactorRequiredError
from accounts.services.logins import confirm_password
from config.api.views import ApiView
from config.api.wire import JSONDict

_METHOD: Final = "password"
_DETAILS: Final[JSONDict] = {
    "method": _METHOD,
    "codeGenerated": False,
    "availableMethods": [],
}


class SecondFactorView(ApiView):
    """An endpoint that asks for the password again, if TWO_FACTOR_BY_PASSWORD is on.

    The code is the password's SHA-256 in lower hex. A token that was made to skip the
    second factor does.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the second factor last."""
        super().initial(request, *args, **kwargs)
        if (
            not settings.TWO_FACTOR_BY_PASSWORD
            or credentials_of(request).bypasses_two_factor
        ):
            return
        code = request.META.get("HTTP_X_2FA_CODE", "")
        if not code or request.META.get("HTTP_X_2FA_METHOD", _METHOD) != _METHOD:
            raise SecondFactorRequiredError(details=_DETAILS)
        if not confirm_password(request._request, caller_of(request), code):
            raise SecondFactorInvalidError
