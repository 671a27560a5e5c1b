"""tests/install_packages on machines that may not install: stand-ins for dpkg, id and apt-get are all it finds."""

import subprocess
from pathlib import Path

import pytest

from tests.command import ROOT


class Machine:
    """A machine with curl installed and no other package."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.program("dpkg-query", 'case "$*" in *curl) printf installed ;; *) exit 1 ;; esac')
        self.program("apt-get", "exit 9")

    def program(self, name: str, script: str) -> None:
        path = self._folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def install(self, packages: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self._folder), "PACKAGES": packages}
        command = ["/bin/sh", ROOT / "tests/install_packages"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_when_all_are_installed_nothing_is_done(machine: Machine) -> None:
    done = machine.install("curl")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_node_and_npm_of_another_package_are_enough(machine: Machine) -> None:
    machine.program("node", "")
    machine.program("npm", "")
    done = machine.install("curl nodejs npm")
    assert (done.returncode, done.stderr) == (0, "")


def test_node_alone_is_no_npm(machine: Machine) -> None:
    machine.program("id", "echo 1000")
    machine.program("node", "")
    assert machine.install("curl nodejs npm").stderr.endswith("--no-install-recommends npm\n")


def test_who_is_not_root_is_told_the_missing_packages(machine: Machine) -> None:
    machine.program("id", "echo 1000")
    done = machine.install("curl nginx-light gpodder")
    assert done.returncode == 1
    assert done.stderr.endswith("apt-get install --no-install-recommends nginx-light gpodder\n")


def test_without_names_it_says_how_it_is_called(machine: Machine) -> None:
    assert "PACKAGES=" in machine.install("").stderr
