"""The first page, and the operator's: sales, refunds as in Stripe's dashboard, ends of delayed payments, the fate of events."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.sandbox import mailbox, payments, refunds, sessions
from api.sandbox.api import StripeApi
from api.sandbox.books import Books, Object
from api.sandbox.errors import StripeFault
from api.sandbox.pages import message, page, read_form

SHOWN = 50
Act = Callable[[Books, str, dict[str, str]], Any]


def routes(books: Books, api: StripeApi, *, mails: Path) -> list[Route]:
    async def index(_: Request) -> Response:
        codes = [
            (code, books.find("coupon", code["promotion"]["coupon"])) for code in books.newest("promotion_code", SHOWN)
        ]
        usable = [pair for pair in codes if pair[1]]
        return page("index.html", codes=usable, sessions=books.count("checkout.session"), mails=mailbox.count(mails))

    async def show(_: Request) -> Response:
        return page("desk.html", **_shown(books), calls=list(api.calls)[:SHOWN])

    async def act(request: Request) -> Response:
        path = request.path_params
        form = await read_form(request)
        run = ACTS.get((path["what"], path["action"]))
        if run is None:
            return message("No such action", str(request.url.path), status=404, back="/desk")
        try:
            with books.transaction():
                run(books, path["id"], form)
        except StripeFault as fault:
            return message("Refused", str(fault), status=422, back="/desk")
        return RedirectResponse("/desk", 303)

    return [
        Route("/", index, methods=["GET"]),
        Route("/desk", show, methods=["GET"]),
        Route("/operate/{what}/{id}/{action}", act, methods=["POST"]),
    ]


def _refund(books: Books, intent: str, form: dict[str, str]) -> Object:
    """The whole rest, or the cents of the form."""
    params: Object = {"payment_intent": intent}
    if form.get("amount_cents"):
        if not form["amount_cents"].isdigit():
            raise StripeFault("Write the amount in cents, for instance 900.", param="amount")
        params["amount"] = int(form["amount_cents"])
    return refunds.create(books, params)


ACTS: dict[tuple[str, str], Act] = {
    ("sessions", "expire"): lambda books, session, _: sessions.expire(books, {}, session),
    ("sessions", "succeed"): lambda books, session, _: payments.settle(books, session, succeeds=True),
    ("sessions", "fail"): lambda books, session, _: payments.settle(books, session, succeeds=False),
    ("payments", "refund"): _refund,
    ("refunds", "succeed"): lambda books, refund, _: refunds.settle(books, refund, succeeds=True),
    ("refunds", "fail"): lambda books, refund, _: refunds.settle(books, refund, succeeds=False),
}


def _shown(books: Books) -> dict[str, Any]:
    newest = books.newest("checkout.session", SHOWN)
    charges = {session["id"]: _charge(books, session) for session in newest}
    return {
        "sessions": newest,
        "charges": charges,
        "refunds": books.newest("refund", SHOWN),
        "events": [(event, _fate(books, event)) for event in books.newest("event", SHOWN)],
    }


def _charge(books: Books, session: Object) -> Object | None:
    intent = books.find("payment_intent", session["payment_intent"])
    return books.find("charge", intent["latest_charge"]) if intent else None


def _fate(books: Books, event: Object) -> str:
    """'taken', 'waits', 'dropped' or the last answer; '' when nobody asked for it."""
    query = "SELECT delivered, due, answer FROM deliveries WHERE event = ? ORDER BY delivered DESC, id LIMIT 1"
    row = books.db.execute(query, (event["id"],)).fetchone()
    if row is None:
        return ""
    if row[0]:
        return "taken"
    return f"waits {row[2]}".strip() if row[1] is not None else f"not taken: {row[2] or 'dropped by the script'}"
