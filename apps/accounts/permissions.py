"""Who may do what: the whole of it on one screen."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Self

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase


class Permission(StrEnum):
    """One thing that a member may do. Whether an object is theirs to touch is the QuerySet's question."""

    words: str  # as the page "who may do what" says it

    WATCHLIST_EDIT = "watchlist.edit", "Make and edit watchlists"
    PORTFOLIO_EDIT = "portfolio.edit", "Make and edit portfolios"
    TRANSACTION_CREATE = "transaction.create", "Record transactions"
    REPORT_CREATE = "report.create", "Make reports"
    MEMBER_MANAGE = "member.manage", "Invite, change and remove members up to their own role"
    MEMBER_ERASE = "member.erase", "Erase a removed member's personal data"
    HOUSE_EDIT = "house.edit", "Edit the organization's settings and brand"
    POLICY_EDIT = "policy.edit", "Decide how members sign in"
    SUPPORT_DECIDE = "support.decide", "Let an operator of the platform look in"
    AUDIT_READ = "audit.read", "Read and export the audit log"
    ORGANIZATION_EXPORT = "organization.export", "Export the whole organization"

    def __new__(cls, value: str, words: str) -> Self:
        """Is the string `value`, and knows its words."""
        permission = str.__new__(cls, value)
        permission._value_ = value
        permission.words = words
        return permission


class Role(StrEnum):
    """A member's place in the firm, from the highest to the lowest."""

    OWNER = "owner"
    ADMIN = "admin"
    ANALYST = "analyst"
    VIEWER = "viewer"

    def reaches(self, other: "Role") -> bool:
        """True if this role stands where `other` does, or higher."""
        order = list(Role)
        return order.index(self) <= order.index(other)


_ANALYST = {
    Permission.WATCHLIST_EDIT,
    Permission.PORTFOLIO_EDIT,
    Permission.TRANSACTION_CREATE,
    Permission.REPORT_CREATE,
}
_ADMIN = {
    *_ANALYST,
    Permission.MEMBER_MANAGE,
    Permission.HOUSE_EDIT,
    Permission.SUPPORT_DECIDE,
    Permission.AUDIT_READ,
}
ROLES: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset({*_ADMIN, Permission.MEMBER_ERASE, Permission.POLICY_EDIT, Permission.ORGANIZATION_EXPORT}),
    Role.ADMIN: frozenset(_ADMIN),
    Role.ANALYST: frozenset(_ANALYST),
    Role.VIEWER: frozenset(),
}


def require[**P, R: HttpResponseBase](permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view that answers 403 to members whose role lacks `permission`."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            request: Any = args[0]
            if not request.user.may(permission):
                raise PermissionDenied(f"Your role does not include {permission}.")
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # what tests/contracts derives its expectations from
        return guarded

    return decorate
