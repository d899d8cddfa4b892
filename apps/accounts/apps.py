"""Accounts: the members of an organization and, in `public`, the platform's operators."""

from django.apps import AppConfig, apps


class AccountsConfig(AppConfig):
    """Its tables exist in every schema."""

    name = "apps.accounts"
    # Which of the tables of people leave with an organization (apps/tenants/services/archives/rules.py).
    archive_rules = {
        "accounts_user": "whole",
        "accounts_house": "whole",
        "accounts_invitation": "whole",
        "accounts_supportgrant": "whole",
        "accounts_auditentry": "grows",
        "accounts_outgoingmail": "stays: mail is sent by the installation that promised it",
        "accounts_knowndevice": "stays: tokens of browsers; people sign in again",
        "accounts_signinprovider": "sealed: single sign-on is set up again, its secret was sealed elsewhere",
        "account_emailaddress": "whole",
        "account_emailconfirmation": "stays: mailed links lead to one installation",
        "mfa_authenticator": "sealed: members add their second factors again, these were sealed elsewhere",
        "socialaccount_socialaccount": "whole",
        "socialaccount_socialapp": "stays: made by the installation",
        "socialaccount_socialtoken": "stays: tokens of another service",
        "usersessions_usersession": "stays: people sign in again",
        "django_session": "stays: people sign in again",
        "django_content_type": "stays: made by the installation",
        "django_migrations": "stays: told in the manifest",
        "auth_group": "stays: not used",
        "auth_group_permissions": "stays: not used",
        "auth_permission": "stays: made by the installation",
    }

    def ready(self) -> None:
        """Operators change people and their sign-in by services: the libraries' own pages would go past them."""
        from django.contrib import admin  # after its own autodiscovery: it stands earlier in the settings

        for label in ("auth", "account", "mfa", "socialaccount", "usersessions"):
            for model in apps.get_app_config(label).get_models():
                if admin.site.is_registered(model):
                    admin.site.unregister(model)
