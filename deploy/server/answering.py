"""Answers one request on the publisher's socket: what it says and how it ended, in the log of the server and as a state too."""

import datetime as dt
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

import msgspec

from deploy.errors import DeployError
from deploy.server import publishing, states, wire

Clock = Callable[[], dt.datetime]


def answer(source: IO[bytes], answers: IO[bytes], *, clock: Clock) -> None:
    """Whoever asked may have gone away meanwhile: what was begun is ended all the same."""

    def send(line: wire.Answer) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            answers.write(msgspec.json.encode(line) + b"\n")

    def say(text: str) -> None:
        print(text, file=sys.stderr)  # the journal's
        send(wire.Said(text))

    begun = time.monotonic()
    try:
        ended = _publish(source, say=say, clock=clock)
    except (DeployError, OSError) as error:
        for line in str(error).splitlines():
            say(line)
        states.record_publish(
            ok=False, seconds=time.monotonic() - begun, detail=str(error).partition("\n")[0], now=clock()
        )
        ended = wire.Ended(False)
    send(ended)


def _publish(source: IO[bytes], *, say: Callable[[str], None], clock: Clock) -> wire.Ended:
    request = wire.read_request(source)
    if request.kind == "again":
        raise DeployError("only the clock builds again what was published")
    done = publishing.publish(request, source, say=say)
    what = f"release {done.site}" if done.changed else f"nothing differs from release {done.site}"
    say(f"{publishing.address()}: {what}, after {done.seconds:.1f} s")
    if done.due:
        say(f"the next change by itself: {done.due:%Y-%m-%d %H:%M} UTC")
    states.record_publish(ok=True, seconds=done.seconds, detail=f"{request.who}: {what}", now=clock())
    return wire.Ended(True, done.site if done.changed else "")
