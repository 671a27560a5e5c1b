"""A refusal in Stripe's own shape: https://docs.stripe.com/api/errors."""

from typing import Any


class StripeFault(Exception):
    """What the API answers instead of an object; `status` is HTTP's."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        fields = {"message": message, "type": type, "code": code, "param": param}
        self.error: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
        if code:
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"

    @property
    def body(self) -> dict[str, Any]:
        return {"error": self.error}


def missing_object(kind: str, object_id: str, *, param: str = "id", status: int = 404) -> StripeFault:
    """Stripe answers 404 for an unknown id in the address and 400 for one among the parameters."""
    return StripeFault(f"No such {kind}: '{object_id}'", status=status, code="resource_missing", param=param)
