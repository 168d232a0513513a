"""Proxy for the failed logins of django-axes."""

from __future__ import annotations

from axes.models import AccessAttempt
from django.utils.translation import gettext_lazy as _


class FailedLogin(AccessAttempt):
    """The failed logins to one account from one address."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("failed login")
        verbose_name_plural = _("failed logins")
