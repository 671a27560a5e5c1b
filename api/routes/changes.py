"""What a person's devices tell each other through the server: one address takes changes, and gives those of the others."""

from msgspec import Struct
from starlette.requests import Request

from api.errors import Code
from api.routes import access
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import catalogue, changes, entitlements, incoming
from api.usecases.changes import Pulled, Pushed, Sender
from api.usecases.incoming import Push


class Since(Struct, frozen=True, kw_only=True):
    """Without a cursor everything is told, as to a new phone."""

    cursor: str = ""


@endpoint(
    "GET",
    "/api/v1/changes",
    answers={200: Pulled},
    problems=(Code.GONE,),
    access=Access.PERSON,
    scope="sync",
)
async def pull(request: Request, query: Since) -> Answer:
    """Tells what has changed since the cursor, the client's own changes too.

    Each entity comes once, as it is now; what was removed comes with `deleted`. 410 means: ask again without a cursor.
    """
    service, account, now = service_of(request), access.person(request).account, service_of(request).clock()
    version = None
    if catalog := service.catalog.last_good():  # without one there is nothing to tell of rights; the rest goes on
        await entitlements.tell(service.database, service.sync, account.id, catalog, now=now)
        version = catalogue.version(catalog, service.show.current())
    return Answer(body=changes.pull(service.sync.reader, account.id, query.cursor, catalogue=version))


@endpoint(
    "POST",
    "/api/v1/changes",
    answers={200: Pushed},
    problems=(Code.MALFORMED, Code.TOO_LARGE),
    access=Access.PERSON,
    scope="sync",
    bytes_max=incoming.BYTES_MAX,
    documented=Push,
)
async def push(request: Request, body: bytes) -> Answer:
    """Takes what a client has changed, each change answered by itself and in order.

    Safe to repeat, in whole or in part, for 180 days: a change is known by its id. At most 1,000 changes and 1 MiB at once.
    """
    service, person = service_of(request), access.person(request)
    sent, cursor = incoming.batch(body)
    sender = Sender(account_id=person.account.id, writer=person.writer)
    now, show = service.clock(), service.show.current()
    return Answer(
        body=await service.sync.write(lambda db: changes.push(db, sender, sent, cursor=cursor, now=now, show=show))
    )


ENDPOINTS = (pull, push)
