#!/bin/sh
# Asked by Debian's packages before they start or stop a service while they are upgraded. An upgrade of nginx may not restart it, which would
# refuse readers for a moment: needrestart, which runs after every upgrade, changes its program under open connections.
# https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt

case "$1 $2" in
    "nginx restart" | "nginx.service restart" | "nginx stop" | "nginx.service stop") exit 101 ;;
esac
exit 0
