"""The operator sees the platform's staff; the people of an organization are its owner's."""

from django.contrib import admin

from apps.accounts.models import User


@admin.register(User)
class OperatorAdmin(admin.ModelAdmin[User]):
    """Operators are made by `manage.py create_operator`."""

    list_display = ("email", "name", "is_active", "last_login")
    readonly_fields = ("email", "last_login", "joined_at")
    fields = ("email", "name", "is_active", "last_login", "joined_at")

    def has_add_permission(self, request: object) -> bool:
        """By command only: it asks for a password that passes the validators."""
        return False
