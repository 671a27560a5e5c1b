"""Units of systemd that are not ours, and commands with a condition. Standard library only."""

from collections.abc import Iterator

from deploy.agent.commands import Failed, Resource, run


def look(resource: Resource) -> Iterator[str]:
    name, enabled, running = resource["name"], resource.get("enabled"), resource.get("running")
    asked = "UnitFileState,ActiveState,ConditionResult,ConditionTimestampMonotonic"
    says = run(["systemctl", "show", f"--property={asked}", name])
    found = dict(line.split("=", 1) for line in says.splitlines() if "=" in line)
    is_enabled, is_running = (
        found.get("UnitFileState") == "enabled",
        found.get("ActiveState") in {"active", "activating"},
    )
    if resource.get("masked"):
        if found.get("UnitFileState") != "masked":
            yield f"mask {name}"
        return
    if enabled is not None and enabled != is_enabled:
        yield f"{'enable' if enabled else 'disable'} {name}"
    if running is not None and running != is_running and not (running and _is_ruled_out(found)):
        yield f"{'start' if running else 'stop'} {name}"


def _is_ruled_out(found: dict[str, str]) -> bool:
    """It was tried, and systemd skipped it, as a clock is skipped in a container: a condition of its own does not hold here."""
    return found.get("ConditionResult") == "no" and found.get("ConditionTimestampMonotonic", "0") != "0"


def make(resource: Resource) -> None:
    name, enabled, running = resource["name"], resource.get("enabled"), resource.get("running")
    if resource.get("masked"):
        run(["systemctl", "mask", "--now", name])
        return
    if enabled is not None:
        run(["systemctl", "enable" if enabled else "disable", name])
    if running is not None:
        run(["systemctl", "start" if running else "stop", name])


def look_command(resource: Resource) -> Iterator[str]:
    try:
        run(resource["unless"])
    except Failed:
        yield resource["why"]


def make_command(resource: Resource) -> None:
    run(resource["run"])
