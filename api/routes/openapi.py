"""The service described to programs: OpenAPI 3.1, made of the same declarations and types that decode requests.

https://spec.openapis.org/oas/v3.1.1.html
"""

import inspect
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from api.errors import Code
from api.routes.access import BY_SESSION, BY_TOKEN, Access
from api.routes.contract import SAFE_METHODS, Endpoint, path_names
from api.routes.cookies import SESSION
from api.routes.problems import MEDIA_TYPE, STATUSES, Problem

ID_LENGTH_MAX = 200
SECURITY: dict[Access, dict[str, Any]] = {
    Access.ACCOUNT: {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION,
        "description": "Set by signing in. Changes must come from the site's own pages (Origin or Sec-Fetch-Site).",
    },
    Access.DEVICE: {"type": "http", "scheme": "bearer", "description": "An app's own opaque, revocable token."},
    Access.STRIPE: {
        "type": "apiKey",
        "in": "header",
        "name": "Stripe-Signature",
        "description": "Stripe's signature of the body, made with the webhook's secret.",
    },
    Access.SYNC: {
        "type": "http",
        "scheme": "basic",
        "description": "User name and password made for one podcast app. After login.json its cookie `sessionid` does too; so does"
        " an app's token with the scope sync (the user is then the account's id), and a secret user name alone.",
    },
}
FROM_PAGES = (*BY_SESSION, Access.PUBLIC, Access.SYNC)  # a browser may ask, led there by another site
FORMS = ("application/json", "application/x-www-form-urlencoded")


def document(endpoints: Iterable[Endpoint], *, url: str) -> dict[str, Any]:
    """The whole document as plain values."""
    declared = tuple(endpoints)
    types = [
        kind
        for each in declared
        for kind in (each.documented or each.body, *each.answers.values())
        if _has_schema(kind)
    ]
    names, components = _schemas([*types, Problem])
    paths: dict[str, dict[str, Any]] = {}
    for each in declared:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Longwave",
            "version": "1",
            "description": "Accounts, library and checkout. Every refusal is a problem document (RFC 9457).",
        },
        "servers": [{"url": url}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {str(access): scheme for access, scheme in SECURITY.items()},
        },
    }


def problem_codes(endpoint: Endpoint) -> list[Code]:
    """What the route refuses by itself, and what every route of its kind may refuse."""
    changes = endpoint.method not in SAFE_METHODS
    codes = [
        *endpoint.problems,
        *([Code.SIGNED_OUT] if endpoint.access in (*BY_SESSION, *BY_TOKEN, Access.SYNC) else []),
        *([Code.OTHER_USER, Code.RATE_LIMITED] if endpoint.access is Access.SYNC else []),
        *([Code.FORBIDDEN] if endpoint.scope else []),
        *([Code.NOT_FOUND] if path_names(endpoint.path) else []),
        *([Code.FOREIGN_ORIGIN] if changes and endpoint.access in FROM_PAGES else []),
        *([Code.MALFORMED, Code.INVALID] if endpoint.body not in (None, bytes) else []),
        *([Code.INVALID] if endpoint.query else []),
        *([Code.TOO_SLOW, Code.TOO_LARGE, Code.UNAVAILABLE, Code.STORAGE_FULL] if changes else []),
    ]
    return list(dict.fromkeys(codes))


def _operation(endpoint: Endpoint, names: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    noun = endpoint.handler.__module__.rpartition(".")[2]
    operation: dict[str, Any] = {
        "operationId": f"{noun}.{endpoint.handler.__name__}",
        "tags": [noun],
        "responses": _responses(endpoint, names),
        "security": [{name: []} for name in _doors(endpoint.access)],
    }
    if text := inspect.getdoc(endpoint.handler):
        operation["summary"], _, operation["description"] = (part.strip() for part in text.partition("\n"))
    if parameters := [*_path_parameters(endpoint), *_query_parameters(endpoint)]:
        operation["parameters"] = parameters
    if endpoint.documented:
        operation["requestBody"] = {"required": True, "content": {FORMS[0]: {"schema": names[endpoint.documented]}}}
    elif endpoint.body is bytes:
        operation["requestBody"] = {"required": True, "content": {FORMS[0]: {"schema": {"type": "object"}}}}
    elif endpoint.body:
        content = {form: {"schema": names[endpoint.body]} for form in FORMS}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _doors(access: Access) -> tuple[str, ...]:
    """The security schemes any of which will do."""
    if access is Access.PERSON:
        return (str(Access.DEVICE), str(Access.ACCOUNT))
    return (str(access),) if access in SECURITY else ()


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": ID_LENGTH_MAX}
    ordered = sorted(path_names(endpoint.path), key=endpoint.path.index)
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in ordered]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if not endpoint.query:
        return []
    schema = next(iter(msgspec.json.schema(endpoint.query)["$defs"].values()))
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _responses(endpoint: Endpoint, names: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, kind in endpoint.answers.items():
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if kind is not None:
            schema = names[kind] if _has_schema(kind) else {}
            responses[str(status)]["content"] = {endpoint.media_type: {"schema": schema}}
    if endpoint.method not in SAFE_METHODS and endpoint.access is not Access.STRIPE:
        responses.setdefault("303", {"description": "For a form without script: a page of the site, with a message."})
    by_status: dict[int, list[Code]] = {}
    for code in problem_codes(endpoint):
        by_status.setdefault(STATUSES[code][0], []).append(code)
    for status, codes in sorted(by_status.items()):
        content: dict[str, Any] = {MEDIA_TYPE: {"schema": names[Problem]}}
        content |= {"text/html": {}} if endpoint.again else {}
        responses[str(status)] = {"description": ", ".join(codes), "content": content}
    return responses


def _has_schema(kind: Any) -> bool:
    return kind is not None and kind not in (bytes, str)


def _schemas(types: list[Any]) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    unique = list(dict.fromkeys(types))
    references, components = msgspec.json.schema_components(unique, ref_template="#/components/schemas/{name}")
    return dict(zip(unique, references, strict=True)), components
