"""A stranger founds an organization: the wish is written down, and a link is mailed."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse

from apps.accounts.models import OutgoingMail
from apps.accounts.services.mail import queue_mail
from apps.tenants.models import url_of
from apps.tenants.services import open_sign_up
from apps.tenants.services.entrances import SIGN_UP


@transaction.atomic
def request_sign_up(*, name: str, subdomain: str, email: str, owner_name: str, password: str) -> OutgoingMail:
    """The mail with the link; nothing is made before it is confirmed. In `public`."""
    sign_up, token = open_sign_up(
        name=name, subdomain=subdomain, email=email, owner_name=owner_name, password_hash=make_password(password)
    )
    path = reverse("sign_up_confirm", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    ctx = {
        "organization": sign_up.name,
        "host": f"{sign_up.subdomain}.{settings.BASE_DOMAIN}",
        "link": f"{url_of(settings.BASE_DOMAIN).removesuffix('/')}{path}?{urlencode({'token': token})}",
        "hours": SIGN_UP // timedelta(hours=1),
    }
    return queue_mail(
        email, subject=f"Confirm {sign_up.name}", template="accounts/mail/sign_up.html", ctx=ctx, valid_for=SIGN_UP
    )
