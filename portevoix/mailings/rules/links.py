"""What can be said of a link without asking anybody."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qsl, urlsplit

#: Nobody sees where they lead, and filters know them from junk.
SHORTENERS = {
    *("bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "buff.ly", "lnkd.in", "cutt.ly", "is.gd", "rebrand.ly"),
    *("urlr.me", "s.id", "rb.gy", "shorturl.at", "tiny.cc", "bl.ink"),
}
#: Parameters by which other services follow a person.
FOLLOWERS = {"fbclid", "gclid", "dclid", "msclkid", "mc_eid", "mc_cid", "igshid", "yclid", "twclid", "ttclid"}
#: Words that say nothing of where a link leads, to somebody who reads link by link.
VAGUE = {
    *("ici", "cliquez ici", "cliquer ici", "cliquez", "par ici", "là", "ce lien", "lien", "en savoir plus", "plus"),
    *("lire la suite", "la suite", "voir", "voir plus", "suite", "plus d’infos", "plus d'infos", "sur ce lien"),
    *("here", "click here", "this link", "link", "read more", "learn more", "more", "this", "see more", "go"),
}
SHOWN_HOST = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:/\S*)?", re.IGNORECASE)


def host_of(address: str) -> str:
    """Return the host a web address leads to, in lower case; nothing for mail and telephones."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def is_web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))


def is_unencrypted(address: str) -> bool:
    return address.lower().startswith("http://")


def is_shortened(address: str) -> bool:
    return host_of(address).removeprefix("www.") in SHORTENERS


def is_disguised(address: str) -> bool:
    """Tell whether a host is a bare number, in look-alike letters, or hides behind a name before an @."""
    host = host_of(address)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "xn--" in host or not host.isascii() or "@" in urlsplit(address).netloc
    return True


def follows_persons(address: str) -> bool:
    return any(name.lower() in FOLLOWERS for name, _value in parse_qsl(urlsplit(address).query))


def shows_another(words: str, address: str) -> bool:
    """Tell whether a link's words are an address of another host than it leads to: what phishing does."""
    shown = SHOWN_HOST.fullmatch(words.strip())
    if shown is None or not is_web(address):
        return False
    return shown[1].lower().removeprefix("www.") != host_of(address).removeprefix("www.")


def is_vague(words: str) -> bool:
    return words.strip(" .…!→>»").lower() in VAGUE
