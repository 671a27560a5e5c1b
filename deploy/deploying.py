"""The order of a deploy: from a host and facts to a server that serves. Decides what comes after what; others do it."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from deploy import environments, operators_files, outside_look, project_bundle, remote, wheelhouse
from deploy.backup.settings import FILE as BACKUP
from deploy.errors import DeployError
from deploy.facts import Server, ServerFacts, SiteFacts, Target
from deploy.machine import everything
from deploy.machine.resources import File, Generated, Resource
from deploy.remote import Host, NoPython, Session
from deploy.server import content_places
from deploy.wheelhouse import Wheelhouse

CONFIGURATIONS = "/opt/longwave/configurations"
CURRENT = "/opt/longwave/current"
PROGRAM = "/opt/longwave/bin/longwave"
MAINTENANCE = "/var/lib/longwave-deploy/maintenance.json"
HASH_CHARACTERS = 16
GET_PYTHON = "sh -c 'apt-get -q=2 update && DEBIAN_FRONTEND=noninteractive apt-get -q=2 -y --no-install-recommends install python3'"
# Without it the site is served with one of the server's own signature, and the timer tries again: no reason to go back.
RENEW = ["sh", "-c", "systemctl start longwave-certificate.service || true"]
# What of the project the server has: nothing is sent twice.
INSTALLED_TREE = ["runuser", "-u", content_places.SITE_USER, "--", "git", "-C", str(content_places.REPOSITORY)]
INSTALLED_TREE += ["rev-parse", "--verify", "--quiet", f"{content_places.INSTALLED}^{{tree}}"]
SUPPORTED = (12, 13)
Say = Callable[[str, float], None]
Result = TypeVar("Result")


class Order(Struct, frozen=True, kw_only=True):
    """What is asked for: this project on this host. `beside` is the folder that server.toml lies in."""

    host: Host
    facts: ServerFacts
    site: SiteFacts
    project: Path
    theme: Path
    beside: Path
    by: str
    why: str = ""
    restore: bool = False


class Done(Struct, frozen=True, kw_only=True):
    """`id` is the release that is served; `changed` says what is new, nothing when all was as it should be."""

    id: str
    changed: tuple[str, ...]
    seconds: float


class Prepared(Struct, frozen=True, kw_only=True):
    """Everything that the server shall have, before it is asked what it has."""

    server: Server
    wheelhouse: Wheelhouse
    resources: list[Resource]
    files: dict[str, str]
    configuration: str


def plan(order: Order) -> list[str]:
    """Every change that `deploy` would make, as lines; changes nothing at all."""
    try:
        with Session(order.host) as session:
            prepared = _prepare(order, session, say=lambda _step, _seconds: None)
            lines = list(session.ask("plan", resources=msgspec.to_builtins(prepared.resources)))
            if not environments.is_there(session, prepared.wheelhouse.environment):
                lines.append(
                    f"lay out environment {prepared.wheelhouse.environment} from {len(prepared.wheelhouse.wheels)} wheels"
                )
            if session.ask("missing", paths=[CURRENT]):
                return [
                    *lines,
                    f"lay configuration {prepared.configuration}",
                    "build the site from content/ and serve it",
                ]
            return [*lines, *session.ask("tree", files=prepared.files, folder=f"{CURRENT}/configuration")]
    except NoPython:
        return ["install python3", "everything else: it can be compared once python3 is there"]


def deploy(order: Order, *, say: Say) -> Done:
    """Makes it so, step by step. Raises DeployError; the server then serves what it served before."""
    begun = time.monotonic()
    with _connected(order, say=say) as session:
        session.ask("lock", who=order.by)
        prepared = _prepare(order, session, say=say)
        with _old_secrets_unless_served(session):
            steps = _lay_ground(order, prepared, session, say=say)
            _timed("have a certificate", say, lambda: _certificate(prepared, session))
            site = _seed(order, prepared, session, say=say)
            outcome = _activate(order, prepared, session, site=site, fresh=_has_new_secret(steps), say=say)
        if order.facts.certificate.kind == "acme":
            _timed("ask for a certificate when it is due", say, lambda: session.run(RENEW))
        if outcome["confirm_before"]:
            _confirm(order, outcome["id"], session, say=say)
        elif outcome["changed"]:  # a first release, with nothing to go back to
            _look(order, session, say=say)
        if order.restore:
            told = _timed("reconcile what was restored", say, lambda: session.run([PROGRAM, "restore", "--finish"]))
            for line in told.splitlines():
                say(f"  {line}", 0.0)
        environments.forget_others(session, prepared.wheelhouse)
    return Done(id=outcome["id"], changed=(*steps, *outcome["changed"]), seconds=time.monotonic() - begun)


@contextmanager
def _connected(order: Order, *, say: Say) -> Iterator[Session]:
    begun = time.monotonic()
    try:
        session = Session(order.host).__enter__()
    except NoPython:
        _timed("install python3", say, lambda: remote.run_once(order.host, GET_PYTHON))
        session = Session(order.host).__enter__()
    say("connect", time.monotonic() - begun)
    with session:
        yield session


@contextmanager
def _old_secrets_unless_served(session: Session) -> Iterator[None]:
    """What was served before is started again with what it was tried with."""
    try:
        yield
    except DeployError:
        with suppress(DeployError):  # the connection may be what failed: the server puts them back with its release
            session.ask("put back")
        raise


def _prepare(order: Order, session: Session, *, say: Say) -> Prepared:
    found = session.ask("describe")
    if found["system"] != "debian" or found["debian"] not in SUPPORTED:
        raise DeployError(
            f"{order.host.address} runs {found['system']} {found['debian']}. Take a machine with Debian 12 or 13."
        )
    if not found["is_root"]:
        raise DeployError(f"{order.host.user} is not root on {order.host.address}, and sudo does not make it so.")
    target = msgspec.convert({name: found[name] for name in Target.__struct_fields__}, Target)
    server = Server(facts=order.facts, site=order.site, target=target)
    gathered = _timed("gather wheels", say, lambda: wheelhouse.gather(target))
    files = everything.configuration(server) | operators_files.theme(order.theme)
    told = json.dumps(files, sort_keys=True).encode()
    return Prepared(
        server=server,
        wheelhouse=gathered,
        resources=_with_secrets(
            everything.resources(server), operators_files.secrets(order.facts, beside=order.beside)
        ),
        files=files,
        configuration=hashlib.sha256(told).hexdigest()[:HASH_CHARACTERS],
    )


def _with_secrets(resources: list[Resource], given: list[File]) -> list[Resource]:
    """What the operator has is not made on the server."""
    paths = {file.path for file in given}
    return [*(each for each in resources if not (isinstance(each, Generated) and each.path in paths)), *given]


def _lay_ground(order: Order, prepared: Prepared, session: Session, *, say: Say) -> list[str]:
    """Packages, accounts, files, environment and configuration: nothing of it is served yet. Gives the steps that were needed."""
    resources = prepared.resources
    if order.restore:
        resources = [each for each in resources if not isinstance(each, Generated)]
    steps: list[str] = []
    with ThreadPoolExecutor(1) as beside:  # unpacking wheels takes as long as installing packages does
        is_laid = environments.is_there(session, prepared.wheelhouse.environment)
        laying = None if is_laid else beside.submit(_lay_environment, order, prepared.wheelhouse, say=say)
        steps += session.ask("apply", say=say, resources=msgspec.to_builtins(resources))
        steps += laying.result() if laying else []
    folder = f"{CONFIGURATIONS}/{prepared.configuration}"
    if session.ask("missing", paths=[folder]):
        steps.append(f"lay configuration {prepared.configuration}")
        _timed(steps[-1], say, lambda: session.ask("lay", files=prepared.files, folder=folder))
    if order.restore:
        restore = [_program(prepared), "restore", "--json", "--settings", f"{folder}/{BACKUP.name}"]
        _timed("restore databases, secrets and media", say, lambda: session.run(restore))
        steps += session.ask("apply", say=say, resources=msgspec.to_builtins(prepared.resources))
    return steps


def _lay_environment(order: Order, gathered: Wheelhouse, *, say: Say) -> list[str]:
    """Over a connection of its own: the other one is busy meanwhile."""
    with Session(order.host) as session:
        sent = _timed("send wheels", say, lambda: environments.send(session, gathered))
        step = f"lay environment {gathered.environment} ({sent / 1e6:.1f} MB sent)"
        _timed(step, say, lambda: environments.lay(session, gathered))
    return [step]


def _seed(order: Order, prepared: Prepared, session: Session, *, say: Say) -> str:
    """The release of the site that this environment makes of the accepted content; the first time, of the project's."""
    places = ["--environment", f"{environments.ENVIRONMENTS}/{prepared.wheelhouse.environment}"]
    places += ["--configuration", f"{CONFIGURATIONS}/{prepared.configuration}"]
    words = [_program(prepared), "server", "seed", *places, "--by", order.by]
    with project_bundle.committed(order.project) as project:
        is_known = session.ask("run", words=INSTALLED_TREE)["out"].strip() == project.tree
        content = b"" if is_known else project.bundle()
        words += ["--project-is", project.tree] if is_known else []
    said = _timed("build the site", say, lambda: session.run(words, content=content))
    return str(_last_json(said).get("site") or "")


