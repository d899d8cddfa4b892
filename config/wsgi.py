"""Pages under a WSGI server (production); the live socket has its own process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from apps.market.models import finding  # noqa: E402
from apps.tenants.backend.identity import require_own_servers  # noqa: E402

require_own_servers()
finding.serve()
