#!/usr/bin/env bash
# Installs the Debian packages that the tests drive: a real browser, gettext, the SMTP sink of the benchmarks, and the
# Java that the Nu checker of HTML runs on.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

missing=()
[ -x /usr/bin/chromium ] || missing+=(chromium)
[ -x /usr/sbin/smtp-sink ] || missing+=(postfix)
[ -x /usr/bin/msgfmt ] || missing+=(gettext)
[ -x /usr/bin/java ] || missing+=(default-jre-headless)
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || refuse \
        "Il manque des paquets pour les tests : lancez « sudo apt install ${missing[*]} » puis recommencez." \
        "Packages are missing for the tests: run “sudo apt install ${missing[*]}”, then try again."
    as_root=(sudo -n)
fi
say "Installation de paquets pour les tests : ${missing[*]}…" "Installing packages for the tests: ${missing[*]}…"
export DEBIAN_FRONTEND=noninteractive
# Only the programs are wanted: postfix asks nothing, and a container has no service to start.
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null; }
apt update && apt install -y --no-install-recommends "${missing[@]}" || refuse \
    "Les paquets ${missing[*]} n'ont pas pu être installés par apt." "apt could not install ${missing[*]}."
