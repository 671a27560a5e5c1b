"""What every test may ask for: the command line, packages of npm, and whether this run is a long one or re-blesses golden files."""

import fcntl
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.command import ROOT
from tests.command import longwave as run_longwave
from tests.groups import Sharing, guests_first


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--prove", action="store_true", help="run the long simulations and fault campaigns, not their short versions"
    )
    parser.addoption("--bless", action="store_true", help="write what the golden tests got as what they expect")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    guests_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    return Sharing(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A test that was not run is never passed over in silence."""
    for report in terminalreporter.getreports("skipped"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"NOT TRIED: {report.nodeid}: {why}", red=True, bold=True)


@pytest.fixture(scope="session")
def prove(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--prove"))


@pytest.fixture(scope="session")
def bless(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="session")
def longwave() -> Callable[..., CompletedProcess[str]]:
    """`longwave(*args, cwd=FOLDER, env={...})` returns the CompletedProcess."""
    return run_longwave


@pytest.fixture(scope="session")
def node_modules() -> Iterator[Path]:
    """The npm packages of tests/package.json, installed as its lock says when they are not."""
    folder = ROOT / "tests/node_modules"
    lock, installed = ROOT / "tests/package-lock.json", folder / ".package-lock.json"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # of two workers one installs
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            assert shutil.which("npm"), "npm is missing: install the Debian packages nodejs and npm"
            line = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(line, cwd=folder.parent, check=True, timeout=300)
    yield folder
