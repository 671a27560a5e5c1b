"""System accounts and the groups they are in. Standard library only."""

import grp
import pwd
from collections.abc import Iterator

from deploy.agent.commands import Resource, run


def look(resource: Resource) -> Iterator[str]:
    name = resource["name"]
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        yield f"create user {name}"
        return
    wanted = (resource.get("home", "/nonexistent"), resource.get("shell", "/usr/sbin/nologin"))
    if (entry.pw_dir, entry.pw_shell) != wanted:
        yield f"change user {name}: home {wanted[0]}, shell {wanted[1]}"
    if missing := [group for group in resource.get("groups", []) if name not in _members(group)]:
        yield f"put user {name} into {', '.join(missing)}"


def make(resource: Resource) -> None:
    name, groups = resource["name"], resource.get("groups", [])
    words = ["--home-dir", resource.get("home", "/nonexistent"), "--shell", resource.get("shell", "/usr/sbin/nologin")]
    try:
        pwd.getpwnam(name)
        run(["usermod", *(word.replace("--home-dir", "--home") for word in words), name])
    except KeyError:
        run(["useradd", "--system", "--user-group", "--no-create-home", *words, name])
    if groups:
        run(["usermod", "--append", "--groups", ",".join(groups), name])


def _members(group: str) -> list[str]:
    try:
        return grp.getgrnam(group).gr_mem
    except KeyError:
        return []
