"""Addresses of sign-up, on the public host."""

from django.urls import path

from apps.accounts.views import sign_up

urlpatterns = [
    path("", sign_up.sign_up, name="sign_up"),
    path("sent/", sign_up.sign_up_sent, name="sign_up_sent"),
    path("confirm/", sign_up.sign_up_confirm, name="sign_up_confirm"),
]
