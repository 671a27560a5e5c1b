"""Taking a free course in one tap: an order of nothing, like every other way to own what is free."""

from api.errors import AppError, Code
from api.model import Account
from api.usecases import checkout, entitlements
from api.usecases.checkout import Wish
from api.usecases.entitlements import Entitlement
from api.usecases.payment_page import Buyer
from api.usecases.service import Service


async def join(service: Service, account: Account, course_id: str, *, place: str) -> Entitlement:
    """Raises NOT_FOUND for no course, NOT_ON_SALE for one that costs something. Harmless to repeat."""
    course = service.catalog.current().course(course_id)
    if course is None:
        raise AppError(Code.NOT_FOUND, "There is no such course.")
    known = _owned(service, account, course_id)
    if known is not None:
        return known
    if not course.free:
        raise AppError(Code.NOT_ON_SALE, f"{course.title} is not free; it is bought on the site.")
    try:
        await checkout.start(
            service, Buyer(account=account, browser_hash=None, place=place), Wish(products=(course_id,))
        )
    except AppError as refused:
        if refused.code is not Code.ALREADY_OWNED:  # two taps at once
            raise
    joined = _owned(service, account, course_id)
    if joined is None:
        raise AppError(Code.UNAVAILABLE, "The course could not be opened just now. Please try again.")
    return joined


def _owned(service: Service, account: Account, course_id: str) -> Entitlement | None:
    found = entitlements.of(service.database, account.id, service.catalog.current(), now=service.clock())
    return next((each for each in found.courses if each.course == course_id), None)
