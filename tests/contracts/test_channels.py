"""Everything through which an organization's words leave it: each channel is searched for the neighbour's marks.

The channels are read from the code (kinds of answers, live topics, caches, folders, mailers, log handlers, carriers);
one without a case here fails. Each case finds its own mark, too: what is searched for would have been found.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, cast

import dramatiq
import pytest
import redis
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.mail.backends.filebased import EmailBackend
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.actors import deliver_mail, mail_reset_link
from apps.accounts.colours import accents
from apps.accounts.models import House, OutgoingMail, User
from apps.market.models import Instrument
from apps.tenants.live import push_many
from apps.tenants.live.carrier import CHANNEL
from apps.tenants.live.topics import PUBLIC_KINDS, allowed_cells
from apps.tenants.models import Archive
from config import settings as ours
from tests.chaos.words import words
from tests.conftest import signed_in
from tests.contracts.addresses import NAMES, path_of
from tests.contracts.test_everything_else import topic_of
from tests.contracts.test_exports import built_at
from tests.contracts.test_matrix import HTMX, ask_for, person
from tests.contracts.twins import Twin

pytestmark = pytest.mark.django_db
COLOURS = {"qznorthzq": "#cc2222", "qzsouthzq": "#2222cc"}
SHOWN = {"text/html", "text/html part", "text/css", "image/png", "application/pdf", "application/zip", "text/csv"}
OF_EVERYBODY = {"application/json"}  # is the process well; what a passkey is to sign
READ_ONLY = {
    "BASE_DIR",
    "REPLAY_DIR",
    "CSV_DIR",
    "STATIC_ROOT",
    "LOCAL_ROOT",
}  # folders that no organization writes into
type Case = Callable[[Twin, Twin, Path], str]


def _owner(twin: Twin) -> User:
    return cast(User, person(twin, "owner"))


def _answers(twin: Twin) -> dict[str, str]:
    """Kind -> everything that every address answers its owner, headers (and so the names of files) included."""
    said: dict[str, str] = defaultdict(str)
    built_at(twin)
    with tenant_context(twin.organization):
        house = House.objects.create() if not House.objects.exists() else House.objects.get()
        house.accent_colour = COLOURS[twin.mark]
        house.logo.save("logo.png", ContentFile(twin.mark.encode()))
        client = signed_in(_owner(twin))
        for path in [path_of(name) for name in NAMES]:
            for method, headers in (("GET", {}), ("GET", HTMX), ("POST", {})):
                status, head, body = ask_for(client, method, path, **headers)
                if status == 200:
                    kind = head.get("Content-Type", "").partition(";")[0]
                    said[_kind(kind, body)] += words(body, kind) + str(head)
    return said


def _kind(kind: str, body: bytes) -> str:
    return f"{kind} part" if kind == "text/html" and b"<html" not in body else kind


def _named(css: str) -> str:
    """Each colour by whose it is."""
    for mark, colour in COLOURS.items():
        for shade in accents(colour).values():
            css = css.replace(shade, mark)
    return css


def test_every_kind_of_answer_shows_its_own_marks_only(north: Twin, south: Twin) -> None:
    for twin in (north, south):
        said = _answers(twin)
        assert set(said) == SHOWN | OF_EVERYBODY  # a new kind belongs to one of them
        said["text/css"] = _named(said["text/css"])
        assert {kind for kind, text in said.items() if twin.mark in text} == SHOWN
        assert {kind for kind, text in said.items() if twin.other in text} == set()


def _frame(kind: str, twin: Twin, neighbour: Twin, _: Path) -> str:
    """The member asks for both organizations' topics; schemas are read as marks."""
    user = _owner(twin)
    with tenant_context(twin.organization):
        if kind in PUBLIC_KINDS:
            return str(allowed_cells(user, [f"quote:{Instrument.objects.all()[0].pk}", "feed:clock"]))
        return _marked(
            str(allowed_cells(user, [topic_of(kind, one, user) for one in (twin, neighbour)])), twin, neighbour
        )


def _marked(text: str, *twins: Twin) -> str:
    for twin in twins:
        text = text.replace(twin.organization.schema_name, twin.mark)
    return text


def _cached(twin: Twin, neighbour: Twin, _: Path) -> str:
    """The same key of both, and what lies in the server under the names of the first."""
    for one in (neighbour, twin):
        with tenant_context(one.organization):
            caches["default"].set("answer", f"{one.mark} said", 60)
    return _marked("".join(line for line in _kept("default") if line.startswith(twin.organization.schema_name)), twin)


def _counted(twin: Twin, _: Twin, __: Path) -> str:
    """After a guess of somebody whose e-mail is a mark, and a page with a budget."""
    client = signed_in(_owner(twin))
    client.get("/")
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": f"{twin.mark}@{twin.mark}.test", "password": "x"})
    return "".join(_kept("public"))


