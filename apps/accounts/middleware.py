"""What the choices of a member and of the house mean for a request: clock, brand, and where a visitor may not go."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from apps.accounts.services import surroundings

GetResponse = Callable[[HttpRequest], HttpResponse]


class MemberMiddleware:
    """Pages show times in the member's (or operator's) time zone and carry the organization's brand."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """`request.surroundings` is asked for when a page shows it; the public host has none."""
        if hasattr(request, "organization"):
            request.surroundings = SimpleLazyObject(surroundings)  # type: ignore[attr-defined]
        with _clock_of(request):
            return self.get_response(request)


def _clock_of(request: HttpRequest) -> AbstractContextManager[None]:
    """A zone that this machine does not know any more shows UTC."""
    if not request.user.is_authenticated:
        return nullcontext()
    try:
        return timezone.override(ZoneInfo(request.user.timezone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return nullcontext()
