"""One page with one query, under the same WSGI server with a thread a connection, in three ways.

`python -m benchmarks.peers.threads WAY PORT`: `tenant` (both locks), `tenant` with DB_LOGIN=owner (search_path only),
`plain` (Django as it comes, in the schema that SCHEMA names).
"""

import os
import sys
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

QUERY = "SELECT email, name, role FROM accounts_user ORDER BY email LIMIT 20"
COMMON = "django.middleware.common.CommonMiddleware"


def page(request: HttpRequest) -> HttpResponse:
    """Whose rows these are, the connection decides."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        rows = cursor.fetchall()
    return HttpResponse("\n".join(f"<p>{email} {name} {role}</p>" for email, name, role in rows))


urlpatterns = [path("", page)]


def configure(way: str) -> None:
    """The product's own settings with the middlewares of an organization alone, or Django's with none of ours."""
    if way == "plain":
        settings.configure(**_plain())
        django.setup()
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    wanted = ("HostMiddleware", "OrganizationMiddleware")
    ours = [name for name in settings.MIDDLEWARE if name.startswith("apps.tenants.") and name.endswith(wanted)]
    settings.MIDDLEWARE = [*ours, COMMON]
    settings.ROOT_URLCONF = settings.PUBLIC_SCHEMA_URLCONF = __spec__.name


def _plain() -> dict[str, Any]:
    from psycopg.conninfo import conninfo_to_dict

    login = conninfo_to_dict(os.environ["OWNER_DATABASE_URL"])
    database = {name.upper(): str(login.get(name, "")) for name in ("user", "password", "host", "port")}
    database |= {"ENGINE": "django.db.backends.postgresql", "NAME": str(login["dbname"])}
    options = {"options": f"-c search_path={os.environ['SCHEMA']}"}
    kept: dict[str, Any] = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
    return {
        "SECRET_KEY": "peer",
        "ALLOWED_HOSTS": ["*"],
        "ROOT_URLCONF": __spec__.name,
        "MIDDLEWARE": [COMMON],
        "USE_TZ": True,
        "DATABASES": {"default": database | kept},
    }


def serve(port: int) -> None:
    """Django's own threaded server, silent."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        disable_nagle_algorithm = True  # head and body are two writes: the second would wait for an acknowledgement

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
            """A line a request would be measured too."""

    server = ThreadedWSGIServer(("127.0.0.1", port), Quiet)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    server.serve_forever()


if __name__ == "__main__":
    configure(sys.argv[1])
    serve(int(sys.argv[2]))
