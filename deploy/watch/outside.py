#!/usr/bin/env python3
"""Asks a site from outside whether its readers get what they should, and calls somebody; knows nothing of the server itself.

One file, standard library only: copy it to a second machine or a CI (Python 3.11 or later) and run it every few minutes.

    python3 outside.py https://signalpath.example [https://www.signalpath.example ...]
    python3 outside.py outside.toml

One line a check; exit code 1 when something is wrong. outside.toml.example explains every setting. What is secret may come from the
environment instead: LONGWAVE_WATCH_WEBHOOK, LONGWAVE_WATCH_PING, LONGWAVE_WATCH_SMTP_PASSWORD.
"""

import datetime as dt
import email.utils
import http.client
import json
import os
import smtplib
import socket
import ssl
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

AGENT = "longwave-checker/1 (+https://www.rfc-editor.org/rfc/rfc9110#name-user-agent)"
SECONDS_MAX, BODY_BYTES_MAX, RANGE_BYTES = 10, 20_000_000, 1024
AGAIN_AFTER_SECONDS = 1.0
PATIENCE = 2  # looks in a row before an alarm begins or ends
QUIET_SECONDS = 1800  # what comes and goes is not told again within this time
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
BROKEN = (OSError, http.client.HTTPException, ElementTree.ParseError, ValueError, KeyError)
STARTTLS_PORT = 587


# What is found, and when somebody is called. deploy/watch/ uses this half on the server too.


@dataclass(frozen=True)
class Finding:
    """`remedy` is one line on what to do; it is empty when all is well."""

    name: str
    said: str
    remedy: str = ""


@dataclass(frozen=True)
class Mail:
    host: str
    sender: str
    to: tuple[str, ...]
    port: int = STARTTLS_PORT
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = True


@dataclass(frozen=True)
class Channels:
    """Where somebody is called. `webhook` gets {"text": ...}, as chats take it; `ping` is asked after every look, for a dead
    man's switch."""

    mail: Mail | None = None
    webhook: str = field(default="", repr=False)
    ping: str = field(default="", repr=False)


def watch(findings: list[Finding], *, channels: Channels, state: Path, subject: str, now: dt.datetime) -> list[str]:
    """Tells what began and what ended since the last look, in one message; what could not be told is told by the next look.

    Returns what went wrong in telling it. `state` is a file that is ours to write.
    """
    before = _remembered(state)
    after, began, ended = news(before, findings, now=now.timestamp())
    told, problems = True, []
    if began or ended:
        problems = _tell(channels, subject=_title(subject, began, ended), text=_text(began, ended))
        told = len(problems) < bool(channels.mail) + bool(channels.webhook)
    _remember(state, after if told else _untold(after, before))
    return problems + _ping(channels)


def news(
    before: Mapping[str, Any], findings: Iterable[Finding], *, now: float
) -> tuple[dict[str, Any], list[Finding], list[Finding]]:
    """What to remember, which alarms begin and which end. Source: `before` is what was remembered last."""
    found = {
        finding.name: finding for finding in sorted(findings, key=lambda finding: bool(finding.remedy))
    }  # the worse one
    after, began, ended = {}, [], []
    for name in [*found, *(name for name in before if name not in found)]:
        finding = found.get(name, Finding(name, "is no longer asked"))
        known = {"bad": 0, "good": 0, "told": False, "at": -QUIET_SECONDS, **before.get(name, {})}
        known["bad"], known["good"] = (known["bad"] + 1, 0) if finding.remedy else (0, known["good"] + 1)
        if known["bad"] >= PATIENCE and not known["told"] and now - known["at"] >= QUIET_SECONDS:
            known |= {"told": True, "at": now}
            began.append(finding)
        elif known["told"] and known["good"] >= PATIENCE:
            known |= {"told": False, "at": now}
            ended.append(finding)
        if name in found or known["told"]:
            after[name] = known
    return after, began, ended


