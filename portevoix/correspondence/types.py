"""What a standard letter is made of: words that may be changed, and parts that may not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

from portevoix.accounts.types import Role
from portevoix.kernel.registry import Registry

#: Who chooses the campaign's words.
WRITERS = frozenset({Role.DIRECTOR, Role.COMMUNICATIONS})
#: In which languages the product writes.
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, kw_only=True)
class Words:
    """What may be changed: paragraphs are apart by a blank line. The link that the button follows is not among them."""

    subject: str
    title: str
    opening: str
    button: str = ""
    closing: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What this one letter says whatever the words: the law's sentences, what was decided, where the button leads."""

    #: After the opening. Nothing of ``before``, ``after`` and ``reason`` is filled in either.
    before: list[str] = field(default_factory=list)
    #: What the campaign wrote to this person, quoted and never filled in.
    quote: str = ""
    #: After the button and the quote.
    after: list[str] = field(default_factory=list)
    url: str = ""
    reason: str = ""
    #: Whether it is news, to whoever agreed to news: its foot then leads out of them.
    is_news: bool = False


@dataclass(frozen=True)
class Blank:
    """A word that the product fills in, with what a preview shows."""

    label: str | Promise
    sample: str | Promise


@dataclass(frozen=True, kw_only=True)
class Standard:
    """A letter that the product writes by itself. ``words`` and ``sample`` speak the language in force."""

    label: str | Promise
    #: When it leaves.
    occasion: str | Promise
    words: Callable[[], Words]
    #: What the fixed parts look like, for the preview and for whoever writes around them.
    sample: Callable[[], Facts]
    blanks: Mapping[str, Blank] = field(default_factory=dict)
    #: Whether the campaign may do without it: then it leaves only once somebody turned it on.
    is_optional: bool = False


#: Every standard letter by its key, kept for ever; each room registers its own from ``AppConfig.ready()``.
STANDARDS: Registry[Standard] = Registry("standard letters")
