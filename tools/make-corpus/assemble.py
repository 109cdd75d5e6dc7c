"""Puts the messages that were made into tests/data/legitimate, with their rows and the list that embeds them.

usage: assemble.py OUT TESTS
"""

import json
import pathlib
import shutil
import subprocess
import sys

out, tests = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]


def deb(package):
    return run("dpkg-query", "-W", "-f", "${Version}", package)


def npm(package):
    return json.loads(pathlib.Path("node_modules", package, "package.json").read_text())["version"]


def pip(package):
    return run("venv/bin/python", "-c", f"import importlib.metadata as m; print(m.version('{package}'))")


PROGRAMS = {
    "nodemailer": ("nodemailer", lambda: npm("nodemailer")),
    "emailjs-mime-builder": ("emailjs-mime-builder", lambda: npm("emailjs-mime-builder")),
    "emailjs": ("emailjs", lambda: npm("emailjs")),
    "mimetext": ("mimetext", lambda: npm("mimetext")),
    "mimemessage": ("mimemessage", lambda: npm("mimemessage")),
    "mailcomposer": ("mailcomposer", lambda: npm("mailcomposer")),
    "python": ("Python email", lambda: run("venv/bin/python", "-V").split()[1]),
    "redmail": ("redmail", lambda: pip("redmail")),
    "django": ("Django", lambda: pip("django")),
    "flask-mail": ("Flask-Mail", lambda: pip("flask-mail")),
    "emails": ("emails", lambda: pip("emails")),
    "fastapi-mail": ("fastapi-mail", lambda: pip("fastapi-mail")),
    "email-mime": ("Email::MIME", lambda: deb("libemail-mime-perl")),
    "email-stuffer": ("Email::Stuffer", lambda: deb("libemail-stuffer-perl")),
    "mime-lite": ("MIME::Lite", lambda: deb("libmime-lite-perl")),
    "mime-entity": ("MIME::Entity", lambda: deb("libmime-tools-perl")),
    "mail-box": ("Mail::Box", lambda: deb("libmail-box-perl")),
    "phpmailer": ("PHPMailer", lambda: deb("libphp-phpmailer")),
    "ruby-mail": ("Ruby mail", lambda: deb("ruby-mail")),
    "swaks": ("swaks", lambda: deb("swaks")),
    "sendemail": ("sendEmail", lambda: deb("sendemail")),
    "git-send-email": ("git send-email", lambda: run("git", "--version").split()[2]),
    "mutt": ("Mutt", lambda: deb("mutt")),
    "neomutt": ("NeoMutt", lambda: deb("neomutt")),
    "s-nail": ("s-nail", lambda: deb("s-nail")),
    "gnu-mail": ("GNU Mailutils mail", lambda: deb("mailutils")),
    "mblaze": ("mblaze mmime", lambda: deb("mblaze")),
    "nmh": ("nmh", lambda: deb("nmh")),
}

# The lists that a careful administrator would write for each kind of message; by default the one domain.
LISTS = {
    "idn": ("bücher.example", ""),
    "idn-utf8": ("xn--bcher-kva.example", ""),
    "smtputf8": ("", "jörg@bücher.example"),
    "smtputf8-ascii": ("BÜCHER.example", ""),
    "quotedlocal": ("", '"john doe"@sender.example'),
    "several": ("sender.example", "bob@other.example"),
    "sender": ("", "boss@sender.example; secretary@sender.example; ann@sender.example; bob@sender.example; "
                   "info@sender.example; bounce@sender.example"),
    "resent": ("sender.example", "third@other.example"),
    "legacy-resent": ("sender.example", "third@other.example"),
    "bounce": ("sender.example; other.example", ""),
    "onbehalf": ("sender.example", ""),
    "comment": ("", "info@sender.example"),
    "quoted": ("", "INFO@Sender.Example; Bounce@sender.example"),
}

# What each message asks for, where it asks for something.
LEVELS = {
    "nodemailer-high": 1, "nodemailer-low": 5, "emailjs-priority": 2, "mimetext-high": 1, "python-high": 1,
    "python-urgent": 2, "python-legacy-priority": 5, "redmail-priority": 2, "django-quoted": 1, "email-mime-high": 1,
    "mime-entity-low": 4, "phpmailer-high": 1, "phpmailer-low": 5, "ruby-mail-priority": 2, "swaks-priority": 1,
    "sendemail-priority": 5, "mutt-sender": 2, "neomutt-sender": 2, "gnu-mail-priority": 1,
}

data = tests / "data" / "legitimate"
shutil.rmtree(data, ignore_errors=True)
data.mkdir(parents=True)
(data / ".gitattributes").write_text("*.eml -text -whitespace\n")
rows = []
for eml in sorted(out.glob("*.eml")):
    name = eml.stem
    prefix = next(p for p in sorted(PROGRAMS, key=len, reverse=True) if name.startswith(p + "-"))
    domains, senders = LISTS.get(name[len(prefix) + 1:], ("sender.example", ""))
    program, version = PROGRAMS[prefix]
    path = out / f"{name}.path"
    shutil.copy(eml, data / eml.name)
    row = {"file": eml.name, "program": f"{program} {version()}", "domains": domains, "senders": senders}
    if path.exists():
        row["mailFrom"] = path.read_text() or None
    if name in LEVELS:
        row["level"] = LEVELS[name]
    rows.append(row)

lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
(tests / "data" / "legitimate.json").write_text(
    '{\n "note": "Mail by real programs, made by tools/make-corpus. Authorized with these lists, and with no others. '
    '`level`: what the message asks for.",\n "rows": [\n' + lines + "\n ]\n}\n")
embedded = "\n".join(f'    ("{row["file"]}", include_bytes!("../data/legitimate/{row["file"]}")),' for row in rows)
(tests / "common" / "legitimate_files.rs").write_text(
    "// Written by tools/make-corpus/assemble.py.\n"
    "//! The legitimate messages, embedded so that they are the same ones in Wasm.\n\n"
    "/// Name and octets of every message.\npub(super) static FILES: &[(&str, &[u8])] = &[\n" + embedded + "\n];\n")
print(len(rows), "messages by", len({row["program"] for row in rows}), "programs")
