"""Who may do what: the whole of it on one screen."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase


class Permission(StrEnum):
    """One thing that a member may do. Whether an object is theirs to touch is the QuerySet's question."""

    WATCHLIST_EDIT = "watchlist.edit"
    PORTFOLIO_EDIT = "portfolio.edit"
    TRANSACTION_CREATE = "transaction.create"
    REPORT_CREATE = "report.create"
    MEMBER_MANAGE = "member.manage"
    HOUSE_EDIT = "house.edit"
    POLICY_EDIT = "policy.edit"
    SUPPORT_DECIDE = "support.decide"
    AUDIT_READ = "audit.read"
    ORGANIZATION_EXPORT = "organization.export"


class Role(StrEnum):
    """A member's place in the firm, from the highest to the lowest."""

    OWNER = "owner"
    ADMIN = "admin"
    ANALYST = "analyst"
    VIEWER = "viewer"


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
    Role.OWNER: frozenset({*_ADMIN, Permission.POLICY_EDIT, Permission.ORGANIZATION_EXPORT}),
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

        return guarded

    return decorate
