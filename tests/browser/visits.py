"""Opens an address in the browser as a person does and tells what was shown and what went wrong."""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.request import urlopen

from msgspec import Struct

from tests.browser.devtools import Chromium

WIDTH, HEIGHT = 1000, 20_000  # so high that nothing is left unloaded because it is out of sight
DOMAINS = ("Page", "Network", "Log", "Runtime", "Audits")
KEY_CODES = {"Escape": 27, "Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39}
RENDERED = "getSelection().selectAllChildren(document.documentElement), getSelection().toString()"
BROKEN_ICON = re.compile(r"the following icon from the Manifest: (\S+)")
Message = dict[str, Any]


class Visit(Struct, frozen=True):
    """`text` as a person sees it, without what styles hide; `faults` are refusals of the policy, failures and errors."""

    text: str
    faults: tuple[str, ...]


class Visitor:
    """A person at a browser's only tab."""

    def __init__(self, browser: Chromium) -> None:
        self._browser, self._events = browser, browser.events
        self._complaints: list[str] = []
        for domain in DOMAINS:
            browser.command(f"{domain}.enable")
        self.resize()

    def open(self, url: str) -> Visit:
        """Returns when the page and all that it asked for are there."""
        self._forget()
        went = self._browser.command("Page.navigate", url=url)
        assert "errorText" not in went, f"{url}: {went['errorText']}"
        while "Page.loadEventFired" not in self._told() or self._open_requests(went["loaderId"]):
            self._browser.next_message()
        asked = _requests(self._events, went["loaderId"])
        return Visit(self.evaluate(RENDERED), tuple(_faults(self._events, page=url, asked=asked)))

    def press(self, selector: str) -> None:
        """Clicks what a selector finds, and returns when the page that follows is there."""
        self._forget()
        self.evaluate(f"document.querySelector({selector!r}).click()")
        while "Page.loadEventFired" not in self._told():
            self._browser.next_message()

    def resize(self, width: int = WIDTH) -> None:
        size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self._browser.command("Emulation.setDeviceMetricsOverride", **size)

    def allow_scripts(self, allowed: bool) -> None:
        """Whether pages may run their own; `evaluate` always may."""
        self._browser.command("Emulation.setScriptExecutionDisabled", value=not allowed)

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        asked = {"expression": script, "returnByValue": True, "awaitPromise": True, "userGesture": True}
        return self._browser.command("Runtime.evaluate", **asked)["result"].get("value")

    def screen(self, width: int, height: int, *, scheme: str = "light") -> None:
        """The size of the window, and what its person prefers: 'light' or 'dark'."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._browser.command("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._browser.command("Emulation.setEmulatedMedia", features=features)

    def add_authenticator(self) -> None:
        """A device that keeps passkeys and verifies its person. https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/"""
        self._browser.command("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        self._browser.command(
            "WebAuthn.addVirtualAuthenticator",
            options={**options, "isUserVerified": True, "automaticPresenceSimulation": True},
        )

    def cookies(self) -> list[Message]:
        """All that the browser keeps."""
        found: list[Message] = self._browser.command("Network.getAllCookies")["cookies"]
        return found

    def take_cookies(self, cookies: list[Message]) -> None:
        """As if this browser had got them."""
        names = ("name", "value", "domain", "path", "secure", "httpOnly", "sameSite", "expires")
        kept = [{name: cookie[name] for name in names if name in cookie} for cookie in cookies]
        self._browser.command("Network.setCookies", cookies=kept)

    def key(self, key: str) -> None:
        """Presses and lets go of a key, named as scripts hear it."""
        text = {"text": key, "unmodifiedText": key} if len(key) == 1 else {}
        code = KEY_CODES.get(key, 0)
        self._browser.command("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self._browser.command("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def unplug(self, unplugged: bool = True) -> None:
        """Whether the browser is without a network."""
        how = {"offline": unplugged, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self._browser.command("Network.emulateNetworkConditions", **how)

    def cut_off(self, *patterns: str) -> None:
        """Addresses that this browser cannot reach any more; none: all again."""
        self._browser.command("Network.setBlockedURLs", urls=list(patterns))

    def accessible(self) -> list[Message]:
        """What a screen reader finds on the page: a role and a name each."""
        nodes = self._browser.command("Accessibility.getFullAXTree")["nodes"]
        return [node for node in nodes if not node["ignored"]]

    def asked(self, part: str) -> list[str]:
        """The addresses with `part` in them that have been asked for since the page was opened."""
        self._browser.command("Runtime.evaluate", expression="1")  # hears what was told meanwhile
        asked = [event["params"] for event in self._events if event["method"] == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in asked if part in each["request"]["url"]]

    def last_navigation(self) -> str:
        """The address that the tab was last told to go to, whether or not somebody answers there."""
        self._browser.command("Runtime.evaluate", expression="1")  # hears what was told meanwhile
        asked = [event["params"] for event in self._events if event["method"] == "Network.requestWillBeSent"]
        return next((each["request"]["url"] for each in reversed(asked) if each.get("type") == "Document"), "")

    def complaints(self) -> list[str]:
        """What all pages so far were refused by their policy, threw, or wrote to the console; no statuses."""
        self._browser.command("Runtime.evaluate", expression="1")  # hears what was told meanwhile
        self._forget()
        return [complaint for complaint in self._complaints if not _was_left_loading(complaint)]

    def picture(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self._browser.command("Page.captureScreenshot")["data"])

    def _forget(self) -> None:
        faults = _faults(self._events, page="", asked=set())
        self._complaints += [fault for fault in faults if not fault.startswith("network:")]
        self._events.clear()

    def _told(self) -> set[str]:
        return {event["method"] for event in self._events}

    def _open_requests(self, page: str) -> set[str]:
        ended = ("Network.loadingFinished", "Network.loadingFailed")
        return _requests(self._events, page) - {
            event["params"]["requestId"] for event in self._events if event["method"] in ended
        }


def _requests(events: list[Message], page: str) -> set[str]:
    """What this page asked for: the one before it may have left a request of its own behind."""
    told = (event["params"] for event in events if event["method"] == "Network.requestWillBeSent")
    return {request["requestId"] for request in told if request["loaderId"] == page}


def _faults(events: list[Message], *, page: str, asked: set[str]) -> Iterator[str]:
    """What the console and the network say is wrong; the page's own status is for the caller to judge."""
    for event in events:
        told = event["params"]
        match event["method"]:
            case "Log.entryAdded" if not _is_status_of(told["entry"], page):
                yield f"{told['entry']['source']}: {told['entry']['text']} {told['entry'].get('url', '')}"
            case "Runtime.exceptionThrown":
                yield f"script: {told['exceptionDetails']}"
            case "Runtime.consoleAPICalled":
                yield f"console: {told['args']}"
            case "Audits.issueAdded" if not _is_advice(told["issue"]):
                yield f"issue: {told['issue']['code']} {told['issue']['details']}"
            case "Network.loadingFailed" if told["requestId"] in asked:
                yield f"request: {told['errorText']} {told.get('blockedReason', '')}"


def _is_advice(issue: Message) -> bool:
    """Chromium would have cookies read another way, which not all browsers know."""
    return bool(issue["details"].get("performanceIssueDetails", {}).get("performanceIssueType") == "DocumentCookie")


def _was_left_loading(complaint: str) -> bool:
    """Whoever leaves a page while its icon loads makes Chromium call the icon broken; asking for it tells whether it is."""
    icon = BROKEN_ICON.search(complaint)
    if icon is None:
        return False
    with suppress(OSError), urlopen(icon[1]) as answer:
        return bool(answer.headers["Content-Type"] == "image/png" and answer.read())
    return False


def _is_status_of(entry: Message, page: str) -> bool:
    return bool(entry["source"] == "network" and entry.get("url") == page)
