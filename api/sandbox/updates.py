"""A change of an object by the API's parameters: known fields, metadata key by key, and the event of it."""

from api.sandbox.books import Books, Object, merged_metadata
from api.sandbox.checks import metadata
from api.sandbox.events import record


def updated(books: Books, standing: Object, params: Object, event: str) -> Object:
    changes = {name: value for name, value in params.items() if name in standing and name != "metadata"}
    if "metadata" in params:
        changes["metadata"] = merged_metadata(standing["metadata"], metadata(params)) if params["metadata"] else {}
    changes |= {"updated": books.now} if "updated" in standing else {}
    previous = {name: standing[name] for name, value in changes.items() if standing[name] != value}
    result = books.put(standing | changes)
    record(books, event, result, previous=previous)
    return result
