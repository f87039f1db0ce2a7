# Sourced by the scripts: sentences in French, or in English where the machine's language is English.
say() {
    case "${LANGUAGE:-${LC_ALL:-${LC_MESSAGES:-${LANG:-fr}}}}" in
        en* | EN*) printf '%s\n' "$2" ;;
        *) printf '%s\n' "$1" ;;
    esac
}

refuse() {
    say "$@" >&2
    exit 1
}
