"""A real SMTP server for the tests: it keeps what it accepts, and can refuse or delay."""

import contextlib
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from backend.embedded.ports import free_port

TAKEN = "250 2.0.0 taken"


class Inbox:
    """The accepted emails, and the replies by recipient and number of attempts."""

    def __init__(self, at_recipient: Callable[[str, int], str] = lambda *_: TAKEN) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self._tries: dict[str, int] = {}
        self._at_recipient = at_recipient

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept or refuse one recipient."""
        self._tries[address] = self._tries.get(address, 0) + 1
        verdict = self._at_recipient(address, self._tries[address])
        if verdict == TAKEN:
            envelope.rcpt_tos.append(address)
        return verdict

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Store the email."""
        mail = message_from_bytes(envelope.content or b"", policy=default)
        self.mails.append(mail)
        self.recipients.extend(envelope.rcpt_tos)
        return TAKEN

    def of(self, address: str) -> list[EmailMessage]:
        """The emails to this address."""
        return [mail for mail, to in zip(self.mails, self.recipients, strict=True) if to == address]


@contextlib.contextmanager
def serving(inbox: Inbox, port: int = 0) -> Iterator[str]:
    """The URL of a server in a separate thread."""
    controller = Controller(inbox, hostname="127.0.0.1", port=port or free_port(), server_hostname="mail.test")
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()
