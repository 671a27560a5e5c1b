"""Invoices as a page and as a PDF, receipts, and the way back into an expired checkout."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api import spelling
from api.sandbox import pdf, sessions
from api.sandbox.books import Books, Object
from api.sandbox.errors import StripeFault
from api.sandbox.pages import message, page


def routes(books: Books) -> list[Route]:
    async def invoice(request: Request) -> Response:
        found = books.find("invoice", request.path_params["id"])
        return page("invoice.html", invoice=found) if found else _missing()

    async def invoice_pdf(request: Request) -> Response:
        found = books.find("invoice", request.path_params["id"])
        if found is None:
            return _missing()
        headers = {
            "Content-Disposition": f'attachment; filename="{found["number"]}.pdf"',
            "X-Content-Type-Options": "nosniff",
        }
        return Response(pdf.written(_lines(found)), 200, headers, "application/pdf")

    async def receipt(request: Request) -> Response:
        found = books.find("charge", request.path_params["id"])
        return page("receipt.html", charge=found) if found else _missing()

    async def recover(request: Request) -> Response:
        try:
            with books.transaction():
                again = sessions.recover(books, request.path_params["id"])
        except StripeFault as fault:
            return message("This checkout cannot be taken up again", str(fault), status=404)
        return RedirectResponse(again["url"], 303)

    return [
        Route("/invoices/{id}", invoice, methods=["GET"]),
        Route("/invoices/{id}/pdf", invoice_pdf, methods=["GET"]),
        Route("/receipts/{id}", receipt, methods=["GET"]),
        Route("/recover/{id}", recover, methods=["GET"]),
    ]


def _lines(invoice: Object) -> list[str]:
    """What the PDF prints."""
    currency = invoice["currency"]
    buyer = [
        invoice["customer_name"],
        invoice["customer_email"],
        *(one["value"] for one in invoice["customer_tax_ids"]),
    ]
    sums = [("Discount", -invoice["_discount"]), ("Tax", invoice["_tax"]), ("Total, paid", invoice["total"])]
    return [
        f"Invoice {invoice['number']}",
        "Sandbox: nothing was sold and nothing paid.",
        "",
        *filter(None, buyer),
        "",
        *(
            f"{line['quantity']} x {line['description']}: {spelling.money(line['amount'], currency)}"
            for line in invoice["lines"]["data"]
        ),
        "",
        *(f"{name}: {spelling.money(cents, currency)}" for name, cents in sums if cents or name.startswith("Total")),
    ]


def _missing() -> Response:
    return message("Nothing here", "There is no such document.", status=404)
