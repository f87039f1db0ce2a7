"""The room's errors in the user's language, each with what to do about it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from portevoix.delivery import exceptions as letters
from portevoix.mailings import exceptions


def explain(error: Exception) -> str:
    """Return a sentence for the author."""
    if type(error) in _NAMING:
        return _NAMING[type(error)]() % vars(error)
    return _PLAIN[type(error)]() if type(error) in _PLAIN else _("This letter cannot be sent as it is written.")


#: Sentences that name what the error holds.
_NAMING: dict[type[Exception], Callable[[], str]] = {
    letters.UnknownMergeField: lambda: _("The field “%(name)s” does not exist: use one of those of the list."),
    letters.MalformedMergeField: lambda: _(
        "These braces do not hold a field: “%(near)s”. Write for example {{ first_name|to you }}."
    ),
    letters.UnclosedCondition: lambda: _(
        "The condition “%(mark)s” is never closed: write {{ end }} where the passage ends."
    ),
    letters.StrayMark: lambda: _(
        "“%(mark)s” stands without the condition it goes on with: write {{ if … }} before it."
    ),
    letters.TooManyConditions: lambda: _(
        "Too many conditions, or too deep within each other, at “%(mark)s”: nobody could check them."
    ),
    letters.TooManyParts: lambda: _("This message makes %(parts)d parts: operators take ten at most."),
    exceptions.CrossedCondition: lambda: _(
        "The condition “%(mark)s” begins in one paragraph, list item, bold or link and ends in another. "
        "Begin and end it in the same one, or put each of its marks alone in a paragraph."
    ),
    exceptions.HostileLink: lambda: _(
        "The link “%(address)s” is not allowed: use an address that begins with https://, mailto: or tel:."
    ),
    exceptions.DeadLink: lambda: _("The link “%(words)s” leads nowhere: its page is no more. Choose another."),
}
_PLAIN: dict[type[Exception], Callable[[], str]] = {
    letters.UnsafeHeader: lambda: _(
        "The sender’s name, the reply address or the subject holds a line end or a forbidden sign."
    ),
    exceptions.MissingPicture: lambda: _("A picture of the letter is no more, or is not one that mail programs show."),
    exceptions.EmptyLetter: lambda: _("The letter needs a subject and some text."),
    exceptions.TooHeavy: lambda: _("The letter is too long: above 100 kB, mail programs cut it."),
    exceptions.NoSenderIdentity: lambda: _(
        "The configuration does not say who publishes (legal.publisher and legal.publisher_address): "
        "the law asks for it in each message."
    ),
    exceptions.NotApproved: lambda: _(
        "The campaign asks that a second person approve each message. Nobody has approved this one as it is now."
    ),
    exceptions.NothingAsked: lambda: _("Nobody waits for an answer about this message: it was given, or it changed."),
    exceptions.OwnApproval: lambda: _("Whoever asks for approval cannot give it: somebody else must read the message."),
    exceptions.AskedAlready: lambda: _("This message, as it is, waits for approval already, or has it."),
    exceptions.NoApprovalAsked: lambda: _("The campaign does not ask for approval: the message may be sent."),
    exceptions.NoWords: lambda: _("Say in a word what must change."),
    exceptions.NameTaken: lambda: _("A template of this name exists: choose another name."),
    exceptions.NobodyToTest: lambda: _("Choose at least one person of the team."),
    exceptions.NotADraft: lambda: _("This message has already been sent: it can be copied, not changed or sent again."),
    exceptions.NotBeingSent: lambda: _("This message is not being sent: there is nothing to stop."),
    exceptions.NotScheduled: lambda: _("This message waits for no hour: there is nothing to cancel."),
    exceptions.HourPassed: lambda: _("The hour at which it should leave has passed: choose another."),
    exceptions.NoSuchHour: lambda: _("On that day, the clocks go forward and skip this hour: choose another."),
    exceptions.SenderGone: lambda: _("Whoever planned it may not send messages any more: somebody else must."),
    exceptions.IsAVersion: lambda: _("This is one version of another message, and leaves with that one."),
    exceptions.NotATrial: lambda: _("There are no versions to choose from."),
    exceptions.NotATrialYet: lambda: _("A trial needs two versions at least: add one, or give up the trial."),
    exceptions.TooManyVersions: lambda: _("A trial has four versions at most."),
    exceptions.TooFewReaders: lambda: _(
        "A version would have fewer than twenty readers, which tells nothing: try it on a larger share, or give up the "
        "trial."
    ),
    exceptions.AlreadyDecided: lambda: _("A version of this message was chosen already."),
    exceptions.TrialPaused: lambda: _("A version is paused or stopped: resume it before you choose."),
    exceptions.NotSentYet: lambda: _("This message has not left yet: it cannot be sent again."),
    exceptions.NobodyChosen: lambda: _("Choose to whom it is sent again."),
    exceptions.NoSegment: lambda: _("Choose the segment that will receive this message."),
    exceptions.UnreadableSegment: lambda: _(
        "The segment asks about something that no longer exists: correct it first."
    ),
    exceptions.SegmentOfOpinions: lambda: _(
        "This segment asks about political opinions: nobody may be written to because of them "
        "(GDPR art. 9; regulation 2024/900, art. 18). Choose another segment."
    ),
    exceptions.NobodyToReach: lambda: _("Nobody in this segment may lawfully be written to: nothing was sent."),
    exceptions.ChangedMeanwhile: lambda: _(
        "The message or its segment has changed since you looked: nothing was sent. Check it again below."
    ),
    exceptions.OpensNotAllowed: lambda: _(
        "This instance counts no openings: its host turns that on in the configuration (mail.count_opens)."
    ),
    exceptions.NoSuchNotice: lambda: _("There is no such notice."),
    letters.NoTextProvider: lambda: _(
        "No provider of text messages is configured (section sms of portevoix.toml): nothing can be sent yet."
    ),
    letters.NoWords: lambda: _("Write the message first."),
    exceptions.NotAMobile: lambda: _("This is not a mobile number: write it as 06 12 34 56 78."),
    exceptions.NoAddressForTests: lambda: _("Your account’s address does not receive our letters: no test was sent."),
}
