"""`/opt/longwave/bin/longwave-service …`: the `longwave` command as the service would run it, for whoever operates the server.

It has the service's user, settings and secrets, and the operator's own key for Stripe beside them.
"""

from deploy.facts import Server
from deploy.machine.resources import File, Resource
from deploy.units import SECRETS

PATH = "/opt/longwave/bin/longwave-service"
SCRIPT = """#!/bin/sh
# Runs `longwave ARGUMENTS` as the service does: its user, its settings, its secrets, and the operator's key for Stripe.
# For instance: longwave-service admin find ada@example.com
set -eu
set -- /opt/longwave/current/environment/bin/longwave "$@"
for name in @SECRETS@; do
    if [ -s "/etc/longwave/secrets/$name" ]; then
        set -- --property="LoadCredential=$name:/etc/longwave/secrets/$name" "$@"
    fi
done
exec systemd-run --quiet --pipe --wait --collect --service-type=exec --working-directory=/ \\
    --uid=longwave --gid=longwave --property=UMask=0077 --property=NoNewPrivileges=yes \\
    --property=ProtectSystem=strict --property=ReadWritePaths=/var/lib/longwave --property=PrivateTmp=yes \\
    --property=EnvironmentFile=/opt/longwave/current/configuration/service.env "$@"
"""


def resources(_server: Server) -> list[Resource]:
    names = " ".join((*SECRETS, "stripe_operator_key"))
    return [File(path=PATH, text=SCRIPT.replace("@SECRETS@", names), mode=0o755)]
