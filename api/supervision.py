"""What systemd is told of this process: that it is ready, that it still works, that it ends. Without systemd nothing is told.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

import os
import socket
from collections.abc import Mapping

SIGNS_A_PERIOD = 3  # two may be late before systemd starts us again


def tell(state: str, environment: Mapping[str, str] = os.environ) -> None:
    """One of READY=1, WATCHDOG=1, STOPPING=1. Raises OSError when systemd gave an address and nobody is there."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.sendall(state.encode())


def seconds_between_signs(environment: Mapping[str, str] = os.environ) -> float | None:
    """How often systemd's watchdog wants to hear of us; None when nobody listens, or it is not us whom it watches.

    >>> seconds_between_signs({"WATCHDOG_USEC": "30000000"})
    10.0
    """
    period = environment.get("WATCHDOG_USEC", "")
    watched = environment.get("WATCHDOG_PID", str(os.getpid()))
    if not period.isdigit() or watched != str(os.getpid()):
        return None
    return int(period) / 1_000_000 / SIGNS_A_PERIOD
