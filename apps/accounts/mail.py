"""What a mail looks like, and its way out. To promise one: `services.queue_mail(...)`, then `actors.send_mail(row)`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from email.headerregistry import Address
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string

from apps.accounts.models import House

PRODUCT = "Stock Intelligence"
MOST_OF_A_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject, both bodies and who it says it comes from, ready to be sent."""

    subject: str
    sender: str
    text: str
    html: str
    reply_to: str = ""  # where the house's contact is an address

    def as_json(self) -> str:
        """For the row that keeps it until it is sent."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Letter":
        """What `as_json` wrote."""
        return cls(**json.loads(text))


def compose(*, subject: str, template: str, ctx: Mapping[str, Any]) -> Letter:
    """`template` is the HTML page of the mail; the text beside it ends in .txt. Written in the schema in context."""
    house = House.current()
    sender, contact = one_line(house.sender_name) or PRODUCT, one_line(house.contact)
    given = {"sender": sender, "product": PRODUCT, "contact": contact, **ctx}
    text = render_to_string(template.removesuffix(".html") + ".txt", given).strip() + "\n"
    return Letter(
        subject=one_line(subject)[:MOST_OF_A_SUBJECT],
        sender=sender,
        text=f"{text}\nQuestions: {contact}\n" if contact else text,
        html=render_to_string(template, given),
        reply_to=contact if _is_address(contact) else "",
    )


def hand_over(letter: Letter, *, to: str, message_id: str) -> None:
    """To the mail server, once. Raises SMTPException or OSError; the same `message_id` marks a repetition."""
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=str(Address(display_name=letter.sender, addr_spec=settings.DEFAULT_FROM_EMAIL)),
        to=[to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(letter.html, "text/html")
    message.send(using="default")


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def one_line(text: str) -> str:
    """A header holds one line of printable characters, whatever somebody typed as a name."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
