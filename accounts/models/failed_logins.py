"""Failed logins under a name of ours; django-axes writes and reads them."""

from __future__ import annotations

from axes.models import AccessAttempt
from django.utils.translation import gettext_lazy as _


class FailedLogin(AccessAttempt):
    """How often one account was tried in vain from one address."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("failed login")
        verbose_name_plural = _("failed logins")
