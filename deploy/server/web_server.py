"""Lets nginx read its configuration and certificates anew, and returns when all that comes is answered by them."""

import time
from pathlib import Path

from deploy.errors import DeployError
from deploy.server.running import run, systemctl

CONFIGURATION = "/opt/longwave/current/configuration/nginx/nginx.conf"
RELOAD_SECONDS = 10
LOOK_SECONDS = 0.02


def reload_or_start() -> None:
    """Reloads it, or starts it where it does not run, or not with our configuration yet."""
    master = _master()
    if CONFIGURATION in _title(master):
        reload()
    else:
        systemctl("enable", "--quiet", "nginx")
        systemctl("restart", "nginx")


def reload() -> None:
    """Of one that runs. Raises DeployError when it keeps what it has.

    Workers from before finish what they have begun; they have begun to end once their title says so, and take nothing new.
    https://nginx.org/en/docs/control.html
    """
    master = _master()
    before = _workers(master)
    systemctl("reload", "nginx")
    end = time.monotonic() + RELOAD_SECONDS
    while not _workers(master) - before or any(_takes_more(worker) for worker in before):
        if time.monotonic() > end:
            said = run("tail", "-n", "5", "/var/log/nginx/error.log", check=False)
            raise DeployError(f"nginx did not take the new configuration:\n{said}")
        time.sleep(LOOK_SECONDS)


def _master() -> str:
    """'0' when it does not run."""
    return systemctl("show", "--property=MainPID", "--value", "nginx").strip()


def _workers(master: str) -> set[str]:
    return set(Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split())


def _takes_more(worker: str) -> bool:
    title = _title(worker)
    return bool(title) and "shutting down" not in title


def _title(process: str) -> str:
    """'' for one that has ended, also just now."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
