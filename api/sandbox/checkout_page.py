"""The page on which a person pays: every button is a form's, no script. What paying does is payments.py's."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.sandbox import payments, session_lines, sessions
from api.sandbox.books import Books, Object
from api.sandbox.checks import EMAIL
from api.sandbox.errors import StripeFault
from api.sandbox.pages import Form, message, page, read_form

COUNTRIES = {
    "US": "United States",
    "AT": "Austria",
    "FR": "France",
    "DE": "Germany",
    "IE": "Ireland",
    "NL": "Netherlands",
    "CH": "Switzerland",
    "GB": "United Kingdom",
}
FIELDS = ("email", "name", "country", "business_name", "tax_id", "promotion_code", "terms")
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"


def routes(books: Books) -> list[Route]:
    async def show(request: Request) -> Response:
        try:
            with books.transaction():
                session = sessions.current(books, request.path_params["session"])
        except StripeFault as fault:
            return message("No such checkout", str(fault), status=404)
        return _page(books, session, {})

    async def act(request: Request) -> Response:
        form = await read_form(request)
        session_id = request.path_params["session"]
        try:
            with books.transaction():
                return _done(books, session_id, form)
        except StripeFault as fault:
            return _refused(books, session_id, form, fault)

    return [
        Route("/checkout/{session}", show, methods=["GET"]),
        Route("/checkout/{session}", act, methods=["POST"]),
    ]


def _done(books: Books, session_id: str, form: Form) -> Response:
    session = sessions.current(books, session_id)
    match form.get("action"):
        case "back":
            return RedirectResponse(session["cancel_url"] or session["success_url"], 303)
        case "code" | "remove":
            _apply_code(books, session, form.get("promotion_code") if form["action"] == "code" else None)
            return _page(books, session, form)
        case "pay" | "delayed":
            session = payments.pay(books, session_id, _buyer(session, form), delayed=form["action"] == "delayed")
            return RedirectResponse(session["success_url"].replace(PLACEHOLDER, session_id), 303)
        case "decline":
            session = payments.decline(books, session_id, _buyer(session, form))
            return _page(books, session, form, problem=payments.DECLINED)
        case _:
            return _page(books, session, form, problem="Choose what to do.")


def _apply_code(books: Books, session: Object, code: str | None) -> None:
    """None takes the code away. Raises StripeFault when codes are not taken here, or not this one."""
    if not session["allow_promotion_codes"] or session["status"] != "open":
        raise StripeFault("This checkout takes no codes.")
    session["discounts"] = []
    if code is not None:
        session_lines.apply_promotion_code(books, session, code)
    session_lines.reckon(books, session, country=None, business=False)
    books.put(session)


def _buyer(session: Object, form: Form) -> payments.Buyer:
    """Raises StripeFault for an address that is none, a country that is not on the list, or terms not accepted."""
    address = _known_email(session) or form.get("email", "")
    if not EMAIL.fullmatch(address):
        raise StripeFault("Write your e-mail address, for instance ada@example.com.", param="email")
    country = form.get("country") or next(iter(COUNTRIES))
    if country not in COUNTRIES:
        raise StripeFault("Choose a country of the list.", param="country")
    return payments.Buyer(
        email=address,
        name=form.get("name", ""),
        business_name=form.get("business_name", ""),
        country=country,
        tax_id=form.get("tax_id", "") if session["tax_id_collection"]["enabled"] else "",
        terms_accepted=form.get("terms") == "accepted",
    )


def _refused(books: Books, session_id: str, form: Form, fault: StripeFault) -> Response:
    session = books.find("checkout.session", session_id)
    if session is None:
        return message("No such checkout", str(fault), status=404)
    return _page(books, session, form, problem=str(fault), status=422)


def _page(books: Books, session: Object, form: Form, *, problem: str = "", status: int = 200) -> Response:
    targets = (session["success_url"], session["cancel_url"])
    if session["status"] != "open":
        said = f"It is {session['status']}; nothing can be paid here any more."
        back = session["cancel_url"] or session["success_url"]
        return message("This checkout is closed", said, status=status, back=back)
    known = {"session": session, "items": session["_line_items"]["data"], "countries": COUNTRIES}
    known |= {"form": dict.fromkeys(FIELDS, "") | form, "problem": problem, "terms_text": _terms_text(session)}
    known |= {"code": _typed_code(books, session)}
    return page("checkout.html", status=status, form_targets=targets, known_email=_known_email(session), **known)


def _known_email(session: Object) -> str:
    """The address that the shop gave and the buyer cannot change here."""
    given = session["customer"] or session["customer_email"]
    return str((session["customer_details"] or {}).get("email") or "") if given else ""


def _typed_code(books: Books, session: Object) -> str:
    """The code that the buyer has put in, and may take away."""
    ids = [discount["promotion_code"] for discount in session["discounts"] if session["allow_promotion_codes"]]
    found = books.find("promotion_code", ids[0]) if ids else None
    return str(found["code"]) if found else ""


def _terms_text(session: Object) -> str:
    """What the box to tick says; '' without a box."""
    if (session["consent_collection"] or {}).get("terms_of_service") != "required":
        return ""
    asked = session["custom_text"].get("terms_of_service_acceptance") or {}
    return str(asked.get("message") or "I accept the terms of service.")
