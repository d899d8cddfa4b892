"""What a member's choices mean for a request: the clock that times are shown by."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]


class MemberClockMiddleware:
    """Pages show times in the time zone of the member (an operator's on the public host)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A zone that this machine does not know any more shows UTC."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(_zone(request.user.timezone)):
            return self.get_response(request)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
