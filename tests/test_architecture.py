"""Holds the import table of the README's architecture section; it reads the import statements and runs nothing."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import ROOT

VALUES = {
    "generator.cues",
    "generator.currencies",
    "generator.digests",
    "generator.directories",
    "generator.errors",
    "generator.model",
    "generator.urls",
}
SERVICE_VALUES = {
    *("api.email_address", "api.errors", "api.ids", "api.later", "api.media_addresses", "api.model", "api.spelling"),
    "api.times",
}
# Part -> what it may import, of ours and of the host. The most exact name of an importing module counts.
MAY_IMPORT: dict[str, set[str]] = {
    "generator.cues": set(),
    "generator.currencies": set(),
    "generator.digests": set(),
    "generator.directories": set(),
    "generator.errors": set(),
    "generator.model": {"generator.errors"},
    "generator.urls": {"generator.errors", "generator.model"},
    "generator.read": {"generator.read", *VALUES},
    "generator.render": {"generator.render", *VALUES},
    "generator.write": {"generator.write", "generator.digests", "generator.errors"},
    "generator.plugins": {
        *("generator.read", "generator.render", "generator.write", "generator.project", "pelican"),
        *VALUES,
    },
    "generator": {"generator", "pelican"},
    "api.errors": set(),
    "api.email_address": {"api.errors"},
    "api.ids": set(),
    "api.spelling": set(),
    "api.times": set(),
    "api.model": {"api.errors"},
    "api.later": set(),
    "api.media_addresses": set(),
    "api.secret_files": set(),
    "api.settings": {"api.errors", "api.secret_files"},
    "api.store": {"api.store", *SERVICE_VALUES},
    "api.gateways": {"api.gateways", *SERVICE_VALUES},
    "api.usecases": {"api.usecases", "api.store", "api.gateways", "api.settings", *SERVICE_VALUES},
    "api.routes": {"api.routes", "api.usecases", "api.settings", *SERVICE_VALUES},
    "api.client": {"api.client"},
    "api.sandbox": {"api.sandbox", "api.spelling"},
    "api": {"api"},
    "deploy": {"deploy"},
    "deploy.agent": {"deploy.agent"},
    "deploy.local": {"deploy", "generator.build", "generator.errors", "api.app"},
}
HELD = ("generator", "api", "deploy", "pelican")
FILES_AND_CLOCK = {"glob", "os", "pathlib", "pelican", "shutil", "sqlite3", "subprocess", "tempfile", "time"}
PURE = (
    "generator/currencies.py",
    "generator/cues.py",
    "generator/digests.py",
    "generator/directories.py",
    "generator/errors.py",
    "generator/model.py",
    "generator/urls.py",
    "generator/render",
)
MODULES = sorted(path for package in ("generator", "api", "deploy") for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_part_imports_only_what_the_table_allows(path: Path) -> None:
    allowed = MAY_IMPORT[part_of(module_name(path))]
    held = {name for name in imports(path) if name.split(".")[0] in HELD}
    strangers = {name for name in held if not any(within(name, part) for part in allowed)}
    assert not strangers, f"{path.relative_to(ROOT)} imports {', '.join(sorted(strangers))}"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if str(p.relative_to(ROOT)).startswith(PURE)], ids=lambda p: p.name
)
def test_values_and_renderers_know_no_files_and_no_clock(path: Path) -> None:
    modules = {name.split(".")[0] for name in imports(path)} & FILES_AND_CLOCK
    assert not modules | (calls(path) & {"open", "now", "utcnow", "today"})


def test_the_agent_runs_on_any_python_without_our_environment() -> None:
    modules = [path for path in MODULES if within(module_name(path), "deploy.agent")]
    assert modules
    strangers = {name.split(".")[0] for path in modules for name in imports(path)} - {
        "deploy",
        *sys.stdlib_module_names,
    }
    assert strangers == set()


def test_only_the_gateway_and_its_stand_in_know_the_stripe_package() -> None:
    knowing = {str(path.relative_to(ROOT)) for path in MODULES if any(within(name, "stripe") for name in imports(path))}
    assert {name for name in knowing if not name.startswith(("api/gateways/stripe", "api/sandbox/"))} == set()
    assert "api/gateways/stripe.py" in knowing


def test_every_part_of_the_table_that_exists_is_walked() -> None:
    walked = {part_of(module_name(path)) for path in MODULES}
    assert {"generator.model", "generator.read", "generator.render", "generator.write", "generator", "deploy"} <= walked


def imports(path: Path) -> set[str]:
    """The full names of all modules that `path` imports anywhere, also inside functions and by import_module('...')."""
    package = path.relative_to(ROOT).parent.parts
    return {name for node in ast.walk(ast.parse(path.read_text())) for name in imported_by(node, package)}


def imported_by(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    match node:
        case ast.Import(names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(source, names, level):
            above = package[: len(package) + 1 - level] if level else ()
            yield from (".".join((*above, *filter(None, [source]), alias.name)) for alias in names)
        case ast.Call(ast.Name("import_module" | "__import__"), [ast.Constant(str(name)), *_]):
            yield name
        case ast.Call(ast.Attribute(attr="import_module"), [ast.Constant(str(name)), *_]):
            yield name


def calls(path: Path) -> set[str]:
    """The bare names of everything `path` calls: 'now' for datetime.now(...)."""
    functions = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return {f.id if isinstance(f, ast.Name) else f.attr for f in functions if isinstance(f, ast.Name | ast.Attribute)}


def part_of(module: str) -> str:
    return max((part for part in MAY_IMPORT if within(module, part)), key=len)


def within(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
