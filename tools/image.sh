#!/usr/bin/env bash
# Builds the image localhost/maintainer in .tools/image. BASE is an image with Python; without it, one is made of Debian's
# packages, so that no registry is needed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
podman=(tools/containers.sh podman)
own=localhost/python-of-debian:bookworm

if [[ -z ${BASE:-} ]] && ! "${podman[@]}" image exists "$own"; then
    unread=('/usr/share/man/*' '/usr/share/locale/*' '/usr/share/doc/*')
    tools/containers.sh mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
        "${unread[@]/#/--dpkgopt=path-exclude=}" bookworm - | "${podman[@]}" import --quiet - "$own" >/dev/null
fi

arguments=(--build-arg "BASE=${BASE:-$own}" --build-arg "UV_VERSION=$UV_VERSION")
# The certificates of this machine include that of a company's proxy.
certificates=/etc/ssl/certs/ca-certificates.crt
[[ ! -f $certificates ]] || arguments+=(--secret "id=ca,src=$certificates")
"${podman[@]}" build --network host "${arguments[@]}" --tag localhost/maintainer --file Containerfile .