def _untold(after: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The counts go on, but nothing counts as told that was not."""
    old = {"told": False, "at": -QUIET_SECONDS}
    kept = {
        name: known | {key: before.get(name, old).get(key, old[key]) for key in old} for name, known in after.items()
    }
    return {**before, **kept}


def _title(subject: str, began: list[Finding], ended: list[Finding]) -> str:
    names = ", ".join(finding.name for finding in began or ended)
    return f"{'ALARM' if began else 'over'}: {names} ({subject})"


def _text(began: list[Finding], ended: list[Finding]) -> str:
    lines = [f"BEGAN  {each.name}: {each.said}\n       To do: {each.remedy}." for each in began]
    return "\n".join([*lines, *(f"OVER   {each.name}: {each.said}" for each in ended)]) + "\n"


def _tell(channels: Channels, *, subject: str, text: str) -> list[str]:
    problems = []
    if channels.mail:
        problems += _tried("mail", lambda mail: _send(mail, subject=subject, text=text), channels.mail)
    if channels.webhook:
        body = json.dumps({"text": f"{subject}\n{text}"}).encode()
        problems += _tried("webhook", lambda url: _fetch(url, body), channels.webhook)
    return problems


def _ping(channels: Channels) -> list[str]:
    return _tried("ping", lambda url: _fetch(url, None), channels.ping) if channels.ping else []


def _tried(name: str, action: Callable[[Any], None], argument: object) -> list[str]:
    """The address may be a secret, so it is never said."""
    try:
        action(argument)
    except (OSError, smtplib.SMTPException, http.client.HTTPException, ValueError) as error:
        return [f"{name}: {type(error).__name__}"]
    return []


def _send(mail: Mail, *, subject: str, text: str) -> None:
    message = EmailMessage()
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    message["Subject"], message["Date"] = subject, email.utils.localtime()
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
    message["Message-ID"] = email.utils.make_msgid(
        domain=email.utils.parseaddr(mail.sender)[1].partition("@")[2] or None
    )
    message.set_content(text)
    with smtplib.SMTP(mail.host, mail.port, timeout=SECONDS_MAX) as relay:
        if mail.starttls:
            relay.starttls(context=ssl.create_default_context())
        if mail.user:
            relay.login(mail.user, mail.password)
        relay.send_message(message)


def _fetch(url: str, body: bytes | None) -> None:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("not an address of the web")
    headers = {"User-Agent": AGENT, "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 (checked above)
    urllib.request.urlopen(request, timeout=SECONDS_MAX).close()  # noqa: S310 (checked above)


def _remembered(state: Path) -> dict[str, Any]:
    try:
        known = json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _remember(state: Path, known: dict[str, Any]) -> None:
    unfinished = state.with_name(f".{state.name}.new")
    unfinished.write_text(json.dumps(known), encoding="utf-8")
    unfinished.replace(state)


# What is asked.


@dataclass(frozen=True)
class Wanted:
    """outside.toml. `addresses` are asked instead of what DNS says: a new machine before DNS leads to it."""

    url: str
    aliases: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    families: tuple[int, ...] = (4, 6)
    seconds_max: float = 3.0
    certificate_days_min: int = 14
    feed_days_max: int = 0
    state: str = "outside.state.json"
    webhook: str = ""
    ping: str = ""
    mail: Mail | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float
    certificate_ends: float


class Wrong(Exception):
    """What is wrong, and what to do."""

    def __init__(self, said: str, remedy: str) -> None:
        super().__init__(said)
        self.remedy = remedy


def examine(wanted: Wanted) -> list[Finding]:
    """What fails is asked a second time before it is believed to be broken: a packet may be lost."""
    checks = list(_checks(wanted))
    findings = [_looked(*check) for check in checks]
    if any(finding.remedy for finding in findings):
        time.sleep(AGAIN_AFTER_SECONDS)
    return [_looked(*check) if first.remedy else first for check, first in zip(checks, findings, strict=True)]


def _checks(wanted: Wanted) -> Iterator[tuple[str, Callable[[], str], str]]:
    """Name, what says what was found, and what to do when it fails in a way of its own."""
    reach = (
        "See whether the machine is up (its provider's console), then its firewall and nginx: ssh HOST longwave doctor"
    )
    for family in wanted.families:
        yield f"page over IPv{family}", partial(_page, wanted, family), reach
    yield "feed", partial(_feed, wanted), "Publish again: longwave publish; or go back: longwave server rollback"
    yield "audio", partial(_audio, wanted), "See whether the file lies in /srv/longwave/www/pool/media or at the CDN"
    yield "service", partial(_service, wanted), "ssh HOST longwave doctor; pages and feeds do not need the service"
    if wanted.url.startswith("https:"):
        yield "certificate", partial(_certificate, wanted), "ssh HOST systemctl status longwave-certificate"
    names = [f"http://{urlsplit(wanted.url).netloc}"] if wanted.url.startswith("https:") else []
    for origin in [*names, *wanted.aliases]:
        yield f"redirect of {origin}", partial(_redirect, wanted, origin), reach


def _looked(name: str, check: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(name, check())
    except Wrong as error:
        return Finding(name, str(error), error.remedy)
    except BROKEN as error:
        return Finding(name, f"{type(error).__name__}: {error}", remedy)


def _page(wanted: Wanted, family: int) -> str:
    answer = _ask(wanted, wanted.url + "/", family=family)
    _expect(answer.status == 200, f"{wanted.url}/ was answered {answer.status}", "ssh HOST longwave server status")
    _expect(
        b"</html>" in answer.body.lower() or b"<h1" in answer.body.lower(), "the home page is no page", "Publish again"
    )
    said = f"{len(answer.body)} bytes in {answer.seconds:.2f} s"
    _expect(answer.seconds <= wanted.seconds_max, f"{said}, too slow", "ssh HOST longwave stats; is the line full?")
    return said


def _feed(wanted: Wanted) -> str:
    url = wanted.url + "/feed.xml"
    answer = _ask(wanted, url)
    _expect(answer.status == 200, f"{url} was answered {answer.status}", "Publish again: longwave publish")
    items = ElementTree.fromstring(answer.body).findall("./channel/item")  # noqa: S314 (our own)
    _expect(bool(items), "the feed holds no episode", "Publish again: longwave publish")
    newest = max(email.utils.parsedate_to_datetime(item.findtext("pubDate") or "") for item in items)
    days = (dt.datetime.now(dt.UTC) - newest).days
    is_fresh = not wanted.feed_days_max or days <= wanted.feed_days_max
    _expect(
        is_fresh, f"the newest episode is {days} days old", "See why nothing appeared: ssh HOST longwave server log"
    )
    again = _ask(wanted, url, {"If-None-Match": answer.headers["ETag"] or ""})
    _expect(again.status == 304, "a conditional request gets the whole feed", "Look at the ETag of /feed.xml in nginx")
    return f"{len(items)} episodes, the newest {days} days old"


def _audio(wanted: Wanted) -> str:
    feed = ElementTree.fromstring(_ask(wanted, wanted.url + "/feed.xml").body)  # noqa: S314 (our own)
    enclosure = feed.find("./channel/item/enclosure")
    _expect(enclosure is not None, "the newest episode has no audio", "Look at the episode's file in content/")
    url, length = (enclosure.attrib[name] for name in ("url", "length")) if enclosure is not None else ("", "")
    answer = _ask(wanted, url, {"Range": f"bytes=0-{RANGE_BYTES - 1}"})
    _expect(answer.status == 206, f"a range of {url} was answered {answer.status}", "See whether the file is there")
    total = (answer.headers["Content-Range"] or "").rpartition("/")[2]
    _expect(
        total == length,
        f"the feed says {length} bytes, the server {total}",
        "Record the file again: longwave media add",
    )
    return f"{len(answer.body)} of {total} bytes"


def _service(wanted: Wanted) -> str:
    answer = _ask(wanted, wanted.url + "/api/openapi.json")
    _expect(answer.status == 200, f"the service was answered {answer.status}", "ssh HOST longwave doctor")
    json.loads(answer.body)
    return f"answers in {answer.seconds:.2f} s"


def _certificate(wanted: Wanted) -> str:
    days = int((_ask(wanted, wanted.url + "/robots.txt").certificate_ends - time.time()) // 86400)
    remedy = "ssh HOST systemctl start longwave-certificate, then journalctl -u longwave-certificate"
    _expect(days >= wanted.certificate_days_min, f"ends in {days} days and was not renewed", remedy)
    return f"good for {days} days"


def _redirect(wanted: Wanted, origin: str) -> str:
    answer = _ask(wanted, origin + "/feed.xml")
    target = answer.headers["Location"]
    said = f"answered {answer.status}{f', leads to {target}' if target else ''}"
    _expect(
        (answer.status, target) == (301, wanted.url + "/feed.xml"), said, "Look at aliases in server.toml; deploy again"
    )
    return said


def _expect(is_so: bool, said: str, remedy: str) -> None:
    if not is_so:
        raise Wrong(said, remedy)


def _ask(wanted: Wanted, url: str, headers: Mapping[str, str] | None = None, *, family: int = 0) -> Answer:
    """One GET that follows nothing."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    host = parts.hostname or ""
    began = time.monotonic()
    line: socket.socket = socket.create_connection((_address(wanted, host, family), port), SECONDS_MAX)
    try:
        ends = 0.0
        if parts.scheme == "https":
            line = secured = ssl.create_default_context().wrap_socket(line, server_hostname=host)
            ends = ssl.cert_time_to_seconds(str((secured.getpeercert() or {})["notAfter"]))
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS_MAX)
        connection.sock = line
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Host": parts.netloc, "User-Agent": AGENT, **(headers or {})})
        answer = connection.getresponse()
        body = answer.read(BODY_BYTES_MAX)
    finally:
        line.close()
    return Answer(answer.status, answer.headers, body, time.monotonic() - began, ends)


