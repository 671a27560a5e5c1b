"""The delivery script: which faults an event meets on its way, by its type, by chance with a seed, or both. Sends nothing.

A rule names an action and may narrow it by `types`, `chance` and `times`. `drop`, `delay` and `reorder` change the delivery
itself; a wrong secret or an old time stamp spoils its first attempt, so that the retry is the right one; a duplicate, another
mode's or another version's event comes beside it.
"""

from fnmatch import fnmatchcase
from random import Random
from typing import Any, Literal

import msgspec
from msgspec import Struct

from api.sandbox.books import Books, Object

Action = Literal[
    "duplicate", "reorder", "delay", "drop", "wrong_secret", "old_timestamp", "other_api_version", "other_livemode"
]
NOTE = "script"
OTHER_API_VERSION = "2020-08-27"


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """`types` are patterns like 'checkout.session.*'; `seconds` is the longest delay; `times` how often it may still happen."""

    action: Action
    types: tuple[str, ...] = ("*",)
    chance: float = 1.0
    seconds: float = 2.0
    copies: int = 1
    times: int | None = None


class Script(Struct, frozen=True, forbid_unknown_fields=True):
    rules: tuple[Rule, ...] = ()
    seed: int = 0


class Sending(Struct, frozen=True, kw_only=True):
    """One delivery as planned; `fault` names what spoils its first attempt, `changes` are made to the event."""

    after_seconds: float = 0
    dropped: bool = False
    fault: str = ""
    changes: dict[str, Any] = {}


def plan(books: Books, event: Object) -> list[Sending]:
    """What is to be sent for an event: the real delivery first, then what the script puts beside it."""
    script = current(books)
    if not script.rules:
        return [Sending()]
    number = books.number(event["id"])
    chance = Random(f"{script.seed} {number}")
    met = [rule for rule in script.rules if _meets(rule, event, chance)]
    _count_down(books, script, met)
    own: dict[str, Any] = {}
    for rule in met:
        own |= _on_the_way(rule, chance)
    return [Sending(**own), *(extra for rule in met for extra in _beside(rule, event, chance))]


def current(books: Books) -> Script:
    return msgspec.convert(books.note(NOTE) or {}, Script)


def keep(books: Books, script: Script) -> None:
    books.keep_note(NOTE, msgspec.to_builtins(script))


def _meets(rule: Rule, event: Object, chance: Random) -> bool:
    drawn = chance.random() < rule.chance  # drawn for every rule, so that one rule's luck does not depend on another's
    return drawn and rule.times != 0 and any(fnmatchcase(event["type"], pattern) for pattern in rule.types)


def _count_down(books: Books, script: Script, met: list[Rule]) -> None:
    if any(rule.times is not None for rule in met):
        fewer = tuple(
            msgspec.structs.replace(rule, times=rule.times - 1) if rule in met and rule.times else rule
            for rule in script.rules
        )
        keep(books, msgspec.structs.replace(script, rules=fewer))


def _on_the_way(rule: Rule, chance: Random) -> dict[str, Any]:
    match rule.action:
        case "drop":
            return {"dropped": True}
        case "delay":
            return {"after_seconds": rule.seconds}
        case "reorder":
            return {"after_seconds": chance.uniform(0, rule.seconds)}
        case "wrong_secret" | "old_timestamp":
            return {"fault": rule.action}
        case _:
            return {}


def _beside(rule: Rule, event: Object, chance: Random) -> list[Sending]:
    other = {"id": f"{event['id']}x"}  # an event of its own, or the real one would count as delivered
    match rule.action:
        case "duplicate":
            return [Sending(after_seconds=chance.uniform(0, rule.seconds)) for _ in range(rule.copies)]
        case "other_api_version":
            return [Sending(changes={"api_version": OTHER_API_VERSION, **other})]
        case "other_livemode":
            return [Sending(changes={"livemode": True, **other})]
        case _:
            return []
