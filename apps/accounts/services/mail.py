"""What happens to a mail: promised, claimed, handed over, or given up."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.mail import Letter, compose
from apps.accounts.models import OutgoingMail
from apps.tenants.sealing import SealBrokenError, seal, unseal

MOST_ATTEMPTS = 8
KEPT = timedelta(days=30)
_PURPOSE = "outgoing mail"


def queue_mail(
    to: str, *, subject: str, template: str, ctx: Mapping[str, Any], valid_for: timedelta = timedelta(days=3)
) -> OutgoingMail:
    """Promises a mail in the caller's transaction and schema; the shell then calls `actors.send_mail(row)`.

    It is written here and kept sealed, so a link's token lies nowhere in clear.
    """
    letter = compose(subject=subject, template=template, ctx=ctx)
    return OutgoingMail.objects.create(
        to=to,
        kind=template.rpartition("/")[2].removesuffix(".html"),
        sealed=seal(letter.as_json(), _PURPOSE),
        expires_at=timezone.now() + valid_for,
    )


@transaction.atomic
def claim_mail(pk: UUID | str) -> tuple[OutgoingMail, Letter] | None:
    """The mail, for the one who is to send it now; None when it is sent, given up, or in somebody's hands.

    The attempt is counted before it is made: a mail that kills its worker is given up, too.
    """
    mail = OutgoingMail.objects.due().select_for_update(skip_locked=True).filter(pk=pk).first()
    if mail is None:
        return None
    if mail.attempts >= MOST_ATTEMPTS or mail.expires_at <= timezone.now():
        give_up_mail(mail)
        return None
    mail.attempts += 1
    mail.due_at = timezone.now() + mail.pause
    mail.save(update_fields=["attempts", "due_at"])
    try:
        return mail, Letter.from_json(unseal(mail.sealed, _PURPOSE))
    except SealBrokenError:  # the installation's key was changed meanwhile: nobody can read it any more
        give_up_mail(mail)
        return None


def finish_mail(mail: OutgoingMail) -> None:
    """The mail server took it: its content is forgotten."""
    OutgoingMail.objects.pending().filter(pk=mail.pk).update(sent_at=timezone.now(), sealed="")


def give_up_mail(mail: OutgoingMail) -> None:
    """Refused for good, too late, or tried often enough."""
    OutgoingMail.objects.pending().filter(pk=mail.pk).update(gave_up_at=timezone.now(), sealed="")


def forget_old_mail() -> int:
    """Who was written to is forgotten after a month; the number of rows that went."""
    return OutgoingMail.objects.done_before(timezone.now() - KEPT).delete()[0]


def message_id_of(mail: OutgoingMail) -> str:
    """The same for every attempt, so that a mailbox can tell a repetition."""
    return f"<{mail.pk}@{settings.BASE_DOMAIN}>"