def _address(wanted: Wanted, host: str, family: int) -> str:
    is_ours = host in {urlsplit(origin).hostname for origin in (wanted.url, *wanted.aliases)}
    names = wanted.addresses if wanted.addresses and is_ours else (host,)
    for name in names:
        try:
            return str(socket.getaddrinfo(name, None, FAMILIES.get(family, 0), socket.SOCK_STREAM)[0][4][0])
        except socket.gaierror:
            continue
    raise Wrong(
        f"{host} has no {f'IPv{family} ' if family else ''}address",
        f"Write its {'AAAA' if family == 6 else 'A'} record",
    )


# From the command line.


def configured(arguments: list[str]) -> Wanted:
    """Raises ValueError with what to write instead."""
    if len(arguments) == 1 and not arguments[0].startswith("http"):
        path = Path(arguments[0])
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        mail = given.pop("mail", None)
        lists: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
        }
        wanted = Wanted(**lists, mail=Mail(**mail | {"to": tuple(mail["to"])}) if mail else None)
        _refuse_exposed(path, wanted)
    else:
        wanted = Wanted(url=arguments[0], aliases=tuple(arguments[1:]))
    for origin in (wanted.url, *wanted.aliases):
        if urlsplit(origin).scheme not in {"http", "https"} or urlsplit(origin).path:
            raise ValueError(f"{origin!r} is no origin. Write it like https://signalpath.example")
    return wanted


