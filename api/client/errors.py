"""What may stop a client for a while or for good. Nothing that was recorded is lost by any of them."""


class ClientError(Exception):
    """The root of what this client raises."""


class Offline(ClientError):
    """No answer, or half of one. Try again when there is a network."""


class TryLater(ClientError):
    """The server asks to wait `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the server asks to wait {seconds:g} s")
        self.seconds = seconds


class SignedOut(ClientError):
    """The tokens are over: sign in again. The outbox waits for that."""


class Refused(ClientError):
    """The server said no to this request; `code` is its problem's code."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail
