"""The server's part of `longwave doctor`, and before there is a server the DNS part alone. Changes nothing; knows no shop."""

import ipaddress
import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from deploy import facts_file
from deploy.facts import ServerFacts, SiteFacts
from deploy.watch import dns_records, inside, machine
from deploy.watch import settings as told
from deploy.watch.outside import Finding

RECORD = Path("/opt/longwave/current/configuration/server.json")
OWN_FILE = Path("server.toml")
CONTENT = Path("content")
UNITS = ("nginx.service", "nftables.service", "ssh.service", "longwave-watch.timer")
BACKUP_UNITS = ("longwave-litestream.service", "longwave-backup.timer", "longwave-rehearsal.timer")


class Record(Struct, frozen=True, kw_only=True):
    """What deploy/machine/record.py writes."""

    facts: ServerFacts
    site: SiteFacts


def examine(server: Path | None = None, nameserver: str = "") -> list[tuple[str, str, str]]:
    """Name, what was found, what to do ('' when all is well); nothing where there is neither a server nor a server.toml.

    `server` is a server.toml. Raises DeployError, OSError or msgspec.MsgspecError when what it says cannot be used.
    """
    findings: list[Finding] = []
    if server is None and RECORD.is_file():
        record = msgspec.json.decode(RECORD.read_bytes(), type=Record)
        findings = [*_server(record.facts), *_dns(record, own=_own_addresses(), nameserver=nameserver)]
    elif server or OWN_FILE.is_file():
        facts = facts_file.read(server or OWN_FILE)
        site = facts_file.site((server or OWN_FILE).parent / CONTENT, facts)
        findings = _dns(Record(facts=facts, site=site), own=_addresses_of(facts), nameserver=nameserver)
    return [(finding.name, finding.said, finding.remedy) for finding in findings]


def _dns(record: Record, *, own: tuple[str, ...], nameserver: str) -> list[Finding]:
    site = record.site
    return dns_records.examine(record.facts, url=site.url, aliases=site.aliases, own=own, nameserver=nameserver)


def _server(facts: ServerFacts) -> Iterator[Finding]:
    yield from inside.look(told.read(), now=datetime.now(UTC), is_remembered=False)
    for name in (*UNITS, *(BACKUP_UNITS if facts.backup.target else ())):
        active = _said("systemctl", "is-active", name)
        yield Finding(
            name, active or "unknown", "" if active == "active" else f"systemctl start {name}; journalctl -u {name}"
        )
    if not facts.backup.target:
        remedy = "Give [backup] target in server.toml and deploy; a lost disk is a lost shop"
        yield Finding("backup", "none is made", remedy)
    yield _firewall()
    yield _time()


def _firewall() -> Finding:
    if os.geteuid() != 0:
        return Finding("firewall", "only root can look at it")
    rules = _said("nft", "list", "table", "inet", "longwave")
    is_closed = "policy drop" in rules
    remedy = "systemctl restart nftables; then longwave server status"
    return Finding(
        "firewall", "drops what is not let in" if is_closed else "lets everything in", "" if is_closed else remedy
    )


def _time() -> Finding:
    if _said("systemd-detect-virt", "--container") not in {"", "none"}:
        return Finding("time", "kept by the machine that holds this container")
    is_kept = _said("timedatectl", "show", "--property=NTPSynchronized", "--value") == "yes"
    remedy = "systemctl restart systemd-timesyncd; is UDP port 123 open outwards?"
    return Finding("time", "in step" if is_kept else "not in step", "" if is_kept else remedy)


def _own_addresses() -> tuple[str, ...]:
    """Those of this machine that the world can reach; none behind an address translator."""
    said = json.loads(_said("ip", "-json", "address", "show", "scope", "global") or "[]")
    rows = [row for device in said for row in device.get("addr_info", []) if "local" in row]  # ip writes empty rows too
    found = [row["local"] for row in rows if not row.get("temporary")]
    return tuple(address for address in found if ipaddress.ip_address(address).is_global)


def _addresses_of(facts: ServerFacts) -> tuple[str, ...]:
    try:
        return (str(ipaddress.ip_address(facts.ssh.host)),)
    except ValueError:
        return ()


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=machine.COMMAND_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
