"""What can go wrong, as a short code and a sentence for its reader; knows nothing of HTTP and its numbers."""

from enum import StrEnum


class Code(StrEnum):
    """Every kind of refusal. `routes/problems.py` gives each its status and title."""

    MALFORMED = "malformed"  # no JSON object and no form
    INVALID = "invalid"  # a field is missing, of the wrong type or not allowed
    SIGNED_OUT = "signed_out"
    STALE_SIGN_IN = "stale_sign_in"  # signed in too long ago for what is asked
    FORBIDDEN = "forbidden"
    FOREIGN_ORIGIN = "foreign_origin"
    OTHER_USER = "other_user"  # the user that is named is not the one who asks
    NOT_FOUND = "not_found"
    WRONG_METHOD = "wrong_method"
    WRONG_CODE = "wrong_code"  # mistyped; it may be tried again
    OTHER_BROWSER = "other_browser"  # the code belongs to the browser that asked for it
    INVALID_GRANT = "invalid_grant"  # RFC 6749, section 5.2
    AUTHORIZATION_PENDING = "authorization_pending"  # this and the next three: RFC 8628, section 3.5
    SLOW_DOWN = "slow_down"
    ACCESS_DENIED = "access_denied"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 (a word, not a secret)
    CONFLICT = "conflict"
    ALREADY_OWNED = "already_owned"
    NOT_ON_SALE = "not_on_sale"
    GONE = "gone"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    RATE_LIMITED = "rate_limited"
    PAYMENT_UNAVAILABLE = "payment_unavailable"
    UNAVAILABLE = "unavailable"
    STORAGE_FULL = "storage_full"
    INTERNAL = "internal"


class AppError(Exception):
    """A refusal: `code`, a `message` that says what to do; by field where fields are at fault."""

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        fields: dict[str, str] | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields or {}
        self.retry_after_seconds = retry_after_seconds


class ConfigurationError(Exception):
    """The service cannot start: every problem found, one a line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
