"""A campaign of purchases: real processes, real HTTP, a Stripe whose news come twice, late or never, a service that is killed.

What buyers did is written down here; what became of it is read from both sides' databases by the test.
"""

import json
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import stripe

from api.store.database import connect
from api.usecases import events
from tests.api import campaign_purchases, campaign_refunds, process
from tests.api.campaign_books import SHOP, STRIPE, rows
from tests.api.campaign_purchases import Purchase
from tests.api.process import Process
from tests.api.shop import CATALOG, ORIGIN
from tests.command import command, environment
from tests.deploy.servers import until

BUYERS_AT_ONCE = 12
TRIES_MAX = 200
RECONCILED_SECONDS_MAX = 1800
KILLED_WHILE_STARTING = 0.15
TRY_AGAIN_SECONDS = 1.0  # as fast as a person presses a button again
SCRIPT = {
    "seed": 7,
    "rules": [
        {"action": "drop", "chance": 0.5, "times": 3},  # also in a short campaign
        {"action": "old_timestamp", "chance": 0.5, "times": 3},
        {"action": "duplicate", "chance": 0.3, "copies": 2, "seconds": 1.5},
        {"action": "reorder", "chance": 0.3, "seconds": 1.5},
        {"action": "delay", "chance": 0.1, "seconds": 2},
        {"action": "drop", "chance": 0.07},
        {"action": "wrong_secret", "chance": 0.05},
        {"action": "old_timestamp", "chance": 0.05},
        {"action": "other_api_version", "chance": 0.05},
        {"action": "other_livemode", "chance": 0.05},
    ],
}
API_FAULTS: list[list[dict[str, Any]]] = [
    [{"path": "/v1/checkout/sessions", "status": 500, "times": 1}],
    [{"path": "/v1/checkout/sessions", "status": 500, "times": 1, "after": True}],
    [{"path": "/v1/checkout/sessions", "status": 429, "times": 2}],
    [{"method": "GET", "path": "/v1/checkout/sessions/*", "status": 500, "times": 2}],
    [{"path": "/v1/customers", "status": 503, "times": 1, "after": True}],
    [{"method": "GET", "path": "/v1/promotion_codes", "status": 500, "times": 2}],
    [{"method": "GET", "path": "/v1/refunds", "status": 500, "times": 2}],
    campaign_refunds.LOST,
]


class Campaign:
    """The shop's process, Stripe's process, and who kills what."""

    def __init__(self, folder: Path, *, seed: int, kill_seconds: tuple[float, float], refunds_every: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self._kill_seconds, self._refunds_every = kill_seconds, refunds_every
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.kills = 0
        self.answers: Counter[int] = Counter()
        self._over = threading.Event()
        self.purchases: list[Purchase] = []
        for name in ("data", "site", "stripe"):
            (folder / name).mkdir()
        (folder / "site/catalog.json").write_bytes(CATALOG.read_bytes())

    @property
    def shop_port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def shop(self) -> Path:
        return self.folder / "data/shop.sqlite"

    @property
    def env(self) -> dict[str, str]:
        return process.settings_of(self.folder, STRIPE_API=self.stripe_url, URL=ORIGIN)

    def start(self) -> None:
        webhook = f"http://127.0.0.1:{self.shop_port}/api/stripe/events"
        arguments = ["--data", str(self.folder / "stripe"), "--port", "0", "--webhook", webhook]
        arguments += [f"--event={kind}" for kind in events.SUBSCRIBED]
        self.stripe = subprocess.Popen(
            [sys.executable, "-m", "api.sandbox", *arguments],
            env=environment(), stdout=subprocess.PIPE, stderr=(self.folder / "stripe.txt").open("wb"), text=True,
        )  # fmt: skip
        assert self.stripe.stdout is not None
        self.stripe_url = self.stripe.stdout.readline().strip()
        self.stripe_port = urlsplit(self.stripe_url).port or 0
        self._offer_everything_free()
        self.service = self.started()

    def started(self) -> Process:
        return process.start(self.listener, self.env, said=self.folder / "said.txt")

    def run(self, count: int) -> None:
        """Everybody buys, while the service dies again and again."""
        self.tell_stripe("script", SCRIPT)
        self.purchases = campaign_purchases.planned(
            self.shop, count, chance=self.chance, refunds_every=self._refunds_every
        )
        killer = threading.Thread(target=self._kill_again_and_again)
        killer.start()
        try:
            with ThreadPoolExecutor(BUYERS_AT_ONCE) as buyers:
                for _ in buyers.map(self.buy, self.purchases):
                    pass
        finally:
            self._over.set()
            killer.join()
        self.tell_stripe("faults", [])

    def buy(self, purchase: Purchase) -> None:
        """Orders until the shop has taken the order, pays or does not, comes back while Stripe's news are on their way."""
        headers = {
            "X-Forwarded-For": f"10.{purchase.number >> 16}.{purchase.number >> 8 & 255}.{purchase.number & 255}"
        }
        if purchase.token:
            headers["Cookie"] = f"__Host-session={purchase.token}"
        wish = {"products": list(purchase.basket), "currency": purchase.currency, "code": purchase.code or None}
        status, answer, cookie = self.ask("POST", "/api/orders", wish, headers)
        if status != 201:
            purchase.refused = f"{status} {answer}"
            return
        purchase.order = answer["id"]
        if purchase.action == "leave":
            return
        self.pay(answer["url"], purchase)
        if not purchase.token:
            headers["Cookie"] = cookie
        if purchase.number % 2:
            with ThreadPoolExecutor(2) as both:
                list(both.map(lambda _: self.ask("POST", f"/api/orders/{purchase.order}/check", {}, headers), range(2)))
        purchase.refused = self.give_back(purchase)

    def give_back(self, purchase: Purchase) -> str:
        """What went wrong, if anything was to go back."""
        if not purchase.refund:
            return ""
        if purchase.refund.startswith("dashboard"):
            return campaign_refunds.in_dashboard(self, purchase.order, purchase.refund)
        with suppress(OSError, HTTPException):
            self.tell_stripe("faults", self.chance.choice([campaign_refunds.LOST[:1], campaign_refunds.LOST[1:], []]))
        return campaign_refunds.by_command(
            purchase.order, purchase.refund, env=self.env, chance=random.Random(purchase.number)
        )

    def pay(self, url: str, purchase: Purchase) -> None:
        path = urlsplit(url).path
        form = {"email": purchase.email, "name": "A Buyer", "country": "DE", "action": purchase.action}
        status, _ = self.post_form(path, form)
        if purchase.action == "delayed" and status == 303:
            outcome = "succeed" if purchase.refund or purchase.number % 3 else "fail"
            self.post_form(f"/operate/sessions/{path.rsplit('/', 1)[1]}/{outcome}", {})

    def post_form(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.stripe_url}
        return self._asked(self.stripe_port, "POST", path, urlencode(form).encode(), headers)[:2]

    def ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any, str]:
        """As a patient person: again when the shop does not answer or asks to try again."""
        cookie = headers.get("Cookie", "")
        for _ in range(TRIES_MAX):
            with suppress(OSError, HTTPException):
                sent = {**headers, "Origin": ORIGIN, "Cookie": cookie, "Accept": "application/json"}
                status, raw, set_cookie = self._asked(self.shop_port, method, path, json.dumps(body).encode(), sent)
                if found := re.match(r"(__Host-cart=[^;]*)", set_cookie):
                    cookie = found[1]
                self.answers[status] += 1
                if status < 500:
                    return status, json.loads(raw) if raw else None, cookie
            time.sleep(TRY_AGAIN_SECONDS)
        return 0, f"{method} {path} was never answered", cookie

    def tell_stripe(self, name: str, value: Any) -> None:
        status, raw, _ = self._asked(self.stripe_port, "PUT", f"/_sandbox/{name}", json.dumps(value).encode(), {})
        assert status == 200, raw

    def settle(self, *, seconds: float) -> None:
        """Waits until Stripe has sent what it will send, and the shop has worked off what it has."""
        until(lambda: process.answers(self.service))
        end = time.monotonic() + seconds
        while waiting := self.waiting():
            assert time.monotonic() < end, f"still waiting after {seconds} s: {waiting}"
            self.let_waits_run_out()
            time.sleep(2)

    def let_waits_run_out(self) -> None:
        """As if minutes had passed: what a dead process had in hand and what is to be tried later is due now."""
        db = connect(self.shop)
        db.execute("UPDATE outbox SET next_try_at = created_at WHERE sent_at IS NULL AND next_try_at > created_at")
        db.execute("UPDATE events SET next_try_at = received_at WHERE state = 'received' AND claimed_at IS NULL")
        db.close()

    def waiting(self) -> dict[str, int]:
        counts = {
            "deliveries": self.count(STRIPE, "SELECT COUNT(*) FROM deliveries WHERE due IS NOT NULL"),
            "events": self.count(SHOP, "SELECT COUNT(*) FROM events WHERE state = 'received'"),
            "mails": self.count(SHOP, "SELECT COUNT(*) FROM outbox WHERE sent_at IS NULL"),
        }
        return {name: count for name, count in counts.items() if count}

    def count(self, file: str, query: str) -> int:
        return int(self.rows(file, query)[0][0])

    def rows(self, file: str, query: str) -> list[tuple[Any, ...]]:
        return rows(self.folder, file, query)

    def reconcile(self) -> dict[str, Any]:
        """What an operator reads: `longwave admin reconcile --daily`."""
        told = subprocess.run(
            command("admin", "reconcile", "--daily", "--json"),
            env=environment(self.env), capture_output=True, text=True, check=False, timeout=RECONCILED_SECONDS_MAX,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        answer: dict[str, Any] = json.loads(told.stdout)
        return answer

    def end(self) -> None:
        for child in (self.service.child, self.stripe):
            if child.poll() is None:
                child.kill()
            child.wait()
        self.listener.close()

    def _offer_everything_free(self) -> None:
        addresses: Any = {"api": self.stripe_url}
        client = stripe.StripeClient("sk_test_tests", base_addresses=addresses)
        coupon = client.v1.coupons.create({"percent_off": 100, "duration": "once"})
        client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "FREEPASS"})

    def _kill_again_and_again(self) -> None:
        """Mostly while it serves, now and then while it starts."""
        while not self._over.is_set():
            if self.chance.random() < KILLED_WHILE_STARTING:
                self._over.wait(self.chance.uniform(0, 0.5))
            elif self._serves():
                self._over.wait(self.chance.uniform(*self._kill_seconds))
            with suppress(OSError, HTTPException):
                self.tell_stripe("faults", self.chance.choice(API_FAULTS))
            self.service.child.send_signal(signal.SIGKILL)
            self.service.child.wait()
            self.kills += 1
            self.service = self.started()

    def _serves(self) -> bool:
        """Waits until the service answers or everybody has bought."""
        while not self._over.wait(0.1):
            with suppress(OSError, HTTPException):
                return self._asked(self.shop_port, "GET", "/healthz", b"", {})[0] == 200
        return False

    def _asked(self, port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("Set-Cookie", "")
        finally:
            connection.close()


@contextmanager
def campaign(folder: Path, *, seed: int, kill_seconds: tuple[float, float], refunds_every: int) -> Iterator[Campaign]:
    made = Campaign(folder, seed=seed, kill_seconds=kill_seconds, refunds_every=refunds_every)
    made.start()
    try:
        yield made
    finally:
        made.end()
