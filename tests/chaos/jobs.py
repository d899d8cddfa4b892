"""Jobs for the real worker: links that are mailed, and reports; what became of them is read where it was left."""

import time
from collections import Counter
from email import message_from_bytes, policy
from pathlib import Path
from random import Random
from threading import Lock
from uuid import UUID

from django.conf import settings
from django.db import connections
from django_tenants.utils import tenant_context

from apps.accounts.actors import mail_reset_link
from apps.accounts.models import User
from apps.portfolio.models import Portfolio
from apps.reports.actors import send_report
from apps.reports.models import Report, Status
from apps.reports.services import request_report
from tests.chaos.houses import House, key_of
from tests.chaos.tally import Tally
from tests.chaos.words import words

REPORT_EVERY = 100  # jobs: a PDF takes as long as a hundred mails
PATIENCE = 300
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # Django's mail files: one after the other


class Jobs:
    """What was asked for, by house."""

    def __init__(self) -> None:
        self.mails: Counter[str] = Counter()
        self.reports: list[tuple[House, UUID]] = []
        self._lock = Lock()

    def send(self, number: int, house: House, rng: Random) -> None:
        """A person with this e-mail is at every house; who asks is this one."""
        with tenant_context(house.organization):
            if number % REPORT_EVERY == 0:
                self._send_report(house)
                return
            mailbox = rng.choice(house.mailboxes)
            mail_reset_link.send(mailbox)
        with self._lock:
            self.mails[mailbox] += 1

    def _send_report(self, house: House) -> None:
        report = request_report(
            portfolio=Portfolio.objects.filter(shared=True).earliest("pk"), by=User.objects.get(pk=key_of(0))
        )
        send_report(report)
        connections.close_all()
        with self._lock:
            self.reports.append((house, report.pk))

    def collect(self, houses: list[House], tally: Tally) -> None:
        """Waits until the worker is through, then searches everything that it made."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit and (len(_mails()) < self.mails.total() or self._pending()):
            time.sleep(1)
        owner = {mailbox: house for house in houses for mailbox in house.mailboxes}
        arrived: Counter[str] = Counter()
        for to, text in _mails():
            arrived[to] += 1
            tally.scan("jobs", owner[to], text, f"mail to {to}")
        tally.unseen += [f"mails to {to}: {arrived[to]} of {sent}" for to, sent in self.mails.items()
                         if arrived[to] != sent]  # fmt: skip
        for house, key in self.reports:
            tally.scan("jobs", house, _built(house, key), f"report {key}")

    def _pending(self) -> bool:
        return any(_built(house, key) == "" for house, key in self.reports)


def _mails() -> list[tuple[str, str]]:
    """(to, everything that it says)."""
    raws = [raw for path in Path(settings.MAIL_DIR).iterdir() for raw in path.read_bytes().split(BETWEEN)]
    found = []
    for raw in filter(bytes.strip, raws):
        message = message_from_bytes(raw.lstrip(), policy=policy.default)
        bodies = [part.get_content() for part in message.walk() if not part.is_multipart()]
        found.append((str(message["To"]), "\n".join([str(message.items()), *bodies])))
    return found


def _built(house: House, key: UUID) -> str:
    """The words of its file; empty while there is none."""
    with tenant_context(house.organization):
        report = Report.objects.get(pk=key)
        if report.status != Status.READY:
            return ""
        with report.file.open("rb") as file:
            return words(file.read(), "application/pdf")
