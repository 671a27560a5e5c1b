"""Pages of objects, newest first, as Stripe gives them, and the expanding of ids into what they name."""

from collections.abc import Mapping
from typing import Any

from api.sandbox.books import Books, Object, field
from api.sandbox.errors import StripeFault, missing_object

LIMIT_DEFAULT, LIMIT_MAX = 10, 100
DEPTH_MAX = 4
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
INCLUDABLE = {"checkout.session": {"line_items": "_line_items", "breakdown": "_breakdown"}}


class Query:
    """Conditions on objects of a kind, collected and then read as one page."""

    def __init__(self, books: Books, kind: str) -> None:
        self._books, self._kind = books, kind
        self._conditions, self._values = ["kind = ?"], [kind]

    def equal(self, values: Mapping[str, Any]) -> "Query":
        """Paths like 'customer_details.email' to values; None asks for nothing."""
        for path, value in values.items():
            if value is not None:
                self.also(f"{field(path)} = ?", value)
        return self

    def also(self, condition: str, *values: Any) -> "Query":
        self._conditions.append(condition)
        self._values += values
        return self

    def page(self, params: Object, *, url: str) -> Object:
        """By limit, starting_after, ending_before and created; raises StripeFault for a limit or a place that is none."""
        limit = params.get("limit", LIMIT_DEFAULT)
        if not 1 <= limit <= LIMIT_MAX:
            raise StripeFault(f"Invalid limit: must be between 1 and {LIMIT_MAX}", param="limit")
        self._created(params.get("created"))
        newer = "ending_before" in params
        for name, comparison in (("starting_after", "<"), ("ending_before", ">")):
            if name in params:
                self.also(f"number {comparison} ?", self._place(params[name], param=name))
        found = self._read(order="ASC" if newer else "DESC", count=limit + 1)
        data = found[:limit][::-1] if newer else found[:limit]
        return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}

    def _created(self, created: Any) -> None:
        if isinstance(created, int):
            self.also("created = ?", created)
        for name, second in (created or {}).items() if isinstance(created, dict) else ():
            self.also(f"created {COMPARISONS[name]} ?", second)

    def _place(self, object_id: str, *, param: str) -> int:
        number = self._books.number(object_id)
        if number is None:
            raise missing_object(self._kind, object_id, param=param, status=400)
        return number

    def _read(self, *, order: str, count: int) -> list[Object]:
        where = " AND ".join(self._conditions)
        query = f"SELECT data FROM objects WHERE {where} ORDER BY number {order} LIMIT ?"  # noqa: S608 (words of our own)
        return self._books.read(query, (*self._values, count))


def embedded(items: list[Any], *, url: str) -> Object:
    """A list inside an object, whole."""
    return {"object": "list", "data": items, "has_more": False, "url": url}


def shown(books: Books, found: Object, *, expand: list[str]) -> Object:
    """What the answer shows of an object or a page: no notes of our own, and the ids in `expand` replaced."""
    for path in expand:
        parts = path.split(".")
        if len(parts) > DEPTH_MAX + (parts[0] == "data"):
            raise StripeFault(f"You cannot expand more than {DEPTH_MAX} levels of a property. Property: {path}")
        _expand(books, found, parts, path=path)
    result: Object = public(found)
    return result


def public(value: Any) -> Any:
    """Without the fields that begin with '_', which are the stand-in's own."""
    if isinstance(value, dict):
        return {name: public(part) for name, part in value.items() if not name.startswith("_")}
    return [public(part) for part in value] if isinstance(value, list) else value


def _expand(books: Books, about: Any, parts: list[str], *, path: str) -> None:
    if isinstance(about, list):
        for item in about:
            _expand(books, item, parts, path=path)
        return
    if not isinstance(about, dict):
        return
    head, *rest = parts
    if head not in about:
        _include(about, head, path=path)
    if isinstance(about[head], str):
        about[head] = books.any(about[head]) or about[head]
    if rest:
        _expand(books, about[head], rest, path=path)


def _include(about: Object, name: str, *, path: str) -> None:
    kept = INCLUDABLE.get(about.get("object", ""), {}).get(name) or f"_{name}"
    if kept not in about:
        _unexpandable(path)
    about[name] = about[kept]


def _unexpandable(path: str) -> None:
    raise StripeFault(f"This property cannot be expanded ({path}).", param="expand")
