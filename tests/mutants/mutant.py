"""One guard that can be taken away."""

from dataclasses import dataclass

ROLES = "apps/tenants/backend/roles.py"


@dataclass(frozen=True, slots=True)
class Mutant:
    """`old` stands in `file` exactly once; with `new` in its place every one of `tests` has a red assertion."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def builds(self) -> bool:
        """True where what is changed makes the database, which its tests then make anew."""
        return self.file in {ROLES, "deploy/local/database.sql"}
