"""Mail by Python: the standard library under several policies, redmail, Django, Flask-Mail, emails, fastapi-mail.

usage: pymail.py PORT OUT
"""

import email.headerregistry as registry
import email.policy
import pathlib
import smtplib
import sys
from email.header import Header
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr, formatdate, make_msgid

port, out = int(sys.argv[1]), pathlib.Path(sys.argv[2])


def keep(name, path, data):
    (out / f"{name}.eml").write_bytes(data)
    (out / f"{name}.path").write_text(path)


def modern(name, sender, path="info@sender.example", policy=email.policy.SMTP, **fields):
    mail = EmailMessage(policy=policy)
    mail["From"] = sender
    for field, value in fields.items():
        mail[field.replace("_", "-")] = value
    mail["To"], mail["Subject"] = f"{name}@rcpt.example", "Grüße aus Köln"
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="sender.example")
    mail.set_content("Hello\n")
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        utf8 = ["SMTPUTF8", "BODY=8BITMIME"] if policy.utf8 else []
        smtp.send_message(mail, from_addr=path, mail_options=utf8)


Address = registry.Address
modern("python-plain", "info@sender.example")
modern("python-name", Address("Info Desk", "info", "sender.example"))
modern("python-quoted", Address("Sender, Inc. \"Ltd\"", "info", "sender.example"))
modern("python-utf8name", Address("Jörg Müller", "info", "sender.example"))
modern("python-longname", Address("Abteilung für Öffentlichkeitsarbeit und Kundenbetreuung " * 3, "info", "sender.example"))
modern("python-quotedlocal", Address("John", "john doe", "sender.example"), path='"john doe"@sender.example')
modern("python-smtputf8", Address("Jörg", "jörg", "bücher.example"), path="jörg@bücher.example", policy=email.policy.SMTPUTF8)
modern("python-smtputf8-ascii", Address("Jörg", "info", "bücher.example"), path="info@bücher.example", policy=email.policy.SMTPUTF8)
modern("python-several", [Address("Ann", "ann", "sender.example"), Address("Bob, B.", "bob", "other.example")],
       path="ann@sender.example", Sender="ann@sender.example")
modern("python-several-folded", [Address(f"Ärztin {n}", f"a{n}", "sender.example") for n in range(8)],
       path="a0@sender.example", Sender=Address("Ärztin 0", "a0", "sender.example"))
modern("python-comment", "info@sender.example (Info Desk)")
modern("python-resent", "third@other.example", Resent_From="Ann <ann@sender.example>", Resent_Sender="info@sender.example",
       Resent_Date=formatdate(), Resent_To="python-resent@rcpt.example", path="ann@sender.example")
modern("python-high", "info@sender.example", X_Priority="1 (Highest)", X_MSMail_Priority="High", Importance="High")
modern("python-urgent", "info@sender.example", Priority="urgent")


def legacy(name, sender, path="info@sender.example", unix=False, **fields):
    mail = MIMEText("Hallo Köln\n", "plain", "utf-8")
    mail["From"], mail["To"], mail["Subject"] = sender, f"{name}@rcpt.example", Header("Grüße", "iso-8859-1")
    for field, value in fields.items():
        mail[field.replace("_", "-")] = value
    keep(name, path, mail.as_bytes() if unix else mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))


legacy("python-legacy-plain", "info@sender.example")
legacy("python-legacy-lf", formataddr(("Info, Desk", "info@sender.example")), unix=True)
legacy("python-legacy-latin1", f'{Header("Jörg Müller", "iso-8859-1").encode()} <info@sender.example>')
legacy("python-legacy-utf8name", formataddr(("Jörg Müller", "info@sender.example")))
legacy("python-legacy-header", Header("Info <info@sender.example>", header_name="From", maxlinelen=20))
legacy("python-legacy-priority", "info@sender.example", X_Priority="5", Importance="low")
legacy("python-legacy-resent", "third@other.example", path="ann@sender.example", Resent_From="ann@sender.example")
outer = MIMEMultipart("alternative")
outer["From"], outer["To"], outer["Subject"] = "Info Desk <info@sender.example>", "x@rcpt.example", "Hello"
outer.attach(MIMEText("Hello", "plain")), outer.attach(MIMEText("<p>Hello</p>", "html"))
keep("python-legacy-multipart", "info@sender.example", outer.as_bytes())

from redmail import EmailSender  # noqa: E402

sender = EmailSender(host="127.0.0.1", port=port, use_starttls=False)
sender.send(subject="Grüße", sender="Jörg Müller <info@sender.example>", receivers=["redmail-utf8name@rcpt.example"], text="Hello", html="<p>Hello</p>")
sender.send(subject="x", sender="info@sender.example", receivers=["redmail-priority@rcpt.example"], text="Hello", headers={"X-Priority": "2"})

import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port)
django.setup()
from django.core.mail import EmailMessage as DjangoMail, EmailMultiAlternatives  # noqa: E402

DjangoMail("Grüße", "Hello", "Info Desk <info@sender.example>", ["django-name@rcpt.example"]).send()
DjangoMail("Grüße", "Hello", "Jörg Müller <info@sender.example>", ["django-utf8name@rcpt.example"]).send()
DjangoMail("Grüße", "Hello", "Bücher <info@bücher.example>", ["django-idn@rcpt.example"]).send()
multi = EmailMultiAlternatives("x", "Hello", '"Sender, Inc." <info@sender.example>', ["django-quoted@rcpt.example"], headers={"X-Priority": "1", "Sender": "bounce@sender.example"})
multi.attach_alternative("<p>Hello</p>", "text/html")
multi.send()

from flask import Flask  # noqa: E402
from flask_mail import Mail, Message  # noqa: E402

app = Flask("x")
app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
with app.app_context():
    mailer = Mail(app)
    mailer.send(Message("Grüße", sender=("Jörg Müller", "info@sender.example"), recipients=["flask-mail-utf8name@rcpt.example"], body="Hello"))
    mailer.send(Message("x", sender=("Info Desk", "info@sender.example"), recipients=["flask-mail-name@rcpt.example"], body="Hello", html="<p>x</p>"))

import emails  # noqa: E402

mail = emails.Message(subject="Grüße", mail_from=("Jörg Müller", "info@sender.example"), text="Hello", html="<p>Hello</p>")
mail.send(to="emails-utf8name@rcpt.example", smtp={"host": "127.0.0.1", "port": port})

import asyncio  # noqa: E402
from fastapi_mail import ConnectionConfig, FastMail, MessageSchema, MessageType  # noqa: E402

config = ConnectionConfig(MAIL_USERNAME="", MAIL_PASSWORD="", MAIL_FROM="info@sender.example", MAIL_FROM_NAME="Info Desk", MAIL_PORT=port,
                          MAIL_SERVER="127.0.0.1", MAIL_STARTTLS=False, MAIL_SSL_TLS=False, USE_CREDENTIALS=False)
message = MessageSchema(subject="x", recipients=["fastapi-mail-name@rcpt.example"], body="Hello", subtype=MessageType.plain)
asyncio.run(FastMail(config).send_message(message))
