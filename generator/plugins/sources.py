"""When Pelican has started: reads every source of the content folder."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pelican.plugins import signals

from generator.project import Options, opened


def register() -> None:
    signals.initialized.connect(read)


def read(pelican: Any) -> None:
    settings = pelican.settings
    if settings["LONGWAVE"] is None:  # started by `pelican` itself
        settings["LONGWAVE_CLOSING"] = stack = ExitStack()
        options = Options(
            content=Path(settings["PATH"]),
            output=Path(settings["OUTPUT_PATH"]),
            theme=Path(settings["THEME"]),
            at=datetime.now(UTC),
        )
        settings["LONGWAVE"] = stack.enter_context(opened(options))
    settings["LONGWAVE"].read()
