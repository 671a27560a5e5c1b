"""Debian's packages: which are missing, installing and removing them. Standard library only."""

from collections.abc import Iterator
from pathlib import Path

from deploy.agent.commands import Resource, run
from deploy.agent.files import write

NO_NGINX = '#!/bin/sh\n# While a deploy installs packages: nginx is started by its first release.\n[ "$1" != nginx ] || exit 101\n'
SERVING = Path(
    "/opt/longwave/current"
)  # before that nothing is lost that a new deploy would not bring: packages need not be synced
APT = ("apt-get", "--quiet=2", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")


def missing(resources: list[Resource]) -> list[str]:
    names = [each["name"] for each in resources if each["kind"] == "package" and not each.get("absent")]
    installed = _installed() if names else frozenset()
    return [name for name in names if name not in installed]


def install(names: list[str]) -> None:
    policy = Path("/usr/sbin/policy-rc.d")
    guarded = "nginx" in " ".join(names) and not policy.exists()
    if guarded:
        write(policy, NO_NGINX.encode(), mode=0o755)
    try:
        run([*APT, "update"])
        quick = () if SERVING.exists() else ("-o", "Dpkg::Options::=--force-unsafe-io")
        run([*APT, "-o", "Dpkg::Options::=--force-confold", *quick, "install", *names])
    finally:
        if guarded:
            policy.unlink()


def look(resource: Resource) -> Iterator[str]:
    if resource["name"] in _installed():
        yield f"remove package {resource['name']}"


def make(resource: Resource) -> None:
    run([*APT, "purge", resource["name"]])


def _installed() -> frozenset[str]:
    says = run(["dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n"])
    return frozenset(line.partition(" ")[2] for line in says.splitlines() if line.startswith("installed "))
