"""Addresses of sign-in and sign-out: of an organization's members, and of operators on the public host."""

from django.urls import path

from apps.accounts.views import reauthenticate, sign_in

everywhere = [
    path("login/", sign_in.login, name="login"),
    path("logout/", sign_in.logout, name="logout"),
    path("reauthenticate/", reauthenticate.by_password, name="account_reauthenticate"),
]
urlpatterns = everywhere
