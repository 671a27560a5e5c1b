"""How the service speaks to its operator: one JSON object a line, with names of events and ids, and nothing personal.

Whoever logs passes ids. What slips through all the same (an address in the text of an error, a token) is masked here.
"""

import asyncio
import datetime as dt
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import Processor

# The first that matches counts: keys, mail addresses, long random texts, network addresses.
MASKS = {
    "key": r"\b(?:sk|rk|pk|whsec)_[A-Za-z0-9_]{4,}",
    "mail": r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:=]+",
    "token": r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}",
    "address": r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
    "address6": r"(?<![0-9A-Za-z:])(?:[0-9a-fA-F]{1,4}:){3,}[0-9a-fA-F:]*[0-9a-fA-F]",
}
MASKED = re.compile("|".join(f"(?P<{name}>{expression})" for name, expression in MASKS.items()))
# A text of letters, digits and single marks, shorter than a token, can hold none of them: most texts are such.
HARMLESS = re.compile(r"(?!(?:sk|rk|pk|whsec)_)[a-z0-9_/{}-]{0,39}|[a-z_]*")
SECRET_NAMES = frozenset({"authorization", "code", "cookie", "email", "password", "recipient", "secret", "token"})
_encode = msgspec.json.Encoder().encode
KEPT_WHOLE = frozenset({"event", "level", "timestamp", "logger"})


def configure(stream: TextIO = sys.stdout, *, level: int = logging.INFO, for_good: bool = False) -> None:
    """When the process starts, also for what libraries say by `logging`. `for_good`: never again, which makes lines cheaper."""
    _Said.stream = stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        masked,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_json)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=for_good,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def say(event: str, **fields: str | int | float) -> None:
    """A line of our own words and numbers only, which needs no masking: for what is said at every request."""
    if _Said.stream is None:
        structlog.get_logger().info(event, **fields)
        return
    line = _encode({**fields, "event": event, "level": "info", "timestamp": dt.datetime.now(dt.UTC)})
    _Said.stream.write(f"{line.decode()}\n")
    if not _Said.waits:
        _flush_soon()


class _Said:
    """Where `configure` said that lines go, and whether some wait to be written."""

    stream: TextIO | None = None
    waits = False


def _flush_soon() -> None:
    """Once for all that the event loop does in one turn."""
    try:
        asyncio.get_running_loop().call_soon(_flush)
        _Said.waits = True
    except RuntimeError:  # there is no event loop
        _flush()


def _flush() -> None:
    _Said.waits = False
    if _Said.stream:
        _Said.stream.flush()


def masked(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """The last processor before the text is made."""
    return {name: value if name in KEPT_WHOLE else _masked(name, value) for name, value in event.items()} | {
        "event": _text(str(event.get("event", "")))
    }


def _masked(name: str, value: Any) -> Any:
    if name.lower() in SECRET_NAMES and value:
        return "(masked)"
    if isinstance(value, Mapping):
        return {key: _masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_masked("", inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _text(str(value))


def _text(value: str) -> str:
    return value if HARMLESS.fullmatch(value) else MASKED.sub(lambda found: f"({found.lastgroup})", value)


def _json(value: Any, **_: Any) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
