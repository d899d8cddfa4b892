"""The house rules that no other tool holds: sizes, reasons, words, and the environment that is documented."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
CODE = ("apps", "config", "deploy", "tests", "benchmarks", "data")
PYTHON = sorted(p for folder in CODE for p in (ROOT / folder).rglob("*.py") if "migrations" not in p.parts)
OTHER = sorted(p for folder in ("templates", "static", "deploy", "docs", "apps") for p in (ROOT / folder).rglob("*")
               if p.suffix in {".html", ".css", ".js", ".sh", ".sql", ".md", ".toml"})  # fmt: skip
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 40


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*PYTHON, *OTHER], ids=_name)
def test_no_file_is_longer_than_a_person_reads(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", [p for p in PYTHON if p.stat().st_size], ids=_name)
def test_every_module_says_what_it_is_for_and_functions_are_short(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= MOST_LINES_OF_A_FUNCTION] == []


def test_no_file_is_named_after_nothing() -> None:
    assert [_name(p) for p in PYTHON if p.stem in {"utils", "helpers", "common", "misc", "selectors", "signals_"}] == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    assert [_name(p) for p in [*PYTHON, *OTHER] if later.search(p.read_text())] == []


def test_every_dependency_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    for dependency in (d for group in groups for d in group):
        assert re.search(re.escape(f'"{dependency}"') + r",\s+# \w", text), dependency


def test_nobody_mocks_our_own_code() -> None:
    """By import or by attribute: what is tested is what runs."""
    trees = {path: ast.parse(path.read_text()) for path in PYTHON if path.is_relative_to(ROOT / "tests")}
    guilty = [_name(path) for path, tree in trees.items() if any(map(_mocks, ast.walk(tree)))]
    assert guilty == []


def _mocks(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom | ast.Import):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        return any(name.split(".")[-1] in {"mock", "pytest_mock"} or name.startswith("unittest.mock") for name in names)
    return isinstance(node, ast.Attribute) and node.attr == "setattr" and ast.unparse(node.value) == "monkeypatch"


def test_the_example_environment_lists_what_the_settings_read() -> None:
    listed = set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert listed == set(_read_by_settings())


def _read_by_settings() -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / "config" / "settings.py").read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env.") and node.args:
            yield ast.literal_eval(node.args[0])


def test_the_environment_is_read_in_one_place() -> None:
    readers = re.compile(r"os\.environ|os\.getenv|environs")
    mine = [p for p in PYTHON if p.is_relative_to(ROOT / "apps") or p.is_relative_to(ROOT / "config")]
    allowed = {"config/settings.py", "config/asgi.py", "config/wsgi.py"}
    assert {_name(p) for p in mine if readers.search(p.read_text())} <= allowed


def test_no_machine_and_no_registry_is_named() -> None:
    """Pins say what, never from where; no path leads out of the checkout."""
    files = [*PYTHON, *OTHER, *(ROOT / "requirements").glob("*.txt"), ROOT / "package-lock.json", ROOT / "README.md"]
    named = re.compile(r"/home/\w|\"resolved\":|--(extra-)?index-url \S|registry\s*=|\.\./shared")
    assert [_name(p) for p in files if p.name != "test_house.py" and named.search(p.read_text())] == []
