"""Asks Stripe: the only place, with its stripe_… neighbours, that knows the `stripe` package. Decides nothing and stores nothing.

The package's asynchronous client wants a second HTTP library. A call in a thread took 5 ms against the stand-in, most of them
the package's own; one to Stripe takes hundreds.
"""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar, cast

import stripe
from anyio import CapacityLimiter, to_thread

from api.errors import AppError, Code
from api.gateways import stripe_requests, stripe_values
from api.gateways.payments import (
    BalanceSum,
    Booking,
    CheckoutRequest,
    CheckoutSession,
    Customer,
    InvoiceData,
    Payment,
    ProviderEvent,
    Refund,
)
from api.gateways.stripe_errors import translated
from api.gateways.stripe_requests import API_VERSION

CONNECT_SECONDS, READ_SECONDS = 4.0, 20.0
CALLS_MAX = 8
PAGE_ITEMS = 100
LISTED_MAX = 20_000
SESSION_PARTS = ["line_items.data", "payment_intent", "invoice", "discounts.promotion_code"]
CLOCK_SKEW = dt.timedelta(minutes=5)
T = TypeVar("T")


class StripeGateway:
    """Stripe with one key: the service's restricted key in the service, the operator's in the command line.

    Every call raises ProviderUnavailable when Stripe is away, slow or in error, and AppError when it refuses.
    """

    def __init__(self, key: str, *, api: str | None = None) -> None:
        addresses: Any = {"api": api} if api else {}
        self._client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses=addresses,
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
            max_network_retries=0,  # our own keys and attempts decide what is asked twice
        )
        self._threads = CapacityLimiter(CALLS_MAX)

    async def create_session(self, request: CheckoutRequest) -> CheckoutSession:
        """Opens the checkout of an order; said twice with the same attempt it is the same session."""
        params: Any = stripe_requests.session(request)
        options: Any = {"idempotency_key": f"{request.order_id}-{request.attempt}"}
        sessions = self._client.v1.checkout.sessions
        said = "The payment provider did not answer: nothing was charged. Please try again."
        return stripe_values.session(await self._ask(said, lambda: sessions.create(params, options)))

    async def retrieve_session(self, session_id: str) -> CheckoutSession:
        """The session with its lines, payment, discounts and invoice. Raises AppError NOT_FOUND for an unknown id."""
        sessions = self._client.v1.checkout.sessions
        found = await self._read(lambda: sessions.retrieve(session_id, {"expand": SESSION_PARTS}))
        lines = found.line_items
        if lines is not None and lines.has_more:
            lines.data = await self._read(
                lambda: list(sessions.line_items.list(session_id, {"limit": PAGE_ITEMS}).auto_paging_iter())
            )
        return stripe_values.session(found)

    async def expire_session(self, session_id: str) -> CheckoutSession:
        """Nobody can pay it any more. Raises AppError CONFLICT when it is complete or has expired already."""
        sessions = self._client.v1.checkout.sessions
        expired = await self._ask(NO_CHANGE, lambda: sessions.expire(session_id), refused=Code.CONFLICT)
        return stripe_values.session(expired)

    async def find_sessions(
        self,
        order_id: str,
        *,
        created_after: dt.datetime,
        status: str | None = None,
        customer: str | None = None,
    ) -> tuple[CheckoutSession, ...]:
        """Sessions of an order, newest first, looked for among those made since (Stripe has no filter by order).

        With the order's `customer`, or a `status`, only those are looked through: a shop may open hundreds in the minutes since.
        """
        since = created_after - CLOCK_SKEW
        listed = await self.list_sessions(created_after=since, status=status, customer=customer)
        return tuple(session for session in listed if session.order_id == order_id)

    async def list_sessions(
        self,
        *,
        created_after: dt.datetime,
        status: str | None = None,
        customer: str | None = None,
    ) -> tuple[CheckoutSession, ...]:
        """Sessions made since, newest first, without lines and payments. One lives a day at most."""
        params: Any = {"created": _range(created_after, None), "limit": PAGE_ITEMS}
        if status:
            params["status"] = status
        if customer:
            params["customer"] = customer
        sessions = self._client.v1.checkout.sessions
        return await self._all(lambda: sessions.list(params), stripe_values.session)

    def each_session(
        self, *, created_after: dt.datetime, created_before: dt.datetime | None = None
    ) -> AsyncIterator[CheckoutSession]:
        """The same, read page by page as they are looked at: there may be any number."""
        params: Any = {"created": _range(created_after, created_before), "limit": PAGE_ITEMS}
        sessions = self._client.v1.checkout.sessions
        return self._each(lambda: sessions.list(params), stripe_values.session)

    async def retrieve_payment(self, payment_intent: str) -> Payment:
        intents = self._client.v1.payment_intents
        return stripe_values.payment(await self._read(lambda: intents.retrieve(payment_intent)))

    async def find_session_of_payment(self, payment_intent: str) -> CheckoutSession | None:
        """The session that made this payment, with all its parts."""
        sessions = self._client.v1.checkout.sessions
        params: Any = {"payment_intent": payment_intent, "limit": 1}
        listed = await self._read(lambda: sessions.list(params))
        return await self.retrieve_session(listed.data[0].id) if listed.data else None

    async def create_refund(
        self, payment_intent: str, *, amount_cents: int, idempotency_key: str, metadata: Mapping[str, str] | None = None
    ) -> Refund:
        """Gives money back. Raises AppError CONFLICT when more is asked for than was paid and not yet refunded."""
        params: Any = {
            "payment_intent": payment_intent,
            "amount": amount_cents,
            "reason": "requested_by_customer",
            "metadata": dict(metadata or {}),
        }
        options: Any = {"idempotency_key": idempotency_key}
        said = (
            "The payment provider did not answer. Whether the refund was made, the order will show; look there first."
        )
        refunds = self._client.v1.refunds
        made = await self._ask(said, lambda: refunds.create(params, options), refused=Code.CONFLICT)
        return stripe_values.refund(made)

    async def retrieve_refund(self, refund_id: str) -> Refund:
        return stripe_values.refund(await self._read(lambda: self._client.v1.refunds.retrieve(refund_id)))

    async def list_refunds(self, payment_intent: str) -> tuple[Refund, ...]:
        """All refunds of a payment, newest first, those made in Stripe's dashboard too."""
        params: Any = {"payment_intent": payment_intent, "limit": PAGE_ITEMS}
        return await self._all(lambda: self._client.v1.refunds.list(params), stripe_values.refund)

    async def list_refunds_since(self, created_after: dt.datetime) -> tuple[Refund, ...]:
        params: Any = {"created": _range(created_after, None), "limit": PAGE_ITEMS}
        return await self._all(lambda: self._client.v1.refunds.list(params), stripe_values.refund)

    async def create_customer(
        self, *, email: str, account_id: str, idempotency_key: str, name: str = "", locale: str = ""
    ) -> Customer:
        """A customer for an account that has none; the caller stores the id, so that it is made once."""
        params: Any = {"email": email, "metadata": {"account": account_id}}
        params |= {"name": name} if name else {}
        params |= {"preferred_locales": [locale]} if locale else {}
        options: Any = {"idempotency_key": idempotency_key}
        return stripe_values.customer(
            await self._ask(NO_CHANGE, lambda: self._client.v1.customers.create(params, options))
        )

    async def find_customer(self, email: str, *, account_id: str) -> Customer | None:
        """The customer that was made for an account, when the answer to its making was lost."""
        params: Any = {"email": email, "limit": PAGE_ITEMS}
        listed = await self._read(lambda: list(self._client.v1.customers.list(params).auto_paging_iter()))
        made = (stripe_values.customer(one) for one in listed if stripe_values.account_of(one) == account_id)
        return next(made, None)

    async def delete_customer(self, customer: str) -> None:
        """Stripe forgets name, address and cards; payments and invoices stay. One that is gone already is what was asked for."""
        try:
            await self._ask(NO_CHANGE, lambda: self._client.v1.customers.delete(customer))
        except AppError as refused:
            if refused.code is not Code.NOT_FOUND:
                raise

    async def update_customer(self, customer: str, *, email: str | None = None, name: str | None = None) -> Customer:
        params: Any = {"email": email, "name": name}
        return stripe_values.customer(
            await self._ask(NO_CHANGE, lambda: self._client.v1.customers.update(customer, params))
        )

    async def update_invoice_data(self, customer: str, data: InvoiceData) -> Customer:
        """What later invoices of the customer print. Raises AppError INVALID when Stripe refuses the tax number."""
        params: Any = stripe_requests.invoice_data(data)
        changed = await self._ask(NO_CHANGE, lambda: self._client.v1.customers.update(customer, params))
        await self._ask(NO_CHANGE, lambda: self._replace_tax_id(customer, data))
        return stripe_values.customer(changed)

    async def promotion_code(self, code: str) -> str | None:
        """The id of an active promotion code as a buyer types it."""
        params: Any = {"code": code, "active": True, "limit": 1}
        listed = await self._read(lambda: self._client.v1.promotion_codes.list(params))
        return listed.data[0].id if listed.data else None

    async def list_events(
        self,
        *,
        created_after: dt.datetime,
        types: Iterable[str] = (),
        undelivered_only: bool = False,
    ) -> tuple[ProviderEvent, ...]:
        """Events of the last 30 days at most, oldest first."""
        params: Any = {"created": _range(created_after, None), "limit": PAGE_ITEMS}
        params |= {"types": list(types)} if types else {}
        params |= {"delivery_success": False} if undelivered_only else {}
        newest_first = await self._all(lambda: self._client.v1.events.list(params), stripe_values.event)
        return newest_first[::-1]

    async def sum_balance(self, *, since: dt.datetime, until: dt.datetime) -> dict[str, BalanceSum]:
        """What Stripe booked per currency from `since` to just before `until`, in the currency the balance is kept in."""
        params: Any = {"created": _range(since, until), "limit": PAGE_ITEMS}
        booked = await self._all(lambda: self._client.v1.balance_transactions.list(params), stripe_values.booking)
        return stripe_values.summed(booked)

    async def keep_webhook_endpoint(self, url: str, *, types: Iterable[str]) -> str | None:
        """An endpoint for our version of events at `url`, with the operator's key.

        The secret of a new endpoint, which Stripe shows once; None when one stood there, which now asks for `types`. An endpoint
        of another version keeps sending until somebody deletes it: its secret may still be in use.
        """
        params: Any = {"url": url, "enabled_events": list(types), "api_version": API_VERSION}
        return await self._ask(NO_CHANGE, lambda: self._keep_endpoint(params))

    def _keep_endpoint(self, params: Any) -> str | None:
        endpoints = self._client.v1.webhook_endpoints
        for standing in endpoints.list({"limit": PAGE_ITEMS}).auto_paging_iter():
            if (standing.url, standing.api_version) == (params["url"], params["api_version"]):
                endpoints.update(standing.id, {"enabled_events": params["enabled_events"], "disabled": False})
                return None
        return endpoints.create(params).secret

    def each_booking(self, *, since: dt.datetime) -> AsyncIterator[Booking]:
        """The bookings of payments, refunds and all else, newest first, each with what was booked in its own currency."""
        params: Any = {"created": _range(since, None), "limit": PAGE_ITEMS, "expand": ["data.source"]}
        return self._each(lambda: self._client.v1.balance_transactions.list(params), stripe_values.booking)

    def _replace_tax_id(self, customer: str, data: InvoiceData) -> None:
        tax_ids = self._client.v1.customers.tax_ids
        standing = tax_ids.list(customer).data
        if any((known.type, known.value) == (data.tax_id_type, data.tax_id) for known in standing):
            return
        if data.tax_id:
            tax_ids.create(customer, cast(Any, {"type": data.tax_id_type, "value": data.tax_id}))
        for known in standing:
            tax_ids.delete(customer, known.id)

    async def _ask(self, said: str, call: Callable[[], T], *, refused: Code = Code.INVALID) -> T:
        """Runs a call that changes something; `said` is for the reader when it is not known whether it did."""
        try:
            return await to_thread.run_sync(call, limiter=self._threads)
        except stripe.StripeError as error:
            raise translated(error, unanswered=said, refused=refused) from error

    async def _read(self, call: Callable[[], T]) -> T:
        return await self._ask("The payment provider cannot be reached. Please try again.", call)

    async def _each(self, call: Callable[[], Any], convert: Callable[[Any], T]) -> AsyncIterator[T]:
        """One page in memory at a time, and turned into values in the thread that asked for it."""
        next_page: Callable[[], Any] | None = call
        while next_page:
            page, items = await self._read(partial(_page, next_page, convert))
            for item in items:
                yield item
            next_page = page.next_page if page.has_more else None

    async def _all(self, call: Callable[[], Any], convert: Callable[[Any], T]) -> tuple[T, ...]:
        return await self._read(lambda: tuple(convert(item) for item in _pages(call())))


NO_CHANGE = "The payment provider did not answer. Please try again."


def _page(call: Callable[[], Any], convert: Callable[[Any], T]) -> tuple[Any, list[T]]:
    page = call()
    return page, [convert(item) for item in page.data]


def _pages(listed: Any) -> Iterable[Any]:
    for count, item in enumerate(listed.auto_paging_iter()):
        if count == LISTED_MAX:
            raise stripe.APIError(f"more than {LISTED_MAX} objects were listed")
        yield item


def _range(after: dt.datetime, before: dt.datetime | None) -> dict[str, int]:
    return {"gte": int(after.timestamp())} | ({"lt": int(before.timestamp())} if before else {})
