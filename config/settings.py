"""The only settings: the environment is read once, top to bottom, and loudly."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from environs import Env, validate
from psycopg.conninfo import conninfo_to_dict
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.tenants.backend.pool import reset_connection
from config.mailers import mailers
from config.people import *  # noqa: F403 - constants of sign-in, nothing of the environment

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

# --- the process
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])  # earlier keys: still read, never written with
DEBUG = env.bool("DEBUG", False)
HTTPS = env.bool("HTTPS", False)
PORT = env.int("PORT", 8000)
BASE_DOMAIN = env.str("BASE_DOMAIN", "localhost")
OPERATOR_CONTACT = env.str("OPERATOR_CONTACT", "")  # whom the people of a suspended organization ask
SIGNUP = env.str("SIGNUP", "closed", validate=validate.OneOf(["closed", "open"]))
LOCAL_ROOT = Path(env.str("LOCAL_ROOT", str(BASE_DIR / ".local")))
ALLOWED_HOSTS = [BASE_DOMAIN, f".{BASE_DOMAIN}"]
ROOT_URLCONF = "config.urls"
PUBLIC_SCHEMA_URLCONF = "config.urls_public"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TIME_ZONE = "UTC"

# --- applications
SHARED_APPS = [
    "daphne",
    "apps.tenants",  # before django_tenants: its migrate_schemas also grants
    "django.contrib.admin",  # before django_tenants, whose admin pages carry inline styles
    "django_tenants",
    "apps.market",
    "apps.accounts",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "django_dramatiq",
    "dramatiq_crontab",
]
TENANT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "apps.accounts",
    "apps.portfolio",
    "apps.reports",
]
INSTALLED_APPS = SHARED_APPS + [app for app in TENANT_APPS if app not in SHARED_APPS]
TENANT_MODEL = "tenants.Organization"
TENANT_DOMAIN_MODEL = "tenants.Domain"
# An application in both lists reads `public` when the organization's own table is missing: only these may.
APPS_IN_BOTH = {"contenttypes", "auth", "sessions", "accounts", "account", "mfa", "socialaccount", "usersessions"}
CLOSED_TABLES = {
    *("market_demand", "market_currencydemand", "market_errand", "market_progress", "market_quarantine"),
    *("market_fetch", "market_sourcebudget", "market_sourcestate"),
}
AUDIT = "apps.accounts.services.record_audit"
QUOTA_USAGE = {  # what an organization keeps, counted by the application that keeps it
    "members": "apps.accounts.services.count_members",
    "symbols": "apps.portfolio.services.count_symbols",
    "storage_mb": "apps.reports.services.count_storage_mb",
}
INHERITANCE = ["apps.portfolio.services.inheritance"]  # counts what a leaving member owns alone, and hands it over
PROVISIONING_STEPS = ["apps.accounts.services.add_owner", "apps.portfolio.services.add_starter_watchlist"]
RESTORING_STEPS = ["apps.accounts.services.close_entrances"]

MIDDLEWARE = [
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "apps.tenants.middleware.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.tenants.middleware.OrganizationMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "apps.tenants.middleware.FormTokenMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.tenants.middleware.ExactOriginMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "apps.accounts.middleware.MemberMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "apps.accounts.middleware.SignInPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.tenants.middleware.SignedInPagesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- PostgreSQL: one alias; DB_LOGIN=owner is the login that may make schemas and roles
DB_LOGIN = env.str("DB_LOGIN", "app", validate=validate.OneOf(["app", "owner"]))
DB_POOL = env.int("DB_POOL", 0)  # connections; 0 keeps one a thread (workers, commands)
APP_DATABASE_URL = env.str("DATABASE_URL")
_conninfo = conninfo_to_dict(env.str("OWNER_DATABASE_URL") if DB_LOGIN == "owner" else APP_DATABASE_URL)
_options: dict[str, Any] = {
    key: value for key, value in _conninfo.items() if key not in {"dbname", "user", "password", "host", "port"}
}
if DB_POOL:
    _options["pool"] = {"min_size": 1, "max_size": DB_POOL, "timeout": 10, "reset": reset_connection}
DATABASES = {
    "default": {
        "ENGINE": "apps.tenants.backend",
        "NAME": _conninfo["dbname"],
        "USER": _conninfo.get("user", ""),
        "PASSWORD": _conninfo.get("password", ""),
        "HOST": _conninfo.get("host", ""),
        "PORT": str(_conninfo.get("port", "")),
        "CONN_MAX_AGE": 0 if DB_POOL else 600,
        "CONN_HEALTH_CHECKS": not DB_POOL,
        "OPTIONS": _options,
        # Marks the application login: each organization's work runs as the role <database>_<schema>.
        "ROLE_PREFIX": "" if DB_LOGIN == "owner" else "{database}_",
    }
}
POSTGRES_SYSTEM_ID = env.str("POSTGRES_SYSTEM_ID", "")  # every connection asks for it; a port may be another's
APP_ROLE = str(conninfo_to_dict(APP_DATABASE_URL).get("user", ""))
if not APP_ROLE:
    raise ImproperlyConfigured("DATABASE_URL must name its user: the application's login, not the owner's.")
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_LIMIT_SET_CALLS = True

# --- Valkey: the jobs and the live frames may live on servers of their own
REDIS_URL = env.str("REDIS_URL", "")
BROKER_URL = env.str("BROKER_URL", REDIS_URL) or env.str("BROKER_URL")
LIVE_URL = env.str("LIVE_URL", REDIS_URL) or env.str("LIVE_URL")
VALKEY_RUN_IDS: list[str] = env.list("VALKEY_RUN_IDS", [])  # of the servers that were started with us
_cache: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": LIVE_URL,
    # A server that is away is known at once: who waits for it answers 503, or does without.
    "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)},
}
CACHES = {
    "default": _cache | {"KEY_FUNCTION": "apps.tenants.backend.keys.make_key"},
    "public": _cache | {"KEY_PREFIX": "public"},  # market data and rate limits belong to nobody
}
RATELIMIT_USE_CACHE = "public"
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [LIVE_URL]}}
}
LIVE_TOPICS = {
    "quote": "apps.market.live.QuoteTopic",
    "feed": "apps.market.live.FeedTopic",
    **{form: f"apps.portfolio.live.{form.title()}Topic" for form in ("amounts", "weights")},
    "user": "apps.reports.live.UserTopic",
    "exports": "apps.tenants.live.archives.ExportsTopic",
}
FEED_LABEL = "apps.market.services.feed_label"
LIVE_WINDOW_MS = env.int("LIVE_WINDOW_MS", 200)
DRAMATIQ_BROKER = {
    "BROKER": "apps.tenants.backend.broker.FairBroker",  # organizations take turns in each queue
    # Found again within seconds after a worker's kill -9 (docs/decisions/0004).
    "OPTIONS": {"url": BROKER_URL, "maintenance_chance": 200_000, "heartbeat_timeout": 10_000},
    "MIDDLEWARE": [
        "apps.tenants.tasks.TenantMiddleware",
        "dramatiq.middleware.AgeLimit",
        "dramatiq.middleware.TimeLimit",
        "dramatiq.middleware.ShutdownNotifications",
        "dramatiq.middleware.Callbacks",
        "dramatiq.middleware.Pipelines",
        "dramatiq.middleware.Retries",
        "django_dramatiq.middleware.DbConnectionsMiddleware",
    ],
}
QUEUES = ["quotes", "mail", "demand", "default", "history", "news", "reports", "archives", "fleet"]
DRAMATIQ_AUTODISCOVER_MODULES = ["actors"]
DRAMATIQ_CRONTAB = {"REDIS_URL": BROKER_URL}
SIGNING_BACKEND = "apps.tenants.signing.OrganizationSigner"

# --- people
_networks: list[str] = env.list("OPERATOR_NETWORKS", [])
OPERATOR_NETWORKS = [ip_network(network) for network in _networks]  # empty: from anywhere
SSO_ALLOW_PRIVATE = env.bool("SSO_ALLOW_PRIVATE", False)  # providers on the installation's own network
SOCKET_GUARD = "apps.accounts.services.is_let_in"

# --- the market
MARKET_PROVIDER = env.str("MARKET_PROVIDER", "auto", validate=validate.OneOf(["auto", "yahoo", "replay"]))
REPLAY_DIR = Path(env.str("REPLAY_DIR", str(BASE_DIR / "data" / "replay")))
REPLAY_SPEED = env.float("REPLAY_SPEED", 60.0)  # market seconds a second
BENCHMARK = env.str("BENCHMARK", "SPY")  # what portfolios are held against
STARTER_SYMBOLS = env.list("STARTER_SYMBOLS", ["AAPL", "MSFT", "GOOGL", "AMZN", "TSLA", "NVDA"])
UNIVERSE: list[str] = env.list("UNIVERSE", ["data/universe.csv.gz"])  # files or addresses of lists of everything traded
NEWSAPI_KEY = env.str("NEWSAPI_KEY", "")
RSS_FEEDS: list[str] = env.list("RSS_FEEDS", [], validate=validate.Length(max=100))
RSS_ALLOW_PRIVATE = env.bool("RSS_ALLOW_PRIVATE", False)  # feeds on the installation's own network
CSV_DIR = env.str("CSV_DIR", "")
COMMERCIAL = env.bool("COMMERCIAL", False)  # sources whose terms forbid commercial use are refused
_sources: dict[str, str] = env.dict("SOURCES", {})
SOURCES = {capability: names.split() for capability, names in _sources.items()}
BUDGETS: dict[str, str] = env.dict("BUDGETS", {})  # calls a period by provider, for all processes together
FETCH_DAYS = env.int("FETCH_DAYS", 14)  # how long each call to a source is remembered

# --- files, mail, log
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(LOCAL_ROOT / "static")))
_packages = BASE_DIR / "node_modules"
STATICFILES_DIRS: list[Any] = [BASE_DIR / "static"] + [
    (f"vendor/{name}", _packages / path)
    for name, path in {
        "adminlte": "admin-lte/dist",
        "bootstrap": "bootstrap/dist",
        "bootstrap-icons": "bootstrap-icons/font",
        "inter": "@fontsource-variable/inter",
        "charts": "lightweight-charts/dist",
    }.items()
    if (_packages / path).is_dir()  # the worker and the commands run without front-end packages
]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(LOCAL_ROOT / "media")))
STORAGES = {
    "default": {"BACKEND": "apps.tenants.storage.TenantStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("map", "woff", "woff2", "png", "jpg", "gz", "br")
ARCHIVE_DIR = Path(env.str("ARCHIVE_DIR", str(LOCAL_ROOT / "archives")))
MAIL_DIR = Path(env.str("MAIL_DIR", str(LOCAL_ROOT / "mail")))
MAILERS = mailers(env.str("MAIL_URL", ""), MAIL_DIR)
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", f"no-reply@{BASE_DOMAIN}", validate=validate.Email())
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    # dramatiq repeats a failed job's whole trace at each retry; the last one is told by the job itself.
    "loggers": {name: {"level": "WARNING"} for name in ("exchange_calendars", "fontTools", "apscheduler", "weasyprint")}
    # A refusal is an answer, not a fault: what members may not see or ask for wrongly fills no log.
    | {"django.request": {"level": "ERROR"}},
}

# --- the browser
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    **{kind: [CSP.SELF] for kind in ("font-src", "connect-src", "form-action", "manifest-src")},
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("TRUST_PROXY", False) else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
_cookie_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
DEVICE_COOKIE_NAME = f"{_cookie_prefix}device"
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "apps.tenants.views.form_expired"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
