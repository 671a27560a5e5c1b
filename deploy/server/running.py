"""Runs the machine's own programs and gives what they say; decides nothing."""

import subprocess

from deploy.errors import DeployError

SECONDS_MAX = 90
TOLD_LINES = 20


def run(*command: str, check: bool = True, seconds: float = SECONDS_MAX) -> str:
    """What the command wrote. Raises DeployError with its last words when it fails, unless told not to `check`."""
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DeployError(f"`{' '.join(command)}` has not ended after {seconds:.0f} seconds") from None
    except OSError as error:
        raise DeployError(f"`{command[0]}` cannot be run: {error.strerror}. Install it, or deploy again") from error
    if check and ended.returncode:
        said = "\n".join(ended.stdout.strip().splitlines()[-TOLD_LINES:])
        raise DeployError(f"`{' '.join(command)}` failed ({ended.returncode}):\n{said}")
    return ended.stdout


def succeeds(*command: str) -> bool:
    try:
        run(*command)
    except DeployError:
        return False
    return True


def systemctl(*arguments: str, check: bool = True, seconds: float = SECONDS_MAX) -> str:
    return run("systemctl", "--no-pager", *arguments, check=check, seconds=seconds)