def _refuse_exposed(path: Path, wanted: Wanted) -> None:
    has_secret = wanted.webhook or wanted.ping or (wanted.mail and wanted.mail.password)
    if has_secret and path.stat().st_mode & 0o077:
        raise ValueError(f"{path} holds secrets and others can read it. Run: chmod 600 {path}")


def _channels(wanted: Wanted) -> Channels:
    said = os.environ.get
    password = said("LONGWAVE_WATCH_SMTP_PASSWORD", "")
    mail = replace(wanted.mail, password=wanted.mail.password or password) if wanted.mail else None
    webhook, ping = said("LONGWAVE_WATCH_WEBHOOK", ""), said("LONGWAVE_WATCH_PING", "")
    return Channels(mail=mail, webhook=wanted.webhook or webhook, ping=wanted.ping or ping)


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(__doc__)
        return 0 if arguments else 2
    try:
        wanted = configured(arguments)
    except (OSError, ValueError, TypeError, KeyError) as error:
        print(f"outside.py: {error}", file=sys.stderr)
        return 2
    findings = examine(wanted)
    for finding in findings:
        print(f"{'WRONG' if finding.remedy else 'ok   '}  {finding.name}: {finding.said}")
        if finding.remedy:
            print(f"       To do: {finding.remedy}.")
    subject = urlsplit(wanted.url).netloc
    now = dt.datetime.now(dt.UTC)
    problems = watch(findings, channels=_channels(wanted), state=Path(wanted.state), subject=subject, now=now)
    for problem in problems:
        print(f"outside.py could not tell anybody by {problem}", file=sys.stderr)
    return 1 if problems or any(finding.remedy for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
