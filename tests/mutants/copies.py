"""Copies of the working tree that mutants live in."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.local.folders import ROOT
from tests.mutants.table import Mutant

LINKED = ("node_modules", ".venv")  # what no mutant touches


@dataclass(frozen=True, slots=True)
class Copy:
    """One tree; `mutate` and `restore` are called in turns."""

    folder: Path

    def mutate(self, mutant: Mutant) -> str:
        """Why it cannot be done ("" when it was): the text must stand in the file exactly once."""
        path = self.folder / mutant.file
        text = path.read_text()
        if (count := text.count(mutant.old)) != 1:
            return f"{mutant.file} holds the text {count} times"
        path.write_text(text.replace(mutant.old, mutant.new))
        return ""

    def restore(self, mutant: Mutant) -> None:
        """From the tree itself."""
        shutil.copyfile(ROOT / mutant.file, self.folder / mutant.file)


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
        yield Copy(folder)
