"""What operators did, to be read: nothing here can be changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.models import AuditEntry, User


class OperatorFilter(admin.SimpleListFilter):
    """By who did it; the commands of the terminal are nobody's."""

    title = "operator"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Everybody who was ever an operator."""
        return [("none", "terminal or system"), *((str(user.pk), user.email) for user in User.objects.all())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """A value that is no operator's finds nothing."""
        chosen = self.value()
        if chosen is None:
            return queryset
        if chosen == "none":
            return queryset.filter(by_id=None)
        return queryset.filter(by_id__in=[user.pk for user in User.objects.all() if str(user.pk) == chosen])


@admin.register(AuditEntry)
class AuditAdmin(admin.ModelAdmin[AuditEntry]):
    """The log of `public`; each organization reads its own."""

    list_display = ("at", "act", "operator", "subject_id", "details", "network")
    list_display_links = None
    list_filter = ("act", OperatorFilter)
    date_hierarchy = "at"
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description="operator")
    def operator(self, entry: AuditEntry) -> str:
        """Looked up when the log is read."""
        person = User.objects.filter(pk=entry.by_id).first() if entry.by_id else None
        return person.email if person else "terminal or system"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """What is done writes itself down."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Written once."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Kept."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Every operator reads it."""
        return request.user.is_active and bool(getattr(request.user, "is_staff", False))
