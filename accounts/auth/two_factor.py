"""Two-factor authentication: state of a user and verification of codes."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import user_login_failed
from django.utils import timezone
from django_otp.oath import TOTP

from accounts.auth.encryption import UnreadableSecretError, decrypt, keyed_digest
from accounts.auth.login_limits import account_key, count_failure
from accounts.errors import SecondFactorInvalidError, TooManyCodesError
from accounts.models import Role, TwoFactorDevice, User

DIGITS: Final = 6
_DRIFT_STEPS: Final = 1
"""Clocks may differ by one step of 30 seconds."""
_FREE_FAILURES: Final = 5
_LONGEST_WAIT: Final = 3600
"""Seconds."""
_LONGEST_CODE: Final = 40
_CODE: Final = re.compile(r"[0-9]{6}", re.ASCII)
_SEPARATORS: Final = str.maketrans("", "", " -")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TwoFactorState:
    """Two-factor state of a user."""

    device: TwoFactorDevice | None
    """The confirmed device."""
    is_required: bool
    """Whether one of the user's roles requires a second factor."""

    @property
    def needs_setup(self) -> bool:
        """Whether the user must set up a second factor before anything else."""
        return self.is_required and self.device is None


def two_factor_state(user: User) -> TwoFactorState:
    """Return the user's two-factor state. Runs two queries."""
    device = TwoFactorDevice.objects.confirmed().filter(user_id=user.pk).first()
    return TwoFactorState(device, Role.objects.requiring_two_factor(user).exists())


def state_of_session(user: User) -> TwoFactorState:
    """Return the two-factor state for a session's user, without a query.

    `UserQuerySet.for_session` loads the data together with the user.
    """
    required: bool | None = getattr(user, "demands_two_factors", None)
    if required is None:
        return two_factor_state(user)
    device = getattr(user, "two_factor_device", None)
    is_confirmed = device is not None and device.confirmed_at is not None
    return TwoFactorState(device if is_confirmed else None, required)


def check_code(request: Any, user: User, device: TwoFactorDevice, code: str) -> None:
    """Verify an app code or a recovery code. Each code is accepted once.

    Attempts are counted before the code is checked. After several consecutive wrong
    codes the delay doubles with each attempt, per user and for all addresses together.

    Raises:
        SecondFactorInvalidError: The code is wrong or was already used.
        TooManyCodesError: There were too many wrong codes.
    """
    now = timezone.now()
    _ensure_no_wait(device)
    if not TwoFactorDevice.objects.count_attempt(device, now):
        raise TooManyCodesError(1)
    if not _accept(device, code):
        # Counted and logged like a wrong password.
        user_login_failed.send(
            sender=__name__, credentials={"username": user.username}, request=request
        )
        count_failure(request, account_key(user, ""))
        raise SecondFactorInvalidError


def matching_step(device: TwoFactorDevice, code: str) -> int | None:
    """Return the time step that the code belongs to, or `None`."""
    if not _CODE.fullmatch(code):
        return None
    try:
        totp = TOTP(decrypt(device.secret), digits=DIGITS)
    except UnreadableSecretError:
        _log.error(
            "The second factor of %s can't be decrypted: TOTP_ENCRYPTION_KEY or"
            " SECRET_KEY has changed. manage.py reset_two_factor removes it.",
            device.user_id,
        )
        return None
    is_right = totp.verify(int(code), _DRIFT_STEPS, min_t=device.last_step + 1)
    return int(totp.t()) if is_right else None


def recovery_code_digest(code: str) -> str:
    """Return the digest of a recovery code for the database."""
    return keyed_digest("recovery codes", code)


def _accept(device: TwoFactorDevice, code: str) -> bool:
    if len(code) > _LONGEST_CODE:
        return False
    code = code.translate(_SEPARATORS).lower()
    step = matching_step(device, code)
    if step is not None:
        return TwoFactorDevice.objects.accept_step(device, step)
    unused = device.recovery_codes.filter(digest=recovery_code_digest(code))
    if unused.filter(used_at=None).update(used_at=timezone.now()) != 1:
        return False
    TwoFactorDevice.objects.filter(pk=device.pk).update(failures=0)
    return True


def _ensure_no_wait(device: TwoFactorDevice) -> None:
    excess = device.failures - _FREE_FAILURES
    if excess < 0 or device.last_attempt_at is None:
        return
    wait = min(2 ** min(excess + 1, 20), _LONGEST_WAIT)
    elapsed = (timezone.now() - device.last_attempt_at).total_seconds()
    if elapsed < wait:
        raise TooManyCodesError(int(wait - elapsed) + 1)
