"""Services of two-factor authentication: set up, disable, reset, recovery codes."""

from __future__ import annotations

import base64
import secrets
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.auth.encryption import UnreadableSecretError, decrypt, encrypt
from accounts.auth.rights import ensure_may_manage
from accounts.auth.two_factor import matching_step, recovery_code_digest
from accounts.errors import (
    SecondFactorInvalidError,
    TwoFactorAlreadyEnabledError,
    TwoFactorNotEnabledError,
)
from accounts.models import (
    ActivityEntry,
    AuthToken,
    RecoveryCode,
    Session,
    TwoFactorDevice,
    User,
)
from accounts.services.activity import Author, State, record_change
from accounts.services.tokens import end_tokens

_SECRET_BYTES: Final = 20
RECOVERY_CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_HALF: Final = 6


def begin_setup(*, user: User) -> TwoFactorDevice:
    """Return the user's unconfirmed device with a readable secret.

    Raises:
        TwoFactorAlreadyEnabledError: The user has a confirmed device.
    """
    device = TwoFactorDevice.objects.filter(user=user).first()
    if device is not None and device.confirmed_at is not None:
        raise TwoFactorAlreadyEnabledError
    if device is not None and _is_readable(device):
        return device
    TwoFactorDevice.objects.filter(user=user, confirmed_at=None).delete()
    secret = encrypt(secrets.token_bytes(_SECRET_BYTES))
    try:
        with transaction.atomic():
            return TwoFactorDevice.objects.create(user=user, secret=secret)
    except IntegrityError:  # created by a concurrent request
        return TwoFactorDevice.objects.get(user=user)


def typed_secret(device: TwoFactorDevice) -> str:
    """Return the secret in base32, for manual entry into an app."""
    return base64.b32encode(decrypt(device.secret)).decode()


@transaction.atomic
def confirm_setup(
    *, device: TwoFactorDevice, code: str, session_key: str, by: Author
) -> list[str]:
    """Enable the second factor with the first code and return the recovery codes.

    Login tokens and other browser sessions end, because they were opened with the
    password alone. Personal access tokens stay.

    Args:
        device: The unconfirmed device.
        code: The code from the app.
        session_key: The stored key of the session to keep.
        by: The author of the change.

    Raises:
        SecondFactorInvalidError: The code is wrong.
        TwoFactorAlreadyEnabledError: A concurrent request enabled it.
    """
    step = matching_step(device, code.replace(" ", ""))
    if step is None:
        raise SecondFactorInvalidError
    confirmed = TwoFactorDevice.objects.filter(pk=device.pk, confirmed_at=None).update(
        confirmed_at=timezone.now(), last_step=step
    )
    if not confirmed:
        raise TwoFactorAlreadyEnabledError
    _end_logins(device.user, by=by, except_session=session_key)
    _record(device.user, by, enabled=True)
    return _new_codes(device)


@transaction.atomic
def renew_recovery_codes(*, device: TwoFactorDevice, by: Author) -> list[str]:
    """Replace all recovery codes and return the new ones."""
    codes = _new_codes(device)
    record_change(
        ActivityEntry.Subject.USER,
        str(device.user),
        by=by,
        before={"recovery codes": "old"},
        after={"recovery codes": "renewed"},
    )
    return codes


@transaction.atomic
def disable_two_factor(*, user: User, by: Author) -> None:
    """Remove the user's second factor.

    Raises:
        TwoFactorNotEnabledError: The user has none.
        ActionNotAllowedError: The user holds a permission that the actor lacks.
    """
    ensure_may_manage([user], by=by)
    _rows, counts = TwoFactorDevice.objects.filter(user=user).delete()
    if not counts.get(TwoFactorDevice._meta.label):
        raise TwoFactorNotEnabledError
    _record(user, by, enabled=False)


@transaction.atomic
def reset_two_factor(*, user: User, by: Author) -> None:
    """Remove another user's second factor and end the user's logins.

    Raises:
        TwoFactorNotEnabledError: The user has none.
        ActionNotAllowedError: The user holds a permission that the actor lacks.
    """
    disable_two_factor(user=user, by=by)
    _end_logins(user, by=by)


def _end_logins(user: User, *, by: Author, except_session: str = "") -> None:
    tokens = AuthToken.objects.filter(user=user, kind=AuthToken.Kind.LOGIN)
    end_tokens(tokens, by=by)
    sessions: Any = Session.objects.filter(user=user)
    sessions.exclude(pk=except_session).delete()


def _new_codes(device: TwoFactorDevice) -> list[str]:
    device.recovery_codes.all().delete()
    codes = [
        "".join(secrets.choice(_ALPHABET) for _ in range(2 * _HALF))
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(device=device, digest=recovery_code_digest(code)) for code in codes
    )
    return [f"{code[:_HALF]}-{code[_HALF:]}" for code in codes]


def _is_readable(device: TwoFactorDevice) -> bool:
    try:
        decrypt(device.secret)
    except UnreadableSecretError:
        return False
    return True


def _record(user: User, by: Author, *, enabled: bool) -> None:
    record_change(
        ActivityEntry.Subject.USER,
        str(user),
        by=by,
        before=_state(not enabled),
        after=_state(enabled),
    )


def _state(is_enabled: bool) -> State:
    return {"two-factor authentication": is_enabled}
