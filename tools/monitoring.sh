#!/usr/bin/env bash
# Unpacks Debian's Prometheus and Alertmanager into .tools/monitoring, without installing them and without root.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/.tools
mkdir -p "$tools"
work=$(mktemp -d "$tools/monitoring.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

packages=(prometheus prometheus-alertmanager)
# As root, apt downloads as the user _apt, which cannot write to this folder, and warns about it.
apt=(apt-get -qq)
[[ $(id -u) != 0 ]] || apt+=(-o APT::Sandbox::User=root)
# If the package lists of the machine are missing or too old, new lists are downloaded into this folder.
own_lists=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache")

download() { "${apt[@]}" "$@" download "${packages[@]}"; }
update() { mkdir -p lists/partial cache && "${apt[@]}" "${own_lists[@]}" update; }

fetch() { command -v apt-get && { download || { update && download "${own_lists[@]}"; }; }; }

if ! fetch >log 2>&1; then
    tail -n 3 log >&2
    echo "Prometheus and Alertmanager are needed, with promtool and amtool on PATH: apt-get install ${packages[*]}," \
        "or https://prometheus.io/download" >&2
    exit 1
fi

for package in "${packages[@]}"; do dpkg -x "$package"_*.deb unpacked; done
# Debian's Alertmanager reads its templates only from the folder where the package installs them, which does not exist
# here. So that path in the program is replaced by a path of the same length: a file descriptor of the unpacked folder.
installed=/usr/share/prometheus/alertmanager opened=/proc/self/fd/9
while ((${#opened} < ${#installed})); do opened+=/; done
LC_ALL=C sed -i "s|$installed|$opened|g" unpacked/usr/bin/prometheus-alertmanager
cat >unpacked/usr/bin/alertmanager <<'END'
#!/bin/sh
usr=$(dirname "$(dirname "$0")")
exec "$usr/bin/prometheus-alertmanager" "$@" 9<"$usr/share/prometheus/alertmanager"
END
chmod +x unpacked/usr/bin/alertmanager
for program in prometheus promtool alertmanager amtool; do "unpacked/usr/bin/$program" --version >/dev/null 2>&1; done
rm -rf "$tools/monitoring"
mv unpacked "$tools/monitoring"
