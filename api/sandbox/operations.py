"""The table of calls that the stand-in offers: method, address, parameters by the package's types, the scope a key needs."""

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from stripe import params as p
from stripe.params import checkout

from api.sandbox import balance, catalogue, customers, endpoints, payments, promotions, refunds, sessions
from api.sandbox.books import Books, Object
from api.sandbox.invoices import list_all as list_invoices
from api.sandbox.lists import Query

Handler = Callable[..., Object]  # (books, checked parameters, *ids of the address) -> what is answered


class Operation(Struct, frozen=True):
    method: str
    address: re.Pattern[str]
    params: type
    resource: str
    run: Handler


def operation(method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
    """The call that answers, with the ids in its address."""
    for one in OPERATIONS:
        if one.method == method and (found := one.address.fullmatch(path)):
            return one, found.groups()
    return None


def retrieving(kind: str) -> Handler:
    return lambda books, _, object_id: books.get(kind, object_id)


def list_events(books: Books, params: Object) -> Object:
    """`delivery_success=false`: still pending, or failed after all attempts, at one endpoint at least."""
    query = Query(books, "event").also("created > ?", books.now - 30 * 86400)
    types = params.get("types", [params["type"]] if "type" in params else [])
    if types:
        patterns = " OR ".join("json_extract(data, '$.type') GLOB ?" for _ in types)
        query.also(f"({patterns})", *types)
    if "delivery_success" in params:
        query.also(f"{'NOT ' if params['delivery_success'] else ''}EXISTS ({UNDELIVERED})")
    return query.page(params, url="/v1/events")


UNDELIVERED = "SELECT 1 FROM deliveries WHERE deliveries.event = objects.id GROUP BY endpoint HAVING max(deliveries.delivered) = 0"


def _table() -> list[Operation]:
    rows: list[tuple[str, str, Any, str, Handler]] = [
        ("POST", "products", p.ProductCreateParams, "product", catalogue.create_product),
        ("GET", "products", p.ProductListParams, "product", catalogue.list_products),
        ("GET", "products/ID", p.ProductRetrieveParams, "product", retrieving("product")),
        ("POST", "products/ID", p.ProductUpdateParams, "product", catalogue.update_product),
        ("POST", "prices", p.PriceCreateParams, "price", catalogue.create_price),
        ("GET", "prices", p.PriceListParams, "price", catalogue.list_prices),
        ("GET", "prices/ID", p.PriceRetrieveParams, "price", retrieving("price")),
        ("POST", "prices/ID", p.PriceUpdateParams, "price", catalogue.update_price),
        ("POST", "coupons", p.CouponCreateParams, "coupon", promotions.create_coupon),
        ("GET", "coupons", p.CouponListParams, "coupon", promotions.list_coupons),
        ("GET", "coupons/ID", p.CouponRetrieveParams, "coupon", promotions.retrieve_coupon),
        ("POST", "coupons/ID", p.CouponUpdateParams, "coupon", promotions.update_coupon),
        ("DELETE", "coupons/ID", p.CouponDeleteParams, "coupon", promotions.delete_coupon),
        ("POST", "promotion_codes", p.PromotionCodeCreateParams, "promotion_code", promotions.create_promotion_code),
        ("GET", "promotion_codes", p.PromotionCodeListParams, "promotion_code", promotions.list_promotion_codes),
        ("GET", "promotion_codes/ID", p.PromotionCodeRetrieveParams, "promotion_code", retrieving("promotion_code")),
        ("POST", "promotion_codes/ID", p.PromotionCodeUpdateParams, "promotion_code", promotions.update_promotion_code),
        ("POST", "customers", p.CustomerCreateParams, "customer", customers.create),
        ("GET", "customers", p.CustomerListParams, "customer", customers.list_all),
        ("GET", "customers/ID", p.CustomerRetrieveParams, "customer", customers.retrieve),
        ("POST", "customers/ID", p.CustomerUpdateParams, "customer", customers.update),
        ("DELETE", "customers/ID", p.CustomerDeleteParams, "customer", customers.delete),
        ("POST", "customers/ID/tax_ids", p.CustomerTaxIdCreateParams, "customer", customers.create_tax_id),
        ("GET", "customers/ID/tax_ids", p.CustomerTaxIdListParams, "customer", customers.list_tax_ids),
        ("GET", "customers/ID/tax_ids/ID", p.CustomerTaxIdRetrieveParams, "customer", customers.retrieve_tax_id),
        ("DELETE", "customers/ID/tax_ids/ID", p.CustomerTaxIdDeleteParams, "customer", customers.delete_tax_id),
        ("POST", "checkout/sessions", checkout.SessionCreateParams, "checkout_session", sessions.create),
        ("GET", "checkout/sessions", checkout.SessionListParams, "checkout_session", sessions.list_all),
        ("GET", "checkout/sessions/ID", checkout.SessionRetrieveParams, "checkout_session", sessions.retrieve),
        ("POST", "checkout/sessions/ID", checkout.SessionUpdateParams, "checkout_session", sessions.update),
        ("POST", "checkout/sessions/ID/expire", checkout.SessionExpireParams, "checkout_session", sessions.expire),
        (
            *("GET", "checkout/sessions/ID/line_items", checkout.SessionListLineItemsParams, "checkout_session"),
            sessions.list_line_items,
        ),
        ("GET", "payment_intents", p.PaymentIntentListParams, "payment_intent", payments.list_intents),
        ("GET", "payment_intents/ID", p.PaymentIntentRetrieveParams, "payment_intent", retrieving("payment_intent")),
        ("GET", "charges", p.ChargeListParams, "charge", payments.list_charges),
        ("GET", "charges/ID", p.ChargeRetrieveParams, "charge", retrieving("charge")),
        ("POST", "refunds", p.RefundCreateParams, "refund", refunds.create),
        ("GET", "refunds", p.RefundListParams, "refund", refunds.list_all),
        ("GET", "refunds/ID", p.RefundRetrieveParams, "refund", retrieving("refund")),
        ("POST", "refunds/ID", p.RefundUpdateParams, "refund", refunds.update),
        ("GET", "invoices", p.InvoiceListParams, "invoice", list_invoices),
        ("GET", "invoices/ID", p.InvoiceRetrieveParams, "invoice", retrieving("invoice")),
        ("GET", "events", p.EventListParams, "event", list_events),
        ("GET", "events/ID", p.EventRetrieveParams, "event", retrieving("event")),
        ("GET", "balance", p.BalanceRetrieveParams, "balance", balance.retrieve),
        ("GET", "balance_transactions", p.BalanceTransactionListParams, "balance", balance.list_all),
        (
            *("GET", "balance_transactions/ID", p.BalanceTransactionRetrieveParams, "balance"),
            retrieving("balance_transaction"),
        ),
        ("POST", "webhook_endpoints", p.WebhookEndpointCreateParams, "webhook", endpoints.create),
        ("GET", "webhook_endpoints", p.WebhookEndpointListParams, "webhook", endpoints.list_all),
        ("GET", "webhook_endpoints/ID", p.WebhookEndpointRetrieveParams, "webhook", retrieving("webhook_endpoint")),
        ("POST", "webhook_endpoints/ID", p.WebhookEndpointUpdateParams, "webhook", endpoints.update),
        ("DELETE", "webhook_endpoints/ID", p.WebhookEndpointDeleteParams, "webhook", endpoints.delete),
    ]
    return [Operation(method, _pattern(path), params, resource, run) for method, path, params, resource, run in rows]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(f"/v1/{path.replace('ID', '([^/]+)')}")


OPERATIONS = _table()
