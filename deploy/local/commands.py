"""Runs Django commands in this process: `python -m deploy.local.commands '[["what", ["command", "--flag"]], ...]'`."""

import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from environs import EnvError

from deploy.local.stack import log_folder
from deploy.local.terminal import fail, step


def main(argument: str) -> int:
    """0, or 1 after one line; a program's error keeps its trace in a log."""
    try:
        django.setup()
        if argument == "provider":
            return _provider()
        for text, command in json.loads(argument):
            with step(text):
                _call(command)
    except (CommandError, ImproperlyConfigured, EnvError) as err:
        return fail(str(err))
    except KeyboardInterrupt:
        return 130
    except Exception as err:
        log = Path(log_folder(os.environ)) / "error.log"
        log.write_text(traceback.format_exc())
        lines = str(err).strip().splitlines() or [""]
        return fail(f"{type(err).__name__}: {lines[0]} (trace: {log})")
    return 0


def _call(command: Sequence[str]) -> None:
    call_command(command[0], *command[1:])


def _provider() -> int:
    from apps.market.providers import chosen

    print(chosen().name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
