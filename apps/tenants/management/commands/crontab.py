"""The scheduler: dramatiq-crontab over this house's `actors` modules."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from dramatiq_crontab.management.commands import crontab


class Command(crontab.Command):
    """Sends each actor when its `@cron` line says so; a lock keeps a second scheduler out."""

    def load_tasks(self, options: dict[str, Any]) -> None:
        """The package looks for `tasks`; here jobs are written in `actors`."""
        for config in apps.get_app_configs():
            if config.name.startswith("apps.") and find_spec(f"{config.name}.actors"):
                import_module(f"{config.name}.actors")
                self.stdout.write(f"{config.label}: schedule read.")
