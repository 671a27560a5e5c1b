"""The whole machine: all concerns in the order in which they are applied. Knows none of them closer."""

from collections.abc import Mapping
from types import ModuleType

from deploy.facts import Server
from deploy.machine import (
    access,
    as_service,
    backup,
    certificates,
    clock,
    firewall,
    journal,
    kernel,
    publishing,
    record,
    secrets,
    service,
    ssh,
    surface,
    units,
    updates,
    users,
    watching,
    web,
)
from deploy.machine.resources import Resource

CONCERNS: tuple[ModuleType, ...] = (
    users,
    secrets,
    record,
    web,
    access,
    publishing,
    service,
    as_service,
    units,
    ssh,
    firewall,
    kernel,
    journal,
    clock,
    surface,
    certificates,
    updates,
    backup,
    watching,
)


def resources(server: Server) -> list[Resource]:
    """What is wanted of the machine beneath every release."""
    return [resource for concern in CONCERNS if hasattr(concern, "resources") for resource in concern.resources(server)]


def configuration(server: Server) -> dict[str, str]:
    """What moves with a release, by its path in the configuration's folder. No secret may be in it: everybody can read it.

    Raises ValueError when two concerns want the same file.
    """
    files: dict[str, str] = {}
    for concern in CONCERNS:
        made: Mapping[str, str] = concern.configuration(server) if hasattr(concern, "configuration") else {}
        twice = files.keys() & made.keys()
        if twice:
            raise ValueError(f"{concern.__name__} wants {', '.join(sorted(twice))}, which another concern makes")
        files |= made
    return files
