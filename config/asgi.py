"""Pages and the live socket in one process (demo), or the socket alone behind nginx (production)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_pages = get_asgi_application()  # loads the applications, which the imports below need

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from apps.market.models import finding  # noqa: E402
from apps.tenants.asgi import OrganizationAuthMiddleware  # noqa: E402
from apps.tenants.backend.identity import require_own_servers  # noqa: E402
from apps.tenants.live import LiveConsumer  # noqa: E402

require_own_servers()
finding.serve()
application = ProtocolTypeRouter(
    {
        "http": _pages,
        "websocket": OrganizationAuthMiddleware(URLRouter([path("ws/", LiveConsumer.as_asgi())])),
    }
)
