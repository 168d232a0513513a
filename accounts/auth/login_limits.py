"""Limits on password guessing, in addition to the lockout of account and address.

They apply to every kind of login, in all processes of this machine together: failed
attempts per network over all accounts, the same per IPv6 site, failed attempts per
account over all networks, and concurrent password hashes. An attempt is counted before
the hash is computed, and uncounted if it succeeds, so that concurrent attempts can't
exceed a limit.
"""

from __future__ import annotations

import fcntl
import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.errors import NoFreeHashSlotError, TooManyAttemptsError
from accounts.models import User
from config.api.rate_limit import Rate, call_counter
from config.http.client_addresses import client_address, network_of, site_of

_DAY: Final = 24 * 3600
_KNOWN_NETWORK: Final = Rate(1, 90 * _DAY)
_HASHES_PER_NETWORK: Final = Rate(60, 60)
"""Correct passwords count as well, because each costs a hash."""
_SITE_FACTOR: Final = 10
"""Factor of a site's limits to those of a network: subscribers may share a site."""
_RESUMES_PER_NETWORK: Final = Rate(100, 15 * 60)
_LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Attempt:
    """Login attempt, counted as a failure until it succeeds."""

    keys: tuple[str, ...]

    def succeed(self) -> None:
        """Uncount the attempt."""
        for key in self.keys:
            call_counter().give_back(key)

    @contextmanager
    def undone_on_refusal(self) -> Iterator[None]:
        """Uncount the attempt if its password is not checked."""
        try:
            yield
        except TooManyAttemptsError:
            self.succeed()
            raise


def normalized_name(name: str) -> str:
    """Return a normalized name, equal for names that an account may be found by."""
    # Characters beyond the longest possible name are ignored.
    text = unicodedata.normalize("NFKD", name[:_LONGEST_NAME]).casefold()
    marks = (char for char in text if not unicodedata.combining(char))
    return "".join(marks).replace("\0", "").strip()[:_LONGEST_NAME]


def account_key(user: User | None, name: str) -> str:
    """Return the key of the counter: of the account, or of the name without one."""
    if user is not None:
        return f"user {user.pk}"
    return f"name {_bucket_of(normalized_name(name))}"


def begin_attempt(request: Any, account: str) -> Attempt:
    """Count an attempt on an account.

    Args:
        request: The request, for the caller's network.
        account: The key from `account_key`.

    Raises:
        TooManyAttemptsError: A limit is reached; the password must not be checked.
    """
    is_known = _is_known(request, account)
    origins = _origins(request, is_known=is_known)
    _demand_all(
        (f"hashes {origin}", _HASHES_PER_NETWORK.times(factor))
        for origin, factor in origins
    )
    attempt = _demand_all(
        (f"failures from {origin}", _rate_of_network().times(factor))
        for origin, factor in origins
    )
    if is_known:
        # Others can't delay the owner; account and address have a common limit.
        return attempt
    by_account = f"failures of {account}"
    failures = call_counter().calls(by_account)
    if failures >= settings.LOGIN_ACCOUNT_FAILURE_LIMIT:
        with attempt.undone_on_refusal():
            _demand(f"delay of {account}", Rate(1, _delay(failures)))
    call_counter().count(by_account, Rate(settings.LOGIN_ACCOUNT_FAILURE_LIMIT, _DAY))
    return Attempt((*attempt.keys, by_account))


def count_failure(request: Any, account: str) -> None:
    """Count a failure without a hash, such as a wrong code."""
    is_known = _is_known(request, account)
    for origin, factor in _origins(request, is_known=is_known):
        rate = _rate_of_network().times(factor)
        call_counter().count(f"failures from {origin}", rate)
    if not is_known:
        rate = Rate(settings.LOGIN_ACCOUNT_FAILURE_LIMIT, _DAY)
        call_counter().count(f"failures of {account}", rate)


def record_success(request: Any, user: User) -> None:
    """Record the network of a successful login, and end the account's delay."""
    account = account_key(user, "")
    call_counter().count(_known_key(account, _network(request)), _KNOWN_NETWORK)
    forget_failures(account)


def forget_failures(account: str) -> bool:
    """End an account's delay; return whether failures were counted."""
    call_counter().forget(f"delay of {account}")
    return call_counter().forget(f"failures of {account}")


def begin_resume(request: Any) -> Attempt:
    """Count a login with an existing token.

    Sites have no limit here: tokens can't be guessed, and every client sends one.

    Raises:
        TooManyAttemptsError: This network sent too many wrong tokens.
    """
    key = f"resumes from {_network(request)}"
    _demand(key, _RESUMES_PER_NETWORK)
    return Attempt((key,))


@contextmanager
def hash_slot() -> Iterator[None]:
    """Hold one of the machine's slots for computing a password hash.

    A slot is a locked file, which the system releases when the process ends.

    Raises:
        NoFreeHashSlotError: All slots are taken. Waiting would hold a thread.
    """
    descriptor = _take_slot()
    try:
        yield
    finally:
        os.close(descriptor)


def _take_slot() -> int:
    for number in range(settings.LOGIN_HASHES_AT_ONCE):
        path = settings.DATA_DIR / f"login-hash-{number}.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return descriptor
    raise NoFreeHashSlotError


def _demand(key: str, rate: Rate) -> None:
    usage = call_counter().count(key, rate)
    if usage.is_exceeded:
        call_counter().give_back(key)
        raise TooManyAttemptsError(usage.wait_seconds)


def _demand_all(limits: Iterable[tuple[str, Rate]]) -> Attempt:
    """Count one attempt under each key, or under none if a limit is reached."""
    attempt = Attempt(())
    for key, rate in limits:
        with attempt.undone_on_refusal():
            _demand(key, rate)
        attempt = Attempt((*attempt.keys, key))
    return attempt


def _origins(request: Any, *, is_known: bool) -> list[tuple[str, int]]:
    """Return the request's network and site, with the factors of their limits.

    The site does not count for the account's known networks: others can't delay the
    owner, even if they have networks of the same site.
    """
    site = None if is_known else site_of(client_address(request))
    return [(_network(request), 1), *([(site, _SITE_FACTOR)] if site else [])]


def _rate_of_network() -> Rate:
    seconds = settings.LOGIN_LOCKOUT_MINUTES * 60
    return Rate(settings.LOGIN_ADDRESS_FAILURE_LIMIT, seconds)


def _delay(failures: int) -> int:
    """Return the seconds between attempts; doubles with each, up to the lockout."""
    excess = failures - settings.LOGIN_ACCOUNT_FAILURE_LIMIT
    return int(min(2 ** min(excess + 1, 20), settings.LOGIN_LOCKOUT_MINUTES * 60))


def _is_known(request: Any, account: str) -> bool:
    """Return whether the account logged in from this network recently."""
    return call_counter().calls(_known_key(account, _network(request))) > 0


def _known_key(account: str, network: str) -> str:
    return f"known {account} {network}"


def _network(request: Any) -> str:
    return network_of(client_address(request))


def _bucket_of(name: str) -> str:
    """Return one of 2^20 keys, so that invented names can't fill the store.

    The distribution of names depends on the secret key.
    """
    digest = salted_hmac("accounts.guessing", name.encode(errors="replace"))
    return digest.hexdigest()[:5]
