"""How emails are sent: a mail server over SMTP, or without one a mailbox in the database."""

from collections.abc import Sequence
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy import text

from backend.database.batching import Batcher
from backend.database.engine import Database
from backend.kit.addresses import BadAddress, sendable
from backend.kit.email import Email, EmailDelayed, EmailRefused, EmailSender
from backend.kit.i18n import N_
from backend.kit.notification import one_line
from backend.settings import Settings

SECONDS = 20
FOR_GOOD = 500
TLS = {"smtp": (False, None), "smtps": (True, False), "smtp+plain": (False, False)}

# The same email replaces itself.
_KEEP = text("""
    INSERT INTO mailbox (tenant_id, delivery_id, message_id, address, subject, text, html)
    SELECT :tenant, * FROM unnest(cast(:delivery_id AS uuid[]), cast(:message_id AS text[]), cast(:address AS text[]),
                                  cast(:subject AS text[]), cast(:text AS text[]), cast(:html AS text[]))
    ON CONFLICT (delivery_id) DO UPDATE
    SET message_id = excluded.message_id, address = excluded.address, subject = excluded.subject,
        text = excluded.text, html = excluded.html
""")


class SmtpSender:
    """Hands emails to the server of an `smtp://` URL.

    `smtp://` uses STARTTLS where the server offers it, `smtps://` is encrypted from the first byte, and `smtp+plain://`
    is for a server on this machine that offers no better.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._use_tls, self._start_tls = TLS.get(parts.scheme, (False, None))
        self._sender = sender

    async def send(self, email: Email) -> str:
        """Hand the email over; returns the server's answer. EmailRefused or EmailDelayed otherwise."""
        message = compose(email, self._sender)
        try:
            _, answer = await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._use_tls,
                start_tls=self._start_tls,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            raise _judged(first.code, first.message) from refused
        except aiosmtplib.SMTPDataError as refused:
            raise _judged(refused.code, refused.message) from refused
        except aiosmtplib.SMTPResponseException as refused:
            # Greeting, login and sender are between the two servers: not the fault of this email, and it may be fixed.
            raise EmailDelayed(_answered(refused.code, refused.message)) from refused
        except aiosmtplib.SMTPNotSupported as missing:
            reason = N_("The mail server does not offer what this email needs: {text}")
            raise EmailDelayed(reason.format(text=one_line(str(missing)))) from missing
        except (aiosmtplib.SMTPException, OSError) as away:
            raise EmailDelayed(N_("The mail server did not respond.")) from away
        return one_line(answer)


def _judged(code: int, words: str) -> EmailRefused | EmailDelayed:
    sentence = _answered(code, words)
    return EmailRefused(sentence) if code >= FOR_GOOD else EmailDelayed(sentence)


def _answered(code: int, words: str) -> str:
    return N_("The mail server responded with {code}: {text}").format(code=code, text=one_line(words))


def compose(email: Email, sender: str) -> EmailMessage:
    """The MIME message. Headers are objects, so no line break starts another one; EmailRefused for a bad address."""
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = Address(one_line(email.name), addr_spec=sendable(email.address))
    except BadAddress as wrong:
        raise EmailRefused(str(wrong)) from wrong
    except (HeaderParseError, ValueError, IndexError) as error:
        raise EmailRefused(N_("This is not a valid email address.")) from error
    message["From"] = sender
    message["Subject"] = one_line(email.subject)
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = email.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence note comes back
    message.set_content(email.text)
    if email.html:
        message.add_alternative(email.html, subtype="html")
    return message


class MailboxSender:
    """Keeps emails in the database, where `/deliveries` shows them; those that arrive together in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keeping = Batcher(self._keep)

    async def send(self, email: Email) -> str:
        """Keep it; the same email replaces itself."""
        return await self._keeping.ask(email.tenant, email)

    async def _keep(self, tenant: str, emails: Sequence[Email]) -> list[str]:
        columns = ("delivery_id", "message_id", "address", "subject", "text", "html")
        given = {name: [getattr(email, name) for email in emails] for name in columns}
        async with self._database.transaction(tenant) as session:
            await session.execute(_KEEP, {"tenant": tenant, **given})
        return ["kept in the mailbox of this installation"] * len(emails)


def open_sender(settings: Settings, database: Database) -> EmailSender:
    """How this installation sends emails."""
    if not settings.smtp_url:
        return MailboxSender(database)
    host = urlsplit(settings.base_url).hostname or "localhost"
    return SmtpSender(settings.smtp_url, settings.mail_from or f"Countersign <countersign@{host}>")
