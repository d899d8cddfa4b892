"""Live HTML: what is pushed, over which topics, to whom it goes. The only importer of channels in the applications."""

from apps.tenants.live.carrier import disconnect, disconnect_organization, open_topics, push, push_many, shown_topics
from apps.tenants.live.consumer import LiveConsumer
from apps.tenants.live.topics import sign_topics, user_topic

__all__ = [
    "LiveConsumer",
    "disconnect",
    "disconnect_organization",
    "open_topics",
    "push",
    "push_many",
    "shown_topics",
    "sign_topics",
    "user_topic",
]
