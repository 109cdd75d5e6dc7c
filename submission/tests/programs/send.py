"""Python's smtplib: send.py PORT starttls|tls CA USER PASSWORD FROM MESSAGE RECIPIENT..."""
import smtplib, ssl, sys

port, encryption, ca, user, password, sender, message, *recipients = sys.argv[1:]
trust = ssl.create_default_context(cafile=ca)
if encryption == "tls":
    server = smtplib.SMTP_SSL("127.0.0.1", int(port), context=trust)
else:
    server = smtplib.SMTP("127.0.0.1", int(port))
    server.starttls(context=trust)
with server, open(message, "rb") as file:
    server.login(user, password)
    options = [] if sender.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
    server.sendmail(sender, recipients, file.read(), options)
