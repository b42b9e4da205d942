#!/usr/bin/env bash
# Unpacks Debian's Prometheus into .tools/prometheus, without installing it and without root.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/.tools
mkdir -p "$tools"
work=$(mktemp -d "$tools/prometheus.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# As root, apt fetches as the user _apt, who may not write here, and says so.
apt=(apt-get -qq)
[[ $(id -u) != 0 ]] || apt+=(-o APT::Sandbox::User=root)
# For where the machine's own package lists are missing or too old. The machine's stay as they are.
own_lists=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache")

download() { "${apt[@]}" "$@" download prometheus; }
update() { mkdir -p lists/partial cache && "${apt[@]}" "${own_lists[@]}" update; }

fetch() { command -v apt-get && { download || { update && download "${own_lists[@]}"; }; }; }

if ! fetch >log 2>&1; then
    tail -n 3 log >&2
    echo "Prometheus is needed, prometheus and promtool on PATH: apt-get install prometheus, or brew install prometheus" >&2
    exit 1
fi

dpkg -x prometheus_*.deb unpacked
unpacked/usr/bin/promtool --version >/dev/null
rm -rf "$tools/prometheus"
mv unpacked "$tools/prometheus"
