"""Says in our words what Stripe's errors mean for the person who waits; keeps Stripe's own text for the log by chaining."""

import stripe

from api.errors import AppError, Code
from api.gateways.payments import ProviderUnavailable

BUSY_SECONDS = 2


def translated(error: stripe.StripeError, *, unanswered: str) -> AppError:
    """`unanswered` is the message for when it is not known whether Stripe did what was asked."""
    match error:
        case stripe.RateLimitError():
            busy = "The payment provider is busy: nothing was charged. Please try again in a moment."
            return ProviderUnavailable(busy, may_have_happened=False, retry_after_seconds=BUSY_SECONDS)
        case stripe.AuthenticationError() | stripe.PermissionError():
            refused = "The payment provider refuses the shop's key: nothing was charged. Please try again later."
            return ProviderUnavailable(refused, may_have_happened=False)
        case stripe.IdempotencyError():
            return AppError(
                Code.CONFLICT, "The same step was asked for before with other details. Nothing was changed."
            )
        case stripe.CardError():
            return AppError(Code.INVALID, f"The payment was refused: {error.user_message}")
        case stripe.InvalidRequestError():
            return _invalid(error)
        case _:
            return ProviderUnavailable(unanswered, may_have_happened=True)


def _invalid(error: stripe.InvalidRequestError) -> AppError:
    message = f"The payment provider refuses this: {error.user_message}"
    if error.code == "resource_missing" or error.http_status == 404:
        return AppError(Code.NOT_FOUND, message)
    if error.code in CONFLICTS or (not error.code and "session" in str(error.user_message).lower()):
        return AppError(Code.CONFLICT, message)
    return AppError(Code.INVALID, message)


CONFLICTS = ("charge_already_refunded", "idempotency_key_in_use", "amount_too_large", "payment_intent_unexpected_state")
