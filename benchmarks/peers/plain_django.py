"""The limit of a page: plain Django with one query, a bare template and no middleware but the length header.

Daphne serves `application` with the arguments of the product's own web process; PAGE_BYTES is the size of our page.
"""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.urls import path
from psycopg.conninfo import conninfo_to_dict

_login = conninfo_to_dict(os.environ["DATABASE_URL"])

if not settings.configured:
    settings.configure(
        SECRET_KEY="peer",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": _login["dbname"],
                "USER": _login.get("user", ""),
                "PASSWORD": _login.get("password", ""),
                "HOST": _login.get("host", ""),
                "PORT": str(_login.get("port", "")),
                "OPTIONS": {"pool": {"min_size": 1, "max_size": int(os.environ.get("DB_POOL", "12"))}},
            }
        },
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).with_name("pages")]}
        ],
    )
    django.setup()

COLUMNS = ("symbol", "name", "price", "change", "percent", "rsi14", "signal", "sentiment", "as_of")
QUERY = """
SELECT i.symbol, i.name, q.price, q.price - q.previous_close, q.price / q.previous_close - 1, q.rsi14, q.signal,
       q.sentiment, q.as_of
FROM market_quote q JOIN market_instrument i ON i.id = q.instrument_id WHERE i.symbol = ANY(%s) ORDER BY i.symbol
"""
SYMBOLS = os.environ["STARTER_SYMBOLS"].split(",")
PAGE_BYTES = int(os.environ["PAGE_BYTES"])


def page(request: HttpRequest) -> HttpResponse:
    """The watched rows, filled up to our page's size."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY, [SYMBOLS])
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    text = get_template("page.html").render({"rows": rows})
    return HttpResponse(text.ljust(PAGE_BYTES))


urlpatterns = [path("", page)]
application = get_asgi_application()
