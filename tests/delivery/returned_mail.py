"""What servers really send back, written after their known forms; `{to}` is the return path, `{id}` the Message-ID."""

# ruff: noqa: E501 - servers write as they like

from __future__ import annotations

from dataclasses import dataclass

from portevoix.delivery.types import Bad

ORIGINAL = """\
Return-Path: <{to}>
Received: from campagne.example by mx.example; Tue, 24 Nov 2026 20:00:00 +0100
Subject: Samedi
Message-ID: <{id}>
From: campagne@exemple.fr
To: camille@ailleurs.example
Auto-Submitted: no

550 5.1.1 is only a number in this letter, and user unknown only words.
"""

HEAD = """\
Return-Path: <>
From: {writer}
To: <{{to}}>
Subject: {subject}
Date: Tue, 24 Nov 2026 20:00:05 +0100
MIME-Version: 1.0
"""


def _head(writer: str, subject: str) -> str:
    return HEAD.format(writer=writer, subject=subject)


def _dsn(writer: str, subject: str, words: str, fields: str, *, status_type: str = "message/delivery-status") -> str:
    return (
        _head(writer, subject) + 'Content-Type: multipart/report; report-type=delivery-status;\n boundary="=_b"\n\n'
        f"--=_b\nContent-Type: text/plain; charset=utf-8\n\n{words}\n\n--=_b\nContent-Type: {status_type}\n\n"
        f"{fields}\n\n--=_b\nContent-Type: message/rfc822\n\n{ORIGINAL}\n--=_b--\n"
    )


@dataclass(frozen=True)
class Sample:
    name: str
    raw: str
    bad: Bad | None
    status: str = ""


POSTFIX = _dsn(
    "MAILER-DAEMON@mx.exemple.fr (Mail Delivery System)",
    "Undelivered Mail Returned to Sender",
    "This is the mail system at host mx.exemple.fr.\n\nI'm sorry to have to inform you that your message could not\n"
    "be delivered to one or more recipients.\n\n<camille@ailleurs.example>: host mx.ailleurs.example[192.0.2.1] said:\n"
    "    550 5.1.1 <camille@ailleurs.example>: Recipient address rejected: User unknown (in reply to RCPT TO command)",
    "Reporting-MTA: dns; mx.exemple.fr\nX-Postfix-Queue-ID: 4F1\nArrival-Date: Tue, 24 Nov 2026 20:00:00 +0100 (CET)\n\n"
    "Final-Recipient: rfc822; camille@ailleurs.example\nOriginal-Recipient: rfc822;camille@ailleurs.example\n"
    "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.ailleurs.example\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <camille@ailleurs.example>: Recipient address\n    rejected: User unknown",
)

