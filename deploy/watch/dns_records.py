"""The records that visitors, certificates and mail need in DNS, and what to write where one is missing. Changes none."""

import ipaddress
from collections.abc import Iterator
from email.utils import parseaddr
from urllib.parse import urlsplit

import dns.exception
import dns.resolver

from deploy.facts import ServerFacts
from deploy.watch.outside import Finding

SECONDS_MAX = 5.0
LETS_ENCRYPT = "letsencrypt.org"


class Names:
    """Asks the machine's own name servers, or `server` alone: ADDRESS or ADDRESS#PORT.

    Raises DNSException when the machine has none.
    """

    def __init__(self, server: str = "") -> None:
        self._resolver = dns.resolver.Resolver(configure=not server)
        self._resolver.lifetime = SECONDS_MAX
        if server:
            address, _, port = server.partition("#")
            self._resolver.nameservers, self._resolver.port = [address], int(port or 53)

    def ask(self, name: str, kind: str) -> list[str]:
        """As a zone file has them; [] where there are none. Raises DNSException when nobody answers."""
        try:
            return sorted(record.to_text() for record in self._resolver.resolve(f"{name}.", kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []

    def texts(self, name: str) -> list[str]:
        """TXT records, each put together out of its strings."""
        try:
            answer = self._resolver.resolve(f"{name}.", "TXT")
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        return sorted(b"".join(record.strings).decode("utf-8", "replace") for record in answer)


def examine(
    facts: ServerFacts, *, url: str, aliases: tuple[str, ...], own: tuple[str, ...], nameserver: str = ""
) -> list[Finding]:
    """`own`: the addresses the site's names have to lead to, as far as they are known."""
    try:
        names = Names(nameserver)
        return [
            *_hosts(facts, url=url, aliases=aliases, own=own, names=names),
            *_authority(facts, str(urlsplit(url).hostname), names),
            *_mail(facts, names),
        ]
    except dns.exception.DNSException as error:
        return [Finding("dns", f"cannot be asked: {error}", "See whether this machine reaches its name server")]


def _hosts(
    facts: ServerFacts, *, url: str, aliases: tuple[str, ...], own: tuple[str, ...], names: Names
) -> Iterator[Finding]:
    hosts = [str(urlsplit(origin).hostname) for origin in (url, *aliases)]
    if facts.mode == "sandbox":
        hosts.append(f"sandbox.{hosts[0]}")
    for host in dict.fromkeys(hosts):
        found = {kind: names.ask(host, kind) for kind in ("A", "AAAA")}
        remedies = [remedy for kind in found for remedy in _wanted(host, kind, found[kind], own)]
        said = ", ".join(found["A"] + found["AAAA"]) or "no address"
        yield Finding(f"dns {host}", said, "; ".join(remedies))


def _wanted(host: str, kind: str, found: list[str], own: tuple[str, ...]) -> Iterator[str]:
    version = 4 if kind == "A" else 6
    ours = [address for address in own if ipaddress.ip_address(address).version == version]
    if ours and not set(ours) & set(found):
        yield f"Write: {host}. {kind} {ours[0]}"
    if ours and (strange := sorted(set(found) - set(ours))):
        yield f"Take away {kind} {', '.join(strange)}, which is not this machine"
    if not own and not found and kind == "A":
        yield f"Write: {host}. A, with the machine's address"


def _authority(facts: ServerFacts, host: str, names: Names) -> Iterator[Finding]:
    """RFC 8659: the nearest name upwards that has CAA records decides who may sign."""
    if facts.certificate.kind != "acme" or LETS_ENCRYPT not in facts.certificate.directory:
        return
    labels = host.split(".")
    for name in (".".join(labels[start:]) for start in range(len(labels) - 1)):
        if found := names.ask(name, "CAA"):
            is_allowed = any(LETS_ENCRYPT in record for record in found if " issue " in record)
            remedy = f'Write: {name}. CAA 0 issue "{LETS_ENCRYPT}"'
            yield Finding(f"dns CAA of {name}", "; ".join(found), "" if is_allowed else remedy)
            return


def _mail(facts: ServerFacts, names: Names) -> Iterator[Finding]:
    domain = parseaddr(facts.mail.sender)[1].partition("@")[2].lower()
    if not domain or not facts.mail.host:
        return
    yield _spf(domain, facts.mail.host, names.texts(domain))
    yield from _dkim(domain, facts.mail.dkim_selectors, names)
    yield _dmarc(domain, facts, names)
    takes = [record for record in names.ask(domain, "MX") if not record.endswith(" .")]
    remedy = f"Write: {domain}. MX 10, with whoever takes your mail; answers to yours reach nobody"
    yield Finding(f"mail to {domain}", ", ".join(takes) or "nobody takes it", "" if takes else remedy)


def _spf(domain: str, relay: str, texts: list[str]) -> Finding:
    """RFC 7208: one record, that names somebody, and that ends."""
    found = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    write = f'Write: {domain}. TXT "v=spf1 a:{relay} -all", or with the include: that your relay names'
    if len(found) != 1:
        said = "; ".join(found) or "no record"
        return Finding(f"SPF of {domain}", said, f"Only one may be there. {write}" if found else write)
    terms = found[0].lower().split()[1:]
    has_end = bool({"-all", "~all"} & set(terms)) or any(term.startswith("redirect=") for term in terms)
    names_somebody = any(not term.lstrip("+-~?").startswith(("all", "exp=")) for term in terms)
    return Finding(f"SPF of {domain}", found[0], "" if has_end and names_somebody else write)


def _dkim(domain: str, selectors: tuple[str, ...], names: Names) -> Iterator[Finding]:
    """RFC 6376. Which selectors there are only the relay knows."""
    if not selectors:
        remedy = "Ask your relay for its DKIM records, write them, and name them in server.toml: [mail] dkim_selectors"
        yield Finding(f"DKIM of {domain}", "no selector is known", remedy)
    for selector in selectors:
        name = f"{selector}._domainkey.{domain}"
        keys = [tags.get("p", "") for tags in map(_tags, names.texts(name))]
        remedy = f"Write what your relay shows for it: {name}. CNAME or TXT"
        yield Finding(
            f"DKIM {selector} of {domain}", "has its key" if any(keys) else "no key", "" if any(keys) else remedy
        )


def _dmarc(domain: str, facts: ServerFacts, names: Names) -> Finding:
    """RFC 7489: of the domain, else of the one above that was registered."""
    reports = f"; rua=mailto:{facts.alarms.mail[0]}" if facts.alarms.mail else ""
    write = f'Write: _dmarc.{domain}. TXT "v=DMARC1; p=quarantine{reports}"'
    for name in dict.fromkeys((domain, ".".join(domain.split(".")[-2:]))):
        found = [text for text in names.texts(f"_dmarc.{name}") if _tags(text).get("v") == "DMARC1"]
        if found:
            is_good = len(found) == 1 and _tags(found[0]).get("p", "") in {"none", "quarantine", "reject"}
            return Finding(f"DMARC of {domain}", "; ".join(found), "" if is_good else write)
    return Finding(f"DMARC of {domain}", "no record", write)


def _tags(text: str) -> dict[str, str]:
    """
    >>> _tags("v=DMARC1; p=none")
    {'v': 'DMARC1', 'p': 'none'}
    """
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