def _activate(
    order: Order, prepared: Prepared, session: Session, *, site: str, fresh: bool, say: Say
) -> dict[str, Any]:
    words = [_program(prepared), "server", "activate", "--environment", prepared.wheelhouse.environment]
    words += ["--configuration", prepared.configuration, *(["--site", site] if site else [])]
    words += ["--by", order.by, "--why", order.why or "deploy", "--json", *(["--fresh"] if fresh else [])]
    outcome = _last_json(_timed("activate", say, lambda: session.run(words)))
    for name, seconds in outcome["steps"]:
        say(f"  {name}", seconds)
    return outcome


def _confirm(order: Order, id: str, session: Session, *, say: Say) -> None:
    """From outside, over new connections: by HTTPS what listeners get, by SSH that the next deploy will get in."""
    try:
        _look(order, session, say=say)
        command = f"{PROGRAM} server confirm {id}"
        _timed("confirm over a new connection", say, lambda: remote.run_once(order.host, command))
    except DeployError as error:
        session.ask("run", words=[PROGRAM, "server", "revert", "--by", order.by])  # else it does so by itself
        raise DeployError(f"{error}\nThe server goes back to the release before.") from error


def _look(order: Order, session: Session, *, say: Say) -> None:
    said = session.ask("run", words=["cat", MAINTENANCE])["out"]
    resting = json.loads(said or "{}")
    paths = outside_look.expected(rests=resting.get("is_on", False), everything=resting.get("is_everything", False))
    _timed(
        "look at the site from here",
        say,
        lambda: outside_look.look(order.host.address, url=order.site.url, paths=paths),
    )


def _program(prepared: Prepared) -> str:
    return f"{environments.ENVIRONMENTS}/{prepared.wheelhouse.environment}/bin/longwave"


def _certificate(prepared: Prepared, session: Session) -> None:
    """Always one: nginx starts with it, and so an authority can ask for its proof."""
    configuration = f"{CONFIGURATIONS}/{prepared.configuration}"
    session.run([_program(prepared), "server", "certificate", "--configuration", configuration])


def _has_new_secret(steps: list[str]) -> bool:
    return any(operators_files.ON_SERVER in step for step in steps)


def _last_json(said: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said[said.index("{") :])
    return found


def _timed(step: str, say: Say, work: Callable[[], Result]) -> Result:
    begun = time.monotonic()
    result = work()
    say(step, time.monotonic() - begun)
    return result
