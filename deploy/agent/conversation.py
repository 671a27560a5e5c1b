"""Answers the deployer over stdin and stdout until it hangs up. Standard library only.

A request is a line of JSON, which says how many bytes follow it; the answer is lines {"step": ..., "seconds": ...} and at last
{"done": ...} or {"failed": ...}.
"""

import fcntl
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.agent import former, plan, trees
from deploy.agent.commands import Failed, outcome

LOCK = Path("/var/lib/longwave-deploy/deploying")
OF_THE_SESSION = ("TMPDIR", "TMP", "TEMP", "TEMPDIR")  # libpam-tmpdir's, which root's other users cannot enter
HELD: list[Any] = []  # until this process ends


def converse() -> None:
    os.umask(0o022)
    for name in OF_THE_SESSION:
        os.environ.pop(name, None)
    source, sink = sys.stdin.buffer, sys.stdout.buffer

    def tell(message: dict[str, Any]) -> None:
        sink.write(json.dumps(message).encode() + b"\n")
        sink.flush()

    tell({"done": "ready"})
    while line := source.readline():
        request = json.loads(line)
        content = source.read(request.get("bytes", 0))
        try:
            tell({"done": answer(request, content, say=lambda step, seconds: tell({"step": step, "seconds": seconds}))})
        except (Failed, OSError) as error:
            tell({"failed": str(error)})


def answer(request: dict[str, Any], content: bytes, *, say: Callable[[str, float], None]) -> Any:  # noqa: PLR0911
    match request["do"]:
        case "describe":
            return describe()
        case "plan":
            return plan.plan(request["resources"])
        case "apply":
            return plan.apply(request["resources"], say=say)
        case "lock":
            return hold_lock(request["who"])
        case "put back":
            return former.put_back()
        case "missing":
            return [path for path in request["paths"] if not Path(path).exists()]
        case "receive":
            return trees.receive(Path(request["path"]), content, digest=request["sha256"])
        case "tree":
            return trees.differences(request["files"], Path(request["folder"]))
        case "lay":
            return trees.lay(request["files"], Path(request["folder"]))
        case "run":
            return outcome(request["words"], content)
    raise Failed(f"there is no request {request['do']!r}")


def describe() -> dict[str, Any]:
    """What the machine is: deploy/facts.py, Target."""
    said = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    memory = next(
        line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")
    )
    return {
        "system": said.get("ID", "").strip('"'),
        "debian": int(said.get("VERSION_ID", '"0"').strip('"').partition(".")[0] or 0),
        "architecture": os.uname().machine,
        "python": list(sys.version_info[:2]),
        "memory_mb": int(memory) // 1024,
        "is_root": os.geteuid() == 0,
    }


def hold_lock(who: str) -> None:
    """One deploy at a time: held until this process ends, however it ends."""
    LOCK.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = LOCK.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise Failed(
            f"{file.read().strip() or 'Somebody'} is deploying to this server. Try again when that is over."
        ) from None
    file.truncate(0)
    file.write(f"{who}, since {time.strftime('%H:%M:%S', time.gmtime())} UTC,")
    file.flush()
    HELD.append(file)
