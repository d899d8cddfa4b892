"""`make chaos`: thousands of interleaved operations of several organizations on the real product, all searched for
each other's marks (N=20000 operations, SEED=1 of their order)."""

import os
import secrets
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import django

from deploy.local.background import product
from deploy.local.stack import SCHEMAS, manage
from deploy.local.terminal import StopError, fail, say

OPERATIONS = "20000"


def main() -> int:
    """0 if nobody was shown another organization's mark, and everybody their own every time."""
    count, seed = int(os.environ.get("N") or OPERATIONS), int(os.environ.get("SEED") or secrets.randbelow(10**6))
    say(f"{count:,} operations, SEED={seed}")
    try:
        with tempfile.TemporaryDirectory() as folder, product(Path(folder)) as running:
            manage(running.env | {"DB_LOGIN": "owner"}, SCHEMAS[1:])  # the demo's own took some
            os.environ.update(running.env)
            django.setup()
            storm = import_module("tests.chaos.storm")  # models, which need the product's settings
            return int(storm.run(running, count=count, seed=seed))
    except StopError as err:
        return fail(str(err))


if __name__ == "__main__":
    sys.exit(main())
