"""URLs of the account pages, below /admin/account/."""

from __future__ import annotations

from django.urls import path

from accounts.admin.account import access, overview, two_factor

app_name = "account"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("password/", access.change_password, name="password"),
    path("tokens/add/", access.create_token, name="token_add"),
    path("tokens/<int:token_id>/renew/", access.renew_token, name="token_renew"),
    path("tokens/<int:token_id>/end/", access.end_token, name="token_end"),
    path("sessions/end-others/", access.end_other_sessions, name="sessions_end"),
    path("sessions/<str:reference>/end/", access.end_session, name="session_end"),
    path("verify/", two_factor.verify, name="verify"),
    path("two-factor/", two_factor.set_up, name="two_factor_setup"),
    path("two-factor/codes/", two_factor.renew_codes, name="two_factor_codes"),
    path("two-factor/disable/", two_factor.disable, name="two_factor_disable"),
]
