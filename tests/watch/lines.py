"""Lines as nginx writes them into its access log, for tests that need a month of them in a second."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

LISTENER = {"address": "198.51.100.7", "agent": "AntennaPod/3.4", "client": "app"}


def line(at: datetime, path: str = "/", **fields: Any) -> str:
    kind = "media" if path.startswith("/media/") else "other" if path.startswith("/api") else "page"
    usual = {"method": "GET", "status": 200, "bytes": 1000, "seconds": 0.001, "kind": kind, "client": "browser"}
    return json.dumps({"time": at.timestamp(), "path": path, **usual, **fields}) + "\n"


def write(file: Path, *lines: str) -> Path:
    with file.open("a") as log:
        log.writelines(lines)
    return file