SAMPLES = [
    Sample("postfix", POSTFIX, Bad.HARD, "5.1.1"),
    Sample("postfix-with-crlf", POSTFIX.replace("\n", "\r\n"), Bad.HARD, "5.1.1"),
    Sample(
        "postfix-delayed",
        POSTFIX.replace("Action: failed", "Action: delayed").replace("Status: 5.1.1", "Status: 4.4.1"),
        None,
    ),
    Sample(
        "a-receipt",
        POSTFIX.replace("Action: failed", "Action: delivered").replace("Status: 5.1.1", "Status: 2.0.0"),
        None,
    ),
    Sample(
        "postfix-full",
        POSTFIX.replace("Status: 5.1.1", "Status: 5.2.2").replace(
            "550 5.1.1 <camille@ailleurs.example>: Recipient address\n    rejected: User unknown",
            "552 5.2.2 Over quota",
        ),
        Bad.SOFT,
        "5.2.2",
    ),
    Sample(
        "no-status-but-a-diagnosis",
        POSTFIX.replace("Status: 5.1.1\n", ""),
        Bad.HARD,
        "5.1.1",
    ),
    Sample(
        "status-under-plain-text",
        POSTFIX.replace("message/delivery-status", "text/plain", 1).replace(
            "report-type=delivery-status", "report-type=x"
        ),
        Bad.HARD,
        "5.1.1",
    ),
    Sample("cut-short", POSTFIX[: POSTFIX.index("Remote-MTA")], Bad.HARD, "5.1.1"),
    Sample("no-last-boundary", POSTFIX.replace("--=_b--", ""), Bad.HARD, "5.1.1"),
    Sample("no-mime-version", POSTFIX.replace("MIME-Version: 1.0\n", ""), Bad.HARD, "5.1.1"),
    Sample(
        "exim",
        "Return-path: <>\nX-Failed-Recipients: camille@ailleurs.example\nAuto-Submitted: auto-replied\n"
        "From: Mail Delivery System <Mailer-Daemon@relais.example>\nTo: {to}\n"
        "Subject: Mail delivery failed: returning message to sender\n\n"
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  camille@ailleurs.example\n    host mx.ailleurs.example [192.0.2.1]\n"
        "    SMTP error from remote mail server after RCPT TO:<camille@ailleurs.example>:\n"
        "    550 No such user here\n\n------ This is a copy of the message, including all the headers. ------\n\n"
        + ORIGINAL,
        Bad.HARD,
    ),
    Sample(
        "exim-retry-timeout",
        "Return-path: <>\nX-Failed-Recipients: camille@ailleurs.example\nFrom: Mailer-Daemon@relais.example\nTo: {to}\n"
        "Subject: Mail delivery failed\n\n  camille@ailleurs.example\n    retry timeout exceeded\n\n"
        "------ This is a copy of your message ------\n\n" + ORIGINAL,
        Bad.SOFT,
    ),
    Sample(
        "qmail",
        "Return-Path: <>\nFrom: MAILER-DAEMON@vieux.example\nTo: {to}\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at vieux.example.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<camille@ailleurs.example>:\n192.0.2.1 does not like recipient.\n"
        "Remote host said: 550 5.1.1 sorry, no mailbox here by that name (#5.1.1)\nGiving up on 192.0.2.1.\n\n"
        "--- Below this line is a copy of the message.\n\n" + ORIGINAL,
        Bad.HARD,
        "5.1.1",
    ),
    Sample(
        "exchange-online",
        _dsn(
            "postmaster@ailleurs.example",
            "=?utf-8?B?Tm9uIHJlbWlzwqA6IFNhbWVkaQ==?=",
            "Votre message à camille@ailleurs.example n'a pas pu être remis.\n\nadresse introuvable",
            "Reporting-MTA: dns;PR0P264.FRAP264.PROD.OUTLOOK.COM\nReceived-From-MTA: dns;mx.exemple.fr\n\n"
            "Final-Recipient: rfc822;camille@ailleurs.example\nAction: failed\nStatus: 5.1.10\n"
            "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient camille@ailleurs.example not\n"
            " found by SMTP address lookup",
        ),
        Bad.HARD,
        "5.1.10",
    ),
    Sample(
        "exchange-online-edge",
        _dsn(
            "postmaster@ailleurs.example",
            "Undeliverable: Samedi",
            "Delivery has failed to these recipients",
            "Reporting-MTA: dns;outlook.example\n\nFinal-Recipient: rfc822;camille@ailleurs.example\nAction: failed\n"
            "Status: 5.4.1\nDiagnostic-Code: smtp;550 5.4.1 Recipient address rejected: Access denied. [AM1.example]",
        ),
        Bad.HARD,
        "5.4.1",
    ),
    Sample(
        "exchange-2010-fields-in-capitals-and-bare",
        _dsn(
            "Microsoft Exchange <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@ailleurs.example>",
            "Undeliverable: Samedi",
            "camille@ailleurs.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##",
            "FINAL-RECIPIENT: rfc822;camille@ailleurs.example\nACTION: Failed\nSTATUS: 5.1.1 (bad destination)",
        ),
        Bad.HARD,
        "5.1.1",
    ),
    Sample(
        "exchange-5.5-words-only",
        "From: System Administrator <postmaster@ailleurs.example>\nTo: {to}\nSubject: Undeliverable: Samedi\n\n"
        "Your message\n\n  To:      camille@ailleurs.example\n  Subject: Samedi\n\ndid not reach the following "
        "recipient(s):\n\ncamille@ailleurs.example on Tue, 24 Nov 2026\n    The recipient name is not recognized\n"
        "    The MTS-ID of the original message is: c=fr\n    MSEXCH:IMS:A:B:C 0 (000C05A6) Unknown Recipient\n\n"
        "Message-ID: <{id}>\n",
        Bad.HARD,
    ),
    Sample(
        "gmail",
        _dsn(
            "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            "Delivery Status Notification (Failure)",
            "** Adresse introuvable **\n\nVotre message n'a pas été remis à camille@gmail.example, car l'adresse est "
            "introuvable ou ne peut pas recevoir de messages.",
            "Reporting-MTA: dns; googlemail.com\n\nFinal-Recipient: rfc822; camille@gmail.example\nAction: failed\n"
            "Status: 5.1.1\nDiagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n"
            " Please try\n 550-5.1.1 double-checking the recipient's email address for typos or\n"
            " 550 5.1.1 unnecessary spaces. https://support.google.example NoSuchUser - gsmtp",
        ),
        Bad.HARD,
        "5.1.1",
    ),
    Sample(
        "gmail-inactive",
        _dsn(
            "mailer-daemon@googlemail.com",
            "Delivery Status Notification (Failure)",
            "x",
            "Final-Recipient: rfc822; c@gmail.example\nAction: failed\nStatus: 5.2.1\n"
            "Diagnostic-Code: smtp; 550-5.2.1 The email account that you tried to reach is inactive.",
        ),
        Bad.HARD,
        "5.2.1",
    ),
    Sample(
        "gmail-blocked-as-spam",
        _dsn(
            "mailer-daemon@googlemail.com",
            "Delivery Status Notification (Failure)",
            "x",
            "Final-Recipient: rfc822; c@gmail.example\nAction: failed\nStatus: 5.7.1\n"
            "Diagnostic-Code: smtp; 550-5.7.1 Our system has detected that this message is likely unsolicited mail.",
        ),
        Bad.POLICY,
        "5.7.1",
    ),
    Sample(
        "orange-unknown",
        _dsn(
            "MAILER-DAEMON@smtp.orange.example",
            "Undelivered Mail Returned to Sender",
            "x",
            "Final-Recipient: rfc822; c@orange.example\nAction: failed\nStatus: 5.0.0\n"
            "Diagnostic-Code: smtp; 550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]",
        ),
        Bad.HARD,
        "5.1.1",
    ),
    Sample(
        "orange-throttled",
        _dsn(
            "MAILER-DAEMON@smtp.orange.example",
            "Undelivered Mail Returned to Sender",
            "x",
            "Final-Recipient: rfc822; c@orange.example\nAction: failed\nStatus: 4.0.0\n"
            "Diagnostic-Code: smtp; 421 Service refuse. Veuillez essayer plus tard. service refused, please try later. "
            "OFR004_104 [104]",
        ),
        Bad.POLICY,
        "4.0.0",
    ),
    Sample(
        "orange-blocked",
        _dsn(
            "MAILER-DAEMON@smtp.orange.example",
            "Undelivered Mail Returned to Sender",
            "x",
            "Final-Recipient: rfc822; c@orange.example\nAction: failed\nStatus: 5.0.0\n"
            "Diagnostic-Code: smtp; 550 5.7.1 Service refuse. Veuillez verifier votre reputation. spam detected OFR_506",
        ),
        Bad.POLICY,
        "5.7.1",
    ),
    Sample(
        "free",
        _dsn(
            "MAILER-DAEMON@free.example (Mail Delivery System)",
            "Undelivered Mail Returned to Sender",
            "x",
            "Final-Recipient: rfc822; c@free.example\nAction: failed\nStatus: 5.0.0\n"
            "Diagnostic-Code: smtp; 550 5.2.1 This mailbox has been blocked due to inactivity: account is closed",
        ),
        Bad.HARD,
        "5.2.1",
    ),
    Sample(
        "sfr",
        "Return-Path: <>\nFrom: postmaster@sfr.example\nTo: {to}\nSubject: =?iso-8859-1?Q?=C9chec_de_la_remise?=\n"
        "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
        "Votre message n'a pas pu =EAtre d=E9livr=E9.\n<c@sfr.example>: utilisateur inconnu\n\n"
        "------ message original ------\n" + ORIGINAL,
        Bad.HARD,
    ),
    Sample(
        "a-bounce-in-an-unknown-charset",
        "Return-Path: <>\nFrom: mailer-daemon@loin.example\nTo: {to}\nSubject: =?x-unknown?Q?=C9?=\n"
        "Content-Type: text/plain; charset=x-unknown\n\n550 5.1.1 unknown user\n",
        Bad.HARD,
        "5.1.1",
    ),
    Sample(
        "complaint",
        "From: <fbl@ailleurs.example>\nTo: <abuse@exemple.fr>\nSubject: Email Feedback Report\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\nContent-Type: text/plain\n\n'
        "This is an email abuse report.\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
        "User-Agent: SomeGenerator/1.0\nVersion: 1\n\n--b\nContent-Type: message/rfc822\n\n" + ORIGINAL + "\n--b--\n",
        Bad.COMPLAINT,
    ),
    Sample(
        "not-spam-after-all",
        "From: <fbl@ailleurs.example>\nTo: {to}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\n'
        "Content-Type: message/feedback-report\n\nFeedback-Type: not-spam\nVersion: 1\n\n--b--\n",
        None,
    ),
    Sample(
        "out-of-office",
        "From: camille@ailleurs.example\nTo: {to}\nAuto-Submitted: auto-replied\nSubject: Absence\n\n"
        "Je suis absente. user unknown 550 5.1.1\n",
        None,
    ),
    Sample(
        "out-of-office-that-only-says-so",
        "From: camille@ailleurs.example\nTo: {to}\nSubject: =?utf-8?Q?R=C3=A9ponse_automatique_:_Samedi?=\n\n550 5.1.1\n",
        None,
    ),
    Sample(
        "a-person-answers", "From: c@ailleurs.example\nTo: {to}\nSubject: Re: Samedi\n\nuser unknown? 550 5.1.1\n", None
    ),
    Sample("nothing", "To: {to}\n\n", None),
]
