"""The endpoints around people, each under its wire name."""

from __future__ import annotations

from django.urls import path

from accounts.api.sessions import LoginView, LogoutView, MeView

urlpatterns = [
    path("login", LoginView.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("me", MeView.as_view(), name="me"),
]
