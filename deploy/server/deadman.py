"""Takes a release back by itself unless somebody says in time, from outside, that all is well; at the next boot at the latest.

`pending.json` says what waits to be confirmed. A timer of systemd's own goes off when its time is over, and a unit that exists only
while something waits runs at boot before anything that a release could have broken. Both run the programs of the release before.
"""

import shlex
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from deploy.errors import DeployError
from deploy.server import durable, places
from deploy.server.releases import Release
from deploy.server.running import run, systemctl

TIMER = "longwave-deadman"
BOOT = """# Exists while a release waits to be confirmed: a server that restarts meanwhile goes back to the release before.
[Unit]
Description=Longwave, back to the release before the unconfirmed one
DefaultDependencies=no
RequiresMountsFor=/opt /etc /var/lib
After=local-fs.target systemd-tmpfiles-setup.service
Before=sysinit.target nftables.service ssh.service nginx.service shutdown.target
Conflicts=shutdown.target
ConditionPathExists={pending}

[Service]
Type=oneshot
ExecStart={command}
TimeoutStartSec=60

[Install]
WantedBy=sysinit.target
"""


class Pending(Struct, frozen=True, kw_only=True):
    """`release` is current, and `parent` will be again unless it is confirmed before `deadline`."""

    release: str
    parent: str
    deadline: datetime


def pending() -> Pending | None:
    if not places.PENDING.exists():
        return None
    try:
        return msgspec.json.decode(places.PENDING.read_bytes(), type=Pending)
    except msgspec.DecodeError as error:
        raise DeployError(
            f"{places.PENDING} is damaged ({error}). Remove it, then look at: longwave server status"
        ) from error


def refuse_while_pending() -> None:
    if waiting := pending():
        raise DeployError(
            f"release {waiting.release} waits to be confirmed until {waiting.deadline:%H:%M:%S} UTC. Confirm it "
            f"(longwave server confirm {waiting.release}), take it back (longwave server revert), or wait"
        )


def arm(release: Release, parent: Release, *, seconds: int, now: datetime) -> Pending:
    """From now on only `disarm` keeps `release`."""
    waiting = Pending(release=release.id, parent=parent.id, deadline=now + timedelta(seconds=seconds))
    durable.write(places.PENDING, msgspec.json.encode(waiting))
    command = [str(parent.folder.resolve() / "environment/bin/python"), "-I", "-m", "deploy.server.going_back"]
    text = BOOT.format(pending=places.PENDING, command=shlex.join([*command, "--at-boot"]))
    durable.write(places.UNITS / places.PENDING_UNIT, text.encode(), mode=0o644)
    (places.UNITS / "sysinit.target.wants").mkdir(exist_ok=True)
    durable.link(places.UNITS / "sysinit.target.wants" / places.PENDING_UNIT, places.UNITS / places.PENDING_UNIT)
    _stop_timer()
    options = ("--unit", TIMER, f"--on-active={seconds}", "--timer-property=AccuracySec=500ms", "--collect")
    again = ("--property=Type=oneshot", "--property=Restart=on-failure", "--property=RestartSec=2")
    run("systemd-run", "--quiet", *options, *again, *command, "--unless-confirmed", release.id)
    return waiting


def disarm(*, from_timer: bool = False) -> None:
    """What is current stays. `from_timer`: the timer itself asks, and must not be ended by it."""
    durable.remove(places.UNITS / "sysinit.target.wants" / places.PENDING_UNIT)
    durable.remove(places.UNITS / places.PENDING_UNIT)
    durable.remove(places.PENDING)
    if not from_timer:
        _stop_timer()


def _stop_timer() -> None:
    systemctl("stop", f"{TIMER}.timer", check=False)
    systemctl("reset-failed", f"{TIMER}.service", f"{TIMER}.timer", check=False)
