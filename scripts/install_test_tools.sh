#!/usr/bin/env bash
# Installs what the tests drive: a real browser, gettext, the SMTP sink of the benchmarks, the Java that the Nu checker of
# HTML runs on, nginx and its load, what the guide for programs is typed with, and the auditor's lists.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

missing=()
[ -x /usr/bin/chromium ] || missing+=(chromium)
[ -x /usr/bin/chromium-headless-shell ] || missing+=(chromium-headless-shell) # the auditor's: a fifth of the cost
[ -x /usr/sbin/smtp-sink ] || missing+=(postfix)
[ -x /usr/bin/msgfmt ] || missing+=(gettext)
[ -x /usr/sbin/nginx ] || missing+=(nginx) # the configuration that we ship is tried on it
[ -x /usr/bin/wrk ] || missing+=(wrk)       # the load of its benchmark
[ -x /usr/bin/curl ] || missing+=(curl)
[ -x /usr/bin/jq ] || missing+=(jq)
[ -x /usr/bin/java ] || missing+=(default-jre-headless)

as_root=()
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null; }
lists() { .venv/bin/python -m portevoix audit --update-lists; } # what the auditor compares with; no right is needed
bring_lists() {
    [ -x .venv/bin/python ] || return 0
    lists && return 0
    [ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && as_root=(sudo -n); } || true
    apt update || true
    lists || refuse "Les listes de l'auditeur n'ont pas pu être apportées." "The auditor's lists could not be brought."
}
if [ ${#missing[@]} -eq 0 ]; then
    bring_lists
    exit 0
fi

if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || refuse \
        "Il manque des paquets pour les tests : lancez « sudo apt install ${missing[*]} » puis recommencez." \
        "Packages are missing for the tests: run “sudo apt install ${missing[*]}”, then try again."
    as_root=(sudo -n)
fi
say "Installation de paquets pour les tests : ${missing[*]}…" "Installing packages for the tests: ${missing[*]}…"
export DEBIAN_FRONTEND=noninteractive
# Only the programs are wanted: postfix asks nothing, and a container has no service to start.
apt update && apt install -y --no-install-recommends "${missing[@]}" || refuse \
    "Les paquets ${missing[*]} n'ont pas pu être installés par apt." "apt could not install ${missing[*]}."
bring_lists
