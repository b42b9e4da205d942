#!/usr/bin/env bash
# Unpacks Debian's Chromium without a window, and fonts, into .tools/chromium, without installing them and without root.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/.tools
mkdir -p "$tools"
work=$(mktemp -d "$tools/chromium.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p cache/archives/partial lists/partial unpacked/usr/bin

packages=(chromium-headless-shell fonts-dejavu-core fonts-nanum)
# What is installed is not downloaded. As root, apt downloads as the user _apt, which cannot write to this folder.
apt=(apt-get -qq -y --no-install-recommends -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=true -o "Dir::Cache=$work/cache")
# If the package lists of the machine are missing or too old, new lists are downloaded into this folder.
own_lists=(-o "Dir::State::Lists=$work/lists")

download() { "${apt[@]}" --download-only "$@" install "${packages[@]}"; }
fetch() { command -v apt-get && { download || { "${apt[@]}" "${own_lists[@]}" update && download "${own_lists[@]}"; }; }; }

if ! fetch >log 2>&1; then
    tail -n 3 log >&2
    echo "Chromium is needed, with chromium on PATH: apt-get install chromium fonts-nanum" >&2
    exit 1
fi

for package in cache/archives/*.deb; do dpkg -x "$package" unpacked; done
# Its libraries are beside it, and its fonts are those that were unpacked and those of the machine.
cat >unpacked/fonts.conf <<END_OF_FONTS
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>$tools/chromium/usr/share/fonts</dir>
  <cachedir>$tools/chromium/cache</cachedir>
</fontconfig>
END_OF_FONTS
cat >unpacked/usr/bin/chromium <<'END_OF_PROGRAM'
#!/bin/sh
root=$(dirname "$(dirname "$(dirname "$(realpath "$0")")")")
libraries=$(find "$root" -path '*-linux-gnu*' -name '*.so*' -printf '%h\n' | sort -u | tr '\n' :)
export LD_LIBRARY_PATH="$libraries$LD_LIBRARY_PATH" FONTCONFIG_FILE="$root/fonts.conf"
exec "$root/usr/lib/chromium/chromium-headless-shell" "$@"
END_OF_PROGRAM
chmod +x unpacked/usr/bin/chromium
unpacked/usr/bin/chromium --version
rm -rf "$tools/chromium"
mv unpacked "$tools/chromium"
