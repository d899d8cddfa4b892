"""What a view says about who may ask it what, read from its decorators: expectations are derived, not typed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern

from apps.accounts.permissions import ROLES, Permission, Role

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ANSWERED = frozenset(
    {200, 204, 302, 303, 400, 404, 409, 410, 422, 429}
)  # by the view itself: neither refused nor broken


@dataclass(frozen=True, slots=True)
class Guard:
    """Of one address."""

    methods: frozenset[str]
    permission: Permission | None
    is_open: bool  # to the anonymous
    is_class: bool  # whose dispatch() may answer or refuse before it looks at the method

    def statuses(self, method: str, role: Role | None) -> frozenset[int]:
        """Which answers are right for somebody with this role (None: nobody is signed in)."""
        if role is None and not self.is_open:
            return frozenset({302})
        lacks = role is not None and self.permission is not None and self.permission not in ROLES[role]
        if method not in self.methods:
            return frozenset({405} | ({403} if lacks else set()) | ({200, 302} if self.is_class else set()))
        return frozenset({403}) if lacks else ANSWERED | ({405} if self.is_class else set())


def guard_of(pattern: URLPattern) -> Guard:
    """Of its decorators the innermost that limits methods counts last, as Django asks them."""
    view = pattern.callback
    methods = frozenset(METHODS)
    for layer in _layers(view):
        if (found := _closed_over(layer, "request_method_list")) is not None:
            methods &= frozenset(found)
    if (kind := getattr(view, "view_class", None)) is not None:
        answers = {name.upper() for name in kind.http_method_names if hasattr(kind, name)}
        methods &= answers | ({"HEAD"} if "GET" in answers else set())
    permission = getattr(view, "permission", None)
    is_open = getattr(view, "login_required", True) is False
    return Guard(methods, permission, is_open, is_class=kind is not None)


def _layers(view: Any) -> Iterator[Any]:
    while view is not None:
        yield view
        view = getattr(view, "__wrapped__", None)


def _closed_over(function: Any, name: str) -> Any:
    code = getattr(function, "__code__", None)
    if code is None or name not in code.co_freevars:
        return None
    return function.__closure__[code.co_freevars.index(name)].cell_contents
