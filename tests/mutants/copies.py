"""Copies of the working tree that mutants live in."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.local.folders import ROOT
from tests.mutants.mutant import Mutant

LINKED = ("node_modules", ".venv")  # what no mutant touches


@dataclass(frozen=True, slots=True)
class Copy:
    """One tree; `mutate` and `restore` are called in turns."""

    folder: Path
    database: str

    @contextmanager
    def mutated(self, mutant: Mutant) -> Iterator[str]:
        """Why it cannot be done ("" when it is): the text must stand in the file exactly once."""
        path = self.folder / mutant.file
        text = path.read_text()
        count = text.count(mutant.old)
        try:
            path.write_text(text.replace(mutant.old, mutant.new))
            yield "" if count == 1 else f"{mutant.file} holds the text {count} times"
        finally:
            path.write_text(text)

    def keep_clean(self) -> None:
        """What is in the database now is what each mutant's tests begin with."""
        self._server(f"CREATE DATABASE {self.database}_clean TEMPLATE {self.database}")

    def begin_anew(self) -> None:
        """The database as it was kept; its roles are the cluster's and stay."""
        self._server(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        self._server(f"CREATE DATABASE {self.database} TEMPLATE {self.database}_clean")

    def _server(self, statement: str) -> None:
        with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as server:
            server.execute(statement.encode())


def copies(home: Path, count: int) -> Iterator[Copy]:
    """Everything that is or could be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    for number in range(count):
        folder = home / str(number)
        for name in names:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
        for name in LINKED:
            if (ROOT / name).exists():
                (folder / name).symlink_to(ROOT / name)
        yield Copy(folder, f"mutants_{number}")
