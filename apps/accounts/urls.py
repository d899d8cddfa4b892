"""Addresses of sign-in and sign-out."""

from django.urls import path

from apps.accounts.views import sign_in

urlpatterns = [
    path("login/", sign_in.login, name="login"),
    path("logout/", sign_in.logout, name="logout"),
]
