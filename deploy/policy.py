"""Says from nginx's own configuration what nginx would decide: headers, types, redirects, folders. Opens no file."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from deploy import secure_link
from deploy.directives import Directive

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
# add_header without `always`: https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header
HEADER_STATUSES = frozenset({200, 201, 204, 206, 301, 302, 303, 304, 307, 308})
Variables = Mapping[str, str]


class Map(Struct, frozen=True):
    """`map SOURCE $name`: exact strings (without case) win over expressions, and the first expression that matches."""

    source: str
    exact: dict[str, str]
    expressions: tuple[tuple[re.Pattern[str], str], ...]
    default: str


class Location(Struct, frozen=True):
    """What holds for an address: its file, `path` below `root`, and whether only nginx itself may ask for it.

    `status` and `text` are of its `return`; what is `passed_on` is answered by the service behind.
    """

    root: Path
    path: str
    types: dict[str, str]
    default_type: str
    status: int = 200
    text: str = ""
    internal: bool = False
    passed_on: bool = False
    error_pages: Mapping[int, str] = {}


class Policy:
    """The `http` block of a configuration, ready to be asked. Built once per configuration; never changes.

    Understands what deploy/nginx uses: map, add_header, types, server_name, location, root, alias, internal, if, return, rewrite,
    proxy_pass, secure_link, and error_page of what is passed on or returned.
    """

    def __init__(self, directives: Iterable[Directive]) -> None:
        http = _only(directives, "http")
        self._maps = {
            directive.args[1].removeprefix("$"): _map(directive) for directive in http if directive.name == "map"
        }
        self._headers = [directive.args for directive in http if directive.name == "add_header"]
        self._types = _types(_only(http, "types"))
        self._default_type = _argument(http, "default_type")
        self._servers = [directive.block or () for directive in http if directive.name == "server"]

    def server(self, host: str) -> tuple[Directive, ...]:
        """The server block for a host name (without port), or the one whose listen line says default_server."""
        named = (server for server in self._servers if host in _arguments(server, "server_name"))
        default = (server for server in self._servers if "default_server" in _arguments(server, "listen"))
        return next(named, None) or next(default, ())

    def headers(self, status: int, variables: Variables) -> Iterator[tuple[str, str]]:
        """The headers that add_header gives an answer of this status; an empty value is none."""
        known = {**variables, "status": str(status)}
        for name, value, *always in self._headers:
            if (always or status in HEADER_STATUSES) and (filled := self.value(value, known)):
                yield name, filled

    def returned(self, server: Iterable[Directive], variables: Variables) -> tuple[int, str] | None:
        """Status and text of the first `return` that the server block comes to before it looks for files."""
        for directive in server:
            if directive.name == "return":
                return int(directive.args[0]), self.value("".join(directive.args[1:]), variables)
            if self._is_if_that_holds(directive, variables):
                return self.returned(directive.block or (), variables)
        return None

    def location(self, server: tuple[Directive, ...], path: str, *, variables: Variables) -> Location:
        """The location of a decoded path, to which its own rewrites may lead; the server's own where there is none."""
        block = next(iter(_matching(server, path)), ())
        for expression, target, flag in self._rewrites(block, variables):
            if match := re.search(expression, path):
                path = self.value(target, {**variables, "uri": path, **_groups(match)})
                if flag == "last":
                    return replace(self.location(server, path, variables=variables), internal=False)
                break
        status, text = self.returned(block, {**variables, **self._link(block, variables)}) or (200, "")
        error_pages = _error_pages(block)
        if (named := error_pages.get(status, "")).startswith("@"):
            return self._passed(server, named, path)
        own_types = next((directive.block for directive in block if directive.name == "types"), None)
        alias = _argument(block, "alias")
        return Location(
            root=Path(alias or _argument(block, "root") or _argument(server, "root")),
            path=path.removeprefix(_prefix(server, path).rstrip("/")) if alias else path,
            types=self._types if own_types is None else _types(own_types),
            default_type=_argument(block, "default_type") or self._default_type,
            status=status,
            text=text,
            internal=any(directive.name == "internal" for directive in block),
            passed_on=any(directive.name == "proxy_pass" for directive in block),
            error_pages=error_pages,
        )

    def _link(self, block: tuple[Directive, ...], variables: Variables) -> dict[str, str]:
        """What the location finds of a link to a paid file; nothing where links are not asked for."""
        given = self.value(_argument(block, "secure_link"), variables)
        if not given:
            return {}
        known = {**variables, "secure_link_expires": secure_link.parts(given)[1]}
        expected = self.value(_argument(block, "secure_link_md5"), known)
        return {"secure_link": secure_link.verdict(given, expected, now=time.time())}

    def _passed(self, server: tuple[Directive, ...], name: str, path: str) -> Location:
        """A named location: in ours, one that passes on."""
        blocks = (directive.block for directive in server if directive.name == "location" and directive.args == (name,))
        block = next(blocks, None) or ()
        passes = any(directive.name == "proxy_pass" for directive in block)
        return Location(Path(), path, {}, "", passed_on=passes, error_pages=_error_pages(block))

    def value(self, template: str, variables: Variables) -> str:
        """`template` with its variables filled in; one that is neither given nor a map is empty."""
        return VARIABLE.sub(lambda match: self._variable(match[1] or match[2], variables), template)

    def _variable(self, name: str, variables: Variables) -> str:
        if name.startswith("arg_"):
            return _query_argument(name.removeprefix("arg_"), variables.get("args", ""))
        if name in variables or name not in self._maps:
            return variables.get(name, "")
        table = self._maps[name]
        given = self.value(table.source, variables)
        if (found := table.exact.get(given.lower())) is not None:
            return self.value(found, variables)
        for expression, value in table.expressions:
            if match := expression.search(given):
                return self.value(value, {**variables, **_groups(match)})
        return self.value(table.default, variables)

    def _rewrites(self, block: Iterable[Directive], variables: Variables) -> Iterator[tuple[str, ...]]:
        """Expression, replacement and flag of each `rewrite`, those in an `if` that holds included."""
        for directive in block:
            if directive.name == "rewrite":
                yield directive.args
            elif self._is_if_that_holds(directive, variables):
                yield from self._rewrites(directive.block or (), variables)

    def _is_if_that_holds(self, directive: Directive, variables: Variables) -> bool:
        """Ours ask one variable: https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if"""
        return directive.name == "if" and self.value(directive.args[0].strip("()"), variables) not in ("", "0")


