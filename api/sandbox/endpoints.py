"""Webhook endpoints: where events go, which, and under which secret they are signed."""

from api.sandbox.books import Books, Object, merged_metadata
from api.sandbox.checks import metadata, url
from api.sandbox.lists import Query
from api.sandbox.settings import SandboxSettings

OWN = "we_sandbox"  # the endpoint that the settings name


def keep_own(books: Books, settings: SandboxSettings) -> None:
    """The endpoint of the settings, as they now are."""
    books.remove(OWN)
    if settings.webhook:
        asked = {"url": settings.webhook, "enabled_events": list(settings.events)}
        books.add(_endpoint(books, asked) | {"id": OWN, "_secret": settings.webhook_secret})


def create(books: Books, params: Object) -> Object:
    """The only answer that shows the secret."""
    url(params, "url")
    endpoint = books.add(_endpoint(books, params))
    return endpoint | {"secret": endpoint["_secret"]}


def update(books: Books, params: Object, endpoint_id: str) -> Object:
    endpoint = books.get("webhook_endpoint", endpoint_id)
    changes: Object = {name: params[name] for name in ("url", "enabled_events", "description") if name in params}
    if "disabled" in params:
        changes["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        changes["metadata"] = merged_metadata(endpoint["metadata"], metadata(params)) if params["metadata"] else {}
    return books.put(endpoint | changes)


def delete(books: Books, _: Object, endpoint_id: str) -> Object:
    books.get("webhook_endpoint", endpoint_id)
    books.remove(endpoint_id)
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}


def list_all(books: Books, params: Object) -> Object:
    return Query(books, "webhook_endpoint").page(params, url="/v1/webhook_endpoints")


def _endpoint(books: Books, params: Object) -> Object:
    return {
        "id": books.new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": None,
        "created": books.now,
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": metadata(params),
        "status": "enabled",
        "url": params["url"],
        "_secret": f"whsec_{books.new_id('')[1:]}",
    }
