"""People who buy on a server without end, each a browser of their own, until there is no server any more."""

import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from msgspec import Struct

from tests.stand_in import BUYER

TIMEOUT_SECONDS = 5


class Bought(Struct, frozen=True, kw_only=True):
    """`told`: the server has said that it is paid; else only the payment page has."""

    order: str
    paid_at: dt.datetime
    told: bool


class Buyers:
    """`bought` grows; whoever finds the server gone is the last."""

    def __init__(self, address: str, host: str, product: str) -> None:
        self.bought: list[Bought] = []
        self.problem = ""
        self._address, self._host, self._product = address, host, product
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._buy, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join(4 * TIMEOUT_SECONDS)

    def _buy(self) -> None:
        number = 0
        while not self._end.is_set():
            number += 1
            try:
                self._one(f"buyer{number}@one.example")
            except httpx2.HTTPError as error:
                self.problem = repr(error)
                return
            time.sleep(0.05)

    def _one(self, email: str) -> None:
        with browser(self._address, self._host) as shop:
            begun = shop.post("/api/orders", json={"products": [self._product], "email": email})
            if begun.status_code == 503:  # "please try again"
                return
            assert begun.status_code == 201, begun.text
            order, page = begun.json()["id"], begun.json()["url"]
            paid = httpx2.post(page, data={**BUYER, "email": email, "action": "pay"}, timeout=TIMEOUT_SECONDS)
            assert paid.status_code == 303, paid.text
            self.bought.append(Bought(order=order, paid_at=dt.datetime.now(dt.UTC), told=False))
            if "Paid" in shop.get("/api/checkout").text:
                self.bought[-1] = Bought(order=order, paid_at=dt.datetime.now(dt.UTC), told=True)


@contextmanager
def browser(address: str, host: str) -> Iterator[httpx2.Client]:
    """On our own pages, at a server that its name does not lead to."""

    def named(request: httpx2.Request) -> None:
        request.headers["Host"] = host
        request.extensions["sni_hostname"] = host

    with httpx2.Client(
        base_url=f"https://{address}",
        verify=False,  # self-signed
        headers={"Origin": f"https://{host}", "Accept": "application/json"},
        timeout=TIMEOUT_SECONDS,
        event_hooks={"request": [named]},
    ) as client:
        yield client
