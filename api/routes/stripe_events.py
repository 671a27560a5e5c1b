"""Where Stripe tells us of changes: checked, kept, answered. What an event leads to happens later and elsewhere."""

from msgspec import Struct
from starlette.requests import Request

from api.errors import Code
from api.model import EventState
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import events


class Taken(Struct, frozen=True):
    """`new` is False for an event that came before, which is answered like any other."""

    id: str
    state: EventState
    new: bool


@endpoint("POST", "/api/stripe/events", answers={200: Taken}, problems=(Code.MALFORMED,), access=Access.STRIPE)
async def take(request: Request, body: bytes) -> Answer:
    """Takes a signed event into the inbox; one that came before is answered alike."""
    taken = await events.receive(service_of(request), body, request.headers.get("stripe-signature"))
    return Answer(body=Taken(taken.id, taken.state, taken.new))


ENDPOINTS = (take,)
