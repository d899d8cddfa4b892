"""`make check`: everything that can be said about the code without running it; `make fix` and `make pins` beside it."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.folders import ROOT
from deploy.local.services import throwaway
from deploy.local.terminal import GREEN, PLAIN, RED, StopError, say

BIN = Path(sys.executable).parent
OVERRULED = "H015,T003"  # a line break after </h2> changes what is shown; djade takes the names of blocks away
PYTHON_SOURCES = ["apps", "config", "deploy", "tests", "benchmarks", "data", "manage.py"]


def check() -> int:
    """Runs every check even when one fails, so that one run tells all."""
    with throwaway("check") as services:
        safe = services | {"HTTPS": "1", "BASE_DOMAIN": "example.com", "MARKET_PROVIDER": "replay"}
        safe |= {"MAIL_URL": "smtp://postbox:secret@mail.example.com:587"}
        failed = [name for name, command in _checks().items() if not _passes(name, command, safe)]
    if failed:
        raise StopError(f"{len(failed)} of {len(_checks())} checks failed: {', '.join(failed)} (try `make fix`)")
    return 0


def fix() -> int:
    """Formatters and safe fixes; what is left needs a person."""
    for name, command in {
        "ruff": ["ruff", "check", "--fix", "--quiet", *_sources()],
        "ruff format": ["ruff", "format", "--quiet", *_sources()],
        "djade": ["djade", "--target-version", "6.0", *_templates()],
    }.items():
        _passes(name, command, {}, all_codes=name == "djade")
    return 0


def pins() -> int:
    """requirements/*.txt for every platform and Python that we support, without the address of any registry."""
    common = ["uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal", "--generate-hashes", "--no-header",
              "--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.12", "--upgrade"]  # fmt: skip
    groups = [text for group in ("local", "dev") for text in ("--group", group)]
    app = [*common, "-o", "requirements/app.txt"]
    dev = [*common, "-c", "requirements/app.txt", *groups, "-o", "requirements/dev.txt"]
    return 0 if _passes("app.txt", app, {}) and _passes("dev.txt", dev, {}) else 1


def _checks() -> dict[str, Sequence[str]]:
    python = str(BIN / "python")
    return {
        "format": ["ruff", "format", "--check", "--quiet", *_sources()],
        "lint": ["ruff", "check", "--quiet", *_sources()],
        "types": ["mypy"],
        "template format": ["djade", "--check", "--target-version", "6.0", *_templates()],
        "template lint": ["djlint", "--lint", "--quiet", "--profile=django", f"--ignore={OVERRULED}", "templates"],
        "imports": ["lint-imports", "--no-cache"],
        "deployment": [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        "migrations": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
    }


def _sources() -> list[str]:
    return [name for name in PYTHON_SOURCES if (ROOT / name).exists()]


def _templates() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))


def _passes(name: str, command: Sequence[str], env: Mapping[str, str], *, all_codes: bool = False) -> bool:
    start = time.monotonic()
    program = command[0] if command[0].startswith("/") else str(BIN / command[0])
    done = subprocess.run(
        [program, *command[1:]], cwd=ROOT, env=dict(env) or None, capture_output=True, text=True, check=False
    )
    good = all_codes or done.returncode == 0
    mark = f"{GREEN}✓{PLAIN}" if good else f"{RED}✗{PLAIN}"
    say(f"{mark} {name} ({time.monotonic() - start:.1f} s)")
    if not good:
        say((done.stdout + done.stderr).strip())
    return good
