"""Accounts: the members of an organization and, in `public`, the platform's operators."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Its tables exist in every schema."""

    name = "apps.accounts"