def _kept(alias: str) -> list[str]:
    """Names and values of this test, as they lie in the server."""
    server: Any = cast(Any, caches[alias])._cache.get_client()
    names = sorted(server.keys(f"*{caches[alias].key_prefix}*"))
    return [f"{name.decode()} = {server.get(name)!r}\n" for name in names]


def _logged(twin: Twin, _: Twin, __: Path) -> str:
    """Every page, and one that is not there, at the most talkative level."""
    stream = StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with tenant_context(twin.organization):
            client = signed_in(_owner(twin))
            for path in [f"/{twin.mark}/", *(path_of(name) for name in NAMES)]:
                ask_for(client, "GET", path)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return stream.getvalue()


def _mailed(twin: Twin, _: Twin, __: Path) -> str:
    """The job that writes a link, and the one that sends it."""
    with tenant_context(twin.organization):
        mail_reset_link(_owner(twin).email)
        deliver_mail(str(OutgoingMail.objects.filter(kind="reset").latest("queued_at").pk))
    message: Any = mail.outbox[-1]
    return f"{message.subject} {message.from_email} {message.to} {message.body} {message.alternatives}"


def _mail_file(twin: Twin, neighbour: Twin, folder: Path) -> str:
    """What the demo's mailer writes."""
    _mailed(twin, neighbour, folder)
    EmailBackend(file_path=str(folder)).send_messages([mail.outbox[-1]])
    return "".join(f"{path.name} {path.read_bytes()!r}" for path in folder.iterdir())


def _media(twin: Twin, neighbour: Twin, _: Path) -> str:
    """What a report leaves behind, wherever: names and words."""
    root = Path(settings.MEDIA_ROOT)
    before = set(root.rglob("*"))
    built_at(twin)
    files = [path for path in set(root.rglob("*")) - before if path.is_file()]
    found = "".join(f"{path.relative_to(root)} {words(path.read_bytes(), 'application/pdf')}" for path in files)
    return _marked(found, twin, neighbour)


def _archived(twin: Twin, neighbour: Twin, _: Path) -> str:
    with schema_context("public"):
        paths = [archive.path for archive in Archive.objects.ready().filter(organization=twin.organization)]
    found = "".join(f"{path.name} {words(path.read_bytes(), 'application/zip')}" for path in paths)
    return _marked(found, twin, neighbour)


def _sent(twin: Twin, neighbour: Twin, _: Path) -> str:
    """Messages that lie in the broker for this organization."""
    broker: Any = dramatiq.get_broker()
    for one in (neighbour, twin):
        with tenant_context(one.organization):
            mail_reset_link.send(f"{one.mark}@north.test")
    raws = [raw for key in broker.client.keys(f"{broker.namespace}:*.msgs") for raw in broker.client.hvals(key)]
    mine = [raw for raw in raws if json.loads(raw)["options"].get("schema") == twin.organization.schema_name]
    return _marked(str(mine), twin, neighbour)


def _carried(twin: Twin, neighbour: Twin, folder: Path) -> str:
    """What is published when the twin's private cells are pushed."""
    with redis.Redis.from_url(settings.LIVE_URL, decode_responses=True) as server, server.pubsub() as heard:
        heard.subscribe(CHANNEL)
        heard.get_message(timeout=5)
        user = _owner(twin)
        with tenant_context(twin.organization):
            push_many(allowed_cells(user, [topic_of("user", one, user) for one in (twin, neighbour)]))
        return _marked(str(heard.get_message(timeout=5)), twin, neighbour)


CASES: dict[str, Case] = {
    **{f"frame {kind}": partial(_frame, kind) for kind in settings.LIVE_TOPICS},
    "cache default": _cached,
    "cache public": _counted,
    "folder MEDIA_ROOT": _media,
    "folder ARCHIVE_DIR": _archived,
    "folder MAIL_DIR": _mail_file,
    "mailer default": _mailed,
    "log console": _logged,
    "broker": _sent,
    "carrier": _carried,
}
OF_NOBODY = {"cache public", *(f"frame {kind}" for kind in PUBLIC_KINDS)}  # they carry no mark at all


def test_every_channel_has_a_case() -> None:
    folders = {name for name in vars(ours) if name.endswith(("_DIR", "_ROOT"))} - READ_ONLY
    found = {f"frame {kind}" for kind in settings.LIVE_TOPICS} | {f"cache {alias}" for alias in settings.CACHES}
    found |= {f"folder {name}" for name in folders} | {f"mailer {alias}" for alias in settings.MAILERS}
    found |= {f"log {handler}" for handler in cast(dict[str, Any], ours.LOGGING["handlers"])}
    assert found | {"broker", "carrier"} == set(CASES)


@pytest.mark.parametrize("channel", CASES)
def test_a_channel_carries_its_own_marks_only(north: Twin, south: Twin, tmp_path: Path, channel: str) -> None:
    for twin, neighbour in ((north, south), (south, north)):
        folder = tmp_path / twin.mark
        folder.mkdir()
        text = CASES[channel](twin, neighbour, folder)
        assert text
        assert (twin.mark in text) is (channel not in OF_NOBODY)
        assert twin.other not in text
