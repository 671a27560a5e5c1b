"""The files beside it with their placeholders filled; knows neither what they are for nor where they go."""

import re
from pathlib import Path

FILES = Path(__file__).with_name("files")
PLACEHOLDER = re.compile(r"@([A-Z0-9_]+)@")


def text(name: str, **values: str | int) -> str:
    """`text("sshd.conf", ssh_port=22)` fills @SSH_PORT@. Raises KeyError for a placeholder that has no value."""
    filled = {key.upper(): str(value) for key, value in values.items()}
    return PLACEHOLDER.sub(lambda found: filled[found[1]], (FILES / name).read_text(encoding="utf-8"))
