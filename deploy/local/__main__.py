"""`python -m deploy.local VERB`: what the Makefile calls after bootstrap.sh."""

import errno
import importlib
import sys
from collections.abc import Callable

from deploy.local.terminal import StopError, fail

VERBS = {
    "demo": "demo.run",
    "test": "suite.test",
    "bench": "suite.bench",
    "mutants": "suite.mutants",
    "chaos": "suite.chaos",
    "screenshots": "suite.screenshots",
    "check": "check.check",
    "fix": "check.fix",
    "pins": "check.pins",
}


def main(verb: str) -> int:
    """The verb's exit status; whatever the person must change is one line."""
    if verb not in VERBS:
        return fail(f"Unknown verb {verb or '(none)'}: one of {', '.join(VERBS)}")
    module, name = VERBS[verb].split(".")
    try:
        run: Callable[[], int] = getattr(importlib.import_module(f"deploy.local.{module}"), name)
        return run()
    except StopError as err:
        return fail(str(err))
    except KeyboardInterrupt:
        return 130
    except OSError as err:
        if err.errno == errno.ENOSPC:
            return fail(f"No disk space is left for {err.filename or 'the set-up'}.")
        return fail(f"{err.strerror or type(err).__name__}: {err.filename or err}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
