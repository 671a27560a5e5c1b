"""The service's settings as the file that its units read; they move with a release. Secrets are credentials and not in it."""

from deploy.facts import Server, ServerFacts

SANDBOX_API = "http://127.0.0.1:8001"


def configuration(server: Server) -> dict[str, str]:
    lines = [f"LONGWAVE_{name.upper()}={_quoted(value)}" for name, value in sorted(settings(server).items())]
    return {"service.env": "\n".join(["# Made from server.toml by `longwave deploy`.", *lines]) + "\n"}


def settings(server: Server) -> dict[str, str]:
    """Every setting that is not left at its default."""
    facts = server.facts
    return {
        "mode": facts.mode,
        "url": server.site.url,
        "site": "/opt/longwave/current/site/public",
        "data": "/var/lib/longwave",
        "private_media": "/srv/longwave/videos",
        "theme": "/opt/longwave/current/configuration/theme",
        **_mail(facts),
        **_media(facts),
        **({"stripe_api": SANDBOX_API} if facts.mode == "sandbox" else {}),
        **{name: _text(value) for name, value in facts.service.items()},
    }


def _mail(facts: ServerFacts) -> dict[str, str]:
    mail = facts.mail
    chosen = {"mail_from": mail.sender, "smtp_host": mail.host, "smtp_user": mail.user}
    return {
        **{name: value for name, value in chosen.items() if value},
        "smtp_port": str(mail.port),
        "smtp_starttls": _text(mail.starttls),
    }


def _media(facts: ServerFacts) -> dict[str, str]:
    if facts.media.store == "local":
        return {}
    media = facts.media
    chosen = {"media_url": media.url, "media_region": media.region, "media_access_key": media.access_key}
    return {"media_store": media.store, **{name: value for name, value in chosen.items() if value}}


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(value: str) -> str:
    """As an EnvironmentFile= of systemd takes any text: systemd.exec(5)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
    return f'"{escaped}"'