def _map(directive: Directive) -> Map:
    rows = {row.name: row.args[0] for row in directive.block or () if row.args}
    default = rows.pop("default", "")
    exact = {key.lower(): value for key, value in rows.items() if not key.startswith("~")}
    expressions = tuple((_expression(key), value) for key, value in rows.items() if key.startswith("~"))
    return Map(directive.args[0], exact, expressions, default)


def _expression(written: str) -> re.Pattern[str]:
    """'~x' or '~*x' (without case) of a map or location. Ours use only what PCRE and Python agree on."""
    without_case = written.startswith("~*")
    return re.compile(written.removeprefix("~").removeprefix("*"), re.IGNORECASE if without_case else 0)


def _groups(match: re.Match[str]) -> dict[str, str]:
    return {str(n): text or "" for n, text in enumerate(match.groups(), 1)}


def _matching(server: tuple[Directive, ...], path: str) -> Iterator[tuple[Directive, ...]]:
    """The blocks of the locations that match, the one that counts first: exact, '^~', expression, longest prefix."""
    locations = [(directive.args, directive.block or ()) for directive in server if directive.name == "location"]
    yield from (block for args, block in locations if args[0] == "=" and args[1] == path)
    yield from (block for args, block in locations if args[0] == "^~" and path.startswith(args[1]))
    yield from (
        block for args, block in locations if args[0].startswith("~") and _expression(args[0] + args[1]).search(path)
    )
    prefixes = [(args[0], block) for args, block in locations if len(args) == 1 and path.startswith(args[0])]
    yield from (block for _, block in sorted(prefixes, key=lambda found: -len(found[0])))


def _prefix(server: tuple[Directive, ...], path: str) -> str:
    """The longest prefix of a location for this path."""
    names = (directive.args[0] for directive in server if directive.name == "location" and len(directive.args) == 1)
    return max((name for name in names if path.startswith(name)), key=len, default="")


def _query_argument(name: str, query: str) -> str:
    """As it came, not decoded; the first of several."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return next((value for key, _, value in pairs if key.lower() == name), "")


def _error_pages(block: Iterable[Directive]) -> dict[int, str]:
    """Status -> what its error_page leads to: an address, with variables, or a location's '@name'."""
    pages = [directive.args for directive in block if directive.name == "error_page"]
    return {int(status): args[-1] for args in pages for status in args[:-1] if status.isdigit()}


def _types(block: Iterable[Directive]) -> dict[str, str]:
    return {extension: directive.name for directive in block for extension in directive.args}


def _only(directives: Iterable[Directive], name: str) -> tuple[Directive, ...]:
    return next((directive.block or () for directive in directives if directive.name == name), ())


def _argument(directives: Iterable[Directive], name: str) -> str:
    return next((directive.args[0] for directive in directives if directive.name == name), "")


def _arguments(directives: Iterable[Directive], name: str) -> set[str]:
    return {argument for directive in directives if directive.name == name for argument in directive.args}
