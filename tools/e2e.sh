#!/usr/bin/env bash
# Runs a command in new Linux namespaces, so that a control plane has its own processes, mounts, host name and network.
# The network has no connection to the outside, and all addresses of 10.44.0.0/16, those of pods, are this machine.
# When the command ends, also if it is killed, all processes that it has started end too.
set -euo pipefail

inside='
set -euo pipefail
ip link set lo up
ip route add local 10.44.0.0/16 dev lo
mount -t tmpfs tmpfs /run
mkdir -p /run/secrets/kubernetes.io/serviceaccount
cat >/run/hosts <<END
127.0.0.1 localhost
127.0.0.1 prometheus prometheus.monitoring.svc alertmanager alertmanager.monitoring.svc hooks.slack.test
END
mount --bind /run/hosts /etc/hosts
exec "$@"
'

for tool in unshare ip mount; do
    command -v "$tool" >/dev/null || { echo "make e2e needs $tool: apt-get install util-linux mount iproute2" >&2; exit 1; }
done
# Without root, a user namespace makes this user root inside.
user=()
[[ $(id -u) == 0 ]] || user=(--user --map-root-user)
namespaces=(unshare "${user[@]}" --net --pid --fork --kill-child --mount --mount-proc --uts)
if ! why=$("${namespaces[@]}" true 2>&1); then
    echo "make e2e cannot create Linux namespaces: $why. Run it as root, or allow user namespaces" \
        "(sysctl kernel.unprivileged_userns_clone=1)" >&2
    exit 1
fi
exec "${namespaces[@]}" bash -c "$inside" e2e "$@"
