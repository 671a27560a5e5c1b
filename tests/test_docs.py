"""What the README says exists, and what exists it says; it reads the click commands, not what they do."""

import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.command import ROOT, environment

README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNNABLE = re.findall(r"^```sh runnable\n(.*?)^```$", README, re.M | re.S)
SECONDS_MAX = 60


def test_the_readme_names_every_make_target_and_no_other() -> None:
    targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.M)
    assert targets
    assert set(re.findall(r"\bmake ([a-z]+)(?:`|$)", README, re.M)) == set(targets[1].split())


def test_every_command_and_option_of_the_readme_exists() -> None:
    exist = options()
    strange = {
        name: said - exist.get(name, set()) for name, said in documented() if name not in exist or said - exist[name]
    }
    assert strange == {}


def test_every_command_and_option_stands_in_the_readme() -> None:
    said: dict[str, set[str]] = {}
    for name, names in documented():
        said.setdefault(name, set()).update(names)
    missing = {
        name: names - said.get(name, set())
        for name, names in options().items()
        if name not in said or names - said[name]
    }
    assert missing == {}


def test_there_are_examples_to_run() -> None:
    assert RUNNABLE


@pytest.mark.parametrize("example", RUNNABLE, ids=lambda example: example.split("\n")[0])
def test_an_example_of_the_readme_runs(tmp_path: Path, example: str) -> None:
    for folder in ("content", "theme"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    program = tmp_path / ".venv/bin/longwave"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m generator.cli "$@"\n')
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-eu", "-c", example],
        cwd=tmp_path,
        env=environment(path),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stderr


def test_the_changelog_has_the_version() -> None:
    assert re.search(
        rf"^## .*\b{re.escape(PROJECT['project']['version'])}\b", (ROOT / "CHANGELOG.md").read_text(), re.M
    )


def test_every_dependency_has_its_reason() -> None:
    lines = re.findall(r'^ +"[\w-]+[^"]*",.*$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert len(lines) >= len(PROJECT["project"]["dependencies"])
    assert [line.strip() for line in lines if not re.search(r"# \w+ \w+", line)] == []


def documented() -> Iterator[tuple[str, set[str]]]:
    """Each command line of the README: the command's name ('new show') and the options beside it."""
    for line in re.findall(r"(?:`|^)(?:[\w./-]*/)?longwave ([a-z][^`|\n]*)", README, re.M):
        words, names = line.split(), set(re.findall(r"(?<![\w-])--[a-z-]+", line))
        below = words[1].split("/") if len(words) > 1 and isinstance(commands().get(words[0]), click.Group) else [""]
        yield from ((f"{words[0]} {name}".strip(), names) for name in below)


def options() -> dict[str, set[str]]:
    """Every command that people type, by its name with its long options; hidden ones are called by units and hooks."""
    found = {}
    for name, command in commands().items():
        inner = (
            {f"{name} {sub}": c for sub, c in command.commands.items()}
            if isinstance(command, click.Group)
            else {name: command}
        )
        found.update(
            {
                key: {o for p in c.params for o in p.opts if o.startswith("--")}
                for key, c in inner.items()
                if not c.hidden
            }
        )
    return found


def commands() -> dict[str, click.Command]:
    entries = PROJECT["project"]["entry-points"]["longwave.commands"]
    return {name: getattr(importlib.import_module(at.split(":")[0]), at.split(":")[1]) for name, at in entries.items()}
