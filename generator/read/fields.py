"""Turns plain data (from YAML or TOML) into typed values and explains to an editor what does not fit. Knows no file format."""

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

import msgspec

Path = tuple[str | int, ...]
Report = Callable[[Path, str, str], None]
"""Takes a field's path such as ("chapters", 3, "at"), the problem and the remedy."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
KINDS = {  # msgspec's names, and an editor's
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping (key: value)",
    "null": "empty",
    "datetime": "a date",
    "date": "a date",
}
NAME_CHARACTERS_MAX = 100  # of a name that is compared with others, which takes long
Whole = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""A whole number that JSON and every language's numbers can hold."""

Value = TypeVar("Value", bound=msgspec.Struct)


def convert(
    data: dict[str, Any],
    kind: type[Value],
    report: Report,
    *,
    at: Path = (),
    stand_ins: Mapping[str, object] = MappingProxyType({}),
) -> Value | None:
    """`data` as `kind` (a struct that forbids unknown fields), after every misfit was reported.

    A misfit is left out, or takes its value of `stand_ins`, so that the other fields can be checked in the same run;
    None when a required field has neither.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError:
        known = {field.name: field for field in msgspec.structs.fields(kind)}
        good = dict(stand_ins)
        for name, value in data.items():
            if name not in known:
                report((*at, str(name)), f"'{name}' is not a field", nearest(str(name), known))
            elif _is_struct(known[name].type) and isinstance(value, dict):
                below = convert(value, known[name].type, report, at=(*at, name))
                if below is not None:
                    good[name] = msgspec.to_builtins(below)
            elif _fits((*at, name), value, known[name].type, report):
                good[name] = value
        for name, field in known.items():
            if field.required and name not in data:
                report(at, f"'{name}' is missing", f"Add '{name}'")
    try:
        return msgspec.convert(good, kind)
    except msgspec.ValidationError:
        return None


def refuse_control(data: object, report: Report, *, at: Path = ()) -> None:
    """Reports texts with characters that XML cannot hold; an escape such as "\\x07" can bring them in."""
    if isinstance(data, str) and (found := CONTROL.search(data)):
        report(at, f"the text has a control character ({ord(found[0]):#04x})", "Remove it")
    elif isinstance(data, dict):
        for key, value in data.items():
            refuse_control(value, report, at=(*at, str(key)))
    elif isinstance(data, list):
        for k, value in enumerate(data):
            refuse_control(value, report, at=(*at, k))


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy for an unknown name.

    >>> nearest("titel", ["title", "date"])
    "Write 'title'"
    """
    names = sorted(known)
    close = difflib.get_close_matches(name[:NAME_CHARACTERS_MAX], names, n=1)
    return f"Write '{close[0]}'" if close else f"Remove it; known are {', '.join(names)}"


def steps(subpath: str) -> Path:
    """
    >>> steps("[3].at")
    (3, 'at')
    """
    return tuple(int(step) if step.isdigit() else step for step in re.findall(r"\w+", subpath))


def moment(value: object, zone: dt.tzinfo) -> dt.datetime | None:
    """A written date as aware UTC; without an offset it is read in `zone`. None when it makes no sense."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    if not isinstance(value, dt.datetime) or not 1990 <= value.year < 2200:
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (OverflowError, ValueError):
        return None


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _fits(path: Path, value: object, kind: Any, report: Report) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, below = str(error).partition(" - at `$")
        place = (*path, *steps(below.replace("...", "")))
        report(place, *_in_words(".".join(map(str, place)), message))
        return False
    return True


def _in_words(name: str, message: str) -> tuple[str, str]:
    if unknown := re.match(r"Object contains unknown field `(.+)`", message):
        return f"'{unknown[1]}' is not a field of '{name}'", "Remove it"
    if missing := re.match(r"Object missing required field `(.+)`", message):
        return f"'{name}' has no '{missing[1]}'", f"Add '{missing[1]}'"
    misfit = re.match(r"Expected `(.+?)`, got `(.+?)`", message)
    if misfit is None:
        return f"'{name}': {message[0].lower()}{message[1:]}", "Correct the value"
    wanted = " or ".join(KINDS.get(kind.strip(), kind) for kind in misfit[1].split("|") if kind.strip() != "null")
    got = KINDS.get(misfit[2], misfit[2])
    unquoted = "str" in misfit[1] and misfit[2] in ("int", "float", "bool", "date", "datetime")
    return f"'{name}' is {got}, not {wanted}", "Put it in quotes" if unquoted else f"Write {wanted}"
