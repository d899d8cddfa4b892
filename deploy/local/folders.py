"""Where things lie: the checkout, its `.local/`, and files that keep a secret."""

import os
import secrets
from importlib.util import find_spec
from pathlib import Path

from deploy.local.terminal import StopError

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"


def ensure(folder: Path, mode: int = 0o755) -> Path:
    """The folder, made when missing; a file in its place is told in one line."""
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise StopError(f"{folder} must be a folder; remove the file of that name.") from None
    return folder


def secret(path: Path) -> str:
    """A random text kept in a file that only its owner reads; made once, and again when empty."""
    ensure(path.parent)
    if path.is_file() and (text := path.read_text().strip()):
        return text
    text = secrets.token_urlsafe(48)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.rename(path)
    return text


def package_folder(name: str) -> Path:
    """Where an installed package lies, found without running it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise StopError(f"The Python package {name} is missing: remove .venv and start again.")
    return Path(spec.origin).parent
