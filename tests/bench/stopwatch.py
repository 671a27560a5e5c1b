"""Runs one command and writes down what it took; a process of its own so that nothing else is in the figures.

Usage: stopwatch.py RESULT COMMAND [ARGUMENT ...]. The exit code is the command's. RESULT becomes a JSON object: `seconds`
by the wall, `cpu_seconds` (user and system) of the command and all that it waited for, and `peak_kib`, the resident size
of the largest of those. A process inherits the peak of the one it is forked from (Linux, exec_mmap in fs/exec.c): here
that is a small one.
"""

import json
import os
import sys
import time


def main(result: str, command: list[str]) -> int:
    begun = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    seconds = time.perf_counter() - begun
    took = {"seconds": seconds, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_kib": used.ru_maxrss}
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 (pathlib would triple the size of this process)
        json.dump(took, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
