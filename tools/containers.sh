#!/usr/bin/env bash
# Runs a command that makes or runs containers, such as `tools/containers.sh podman images`. Needs root.
# All of its state is in .tools/image: the images and containers of this machine are neither seen nor changed.
# Where podman, crun or mmdebstrap are missing, Debian's packages are unpacked there, and lie over /usr for this command.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
needed=(podman crun mmdebstrap)
export CONTAINERS_CONF=$PWD/tools/containers/containers.conf CONTAINERS_STORAGE_CONF=$PWD/tools/containers/storage.conf
export BUILDAH_ISOLATION=chroot

if ! why=$(unshare --mount true 2>&1); then
    echo "this needs root, to mount: $why. Without it, and with a registry: podman build -f Containerfile ." >&2
    exit 1
fi
mkdir -p .tools/image
state=$(realpath .tools/image)

# Downloads what is missing with all that it depends on and that is not installed.
download() {
    apt-get -qq -y --no-install-recommends --download-only -o APT::Sandbox::User=root -o Debug::NoLocking=true \
        -o "Dir::Cache=$work/cache" "$@" install "${needed[@]}"
}

unpack() {
    work=$(mktemp -d "$state/unpacked.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work"/{cache/archives,lists}/partial "$work/unpacked"
    # If the package lists of the machine are missing or too old, new lists are downloaded into this folder.
    local own_lists=(-o "Dir::State::Lists=$work/lists")
    { download || { apt-get -qq "${own_lists[@]}" update && download "${own_lists[@]}"; }; } || return 1
    for package in "$work"/cache/archives/*.deb; do dpkg -x "$package" "$work/unpacked" || return 1; done
    mv -T "$work/unpacked" "$state/unpacked" || [[ -d $state/unpacked ]]
}

installed() { for tool in "${needed[@]}"; do command -v "$tool" >/dev/null || return 1; done; }

over=""
if ! installed; then
    if [[ ! -d $state/unpacked ]] && ! why=$(unpack 2>&1); then
        tail -n 3 <<<"$why" >&2
        echo "an image needs ${needed[*]}: apt-get install ${needed[*]}" >&2
        exit 1
    fi
    over=$state/unpacked
fi

# Where nothing is installed there is no policy, and podman insists on one. Logins are kept apart as well.
export HOME=$state/home REGISTRY_AUTH_FILE=$state/home/auth.json
mkdir -p "$HOME/.config/containers" "$state/containers" /var/lib/containers
[[ -f $REGISTRY_AUTH_FILE ]] || echo '{}' >"$REGISTRY_AUTH_FILE"
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$HOME/.config/containers/policy.json"

inside='
mount --bind "$1" /var/lib/containers
# crun refuses control groups of both versions, and is to make none.
! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
[ -z "$2" ] || mount -t overlay -o "lowerdir=$2/usr:/usr" overlay /usr
shift 2
exec "$@"
'
exec unshare --mount sh -euc "$inside" containers "$state/containers" "$over" "$@"
