"""Says in our words what Stripe's errors mean for the person who waits; keeps Stripe's own text for the log by chaining."""

import stripe

from api.errors import AppError, Code
from api.gateways.payments import ProviderUnavailable

BUSY_SECONDS = 2
KEY_IN_USE = 409  # the package has no class of its own for it
CONFLICTS = ("charge_already_refunded", "payment_intent_unexpected_state")


def translated(error: stripe.StripeError, *, unanswered: str, refused: Code = Code.INVALID) -> AppError:
    """`unanswered` is said when Stripe may or may not have done it; `refused` is what a refusal without a telling code is."""
    match error:
        case stripe.RateLimitError():
            busy = "The payment provider is busy: nothing was charged. Please try again in a moment."
            return ProviderUnavailable(busy, may_have_happened=False, retry_after_seconds=BUSY_SECONDS)
        case stripe.AuthenticationError() | stripe.PermissionError():
            locked = "The payment provider refuses the shop's key: nothing was charged. Please try again later."
            return ProviderUnavailable(locked, may_have_happened=False)
        case stripe.IdempotencyError():
            return AppError(
                Code.CONFLICT, "The same step was asked for before with other details. Nothing was changed."
            )
        case stripe.CardError():
            return AppError(Code.INVALID, f"The payment was refused: {error.user_message}")
        case stripe.InvalidRequestError():
            return AppError(_code(error, refused), f"The payment provider refuses this: {error.user_message}")
        case _:
            return _unclear(error, unanswered)


def _unclear(error: stripe.StripeError, unanswered: str) -> AppError:
    if error.http_status == KEY_IN_USE:
        said = "The same step is under way already and is not done twice. Please try again in a moment."
        return AppError(Code.CONFLICT, said, retry_after_seconds=BUSY_SECONDS)
    answered = not isinstance(error, stripe.APIConnectionError)
    return ProviderUnavailable(unanswered, may_have_happened=True, answered=answered)


def _code(error: stripe.InvalidRequestError, refused: Code) -> Code:
    if error.code == "resource_missing":
        return Code.NOT_FOUND
    return Code.CONFLICT if error.code in CONFLICTS else refused
