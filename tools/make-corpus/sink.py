"""A mail sink: takes what a mail program sends over SMTP and keeps it, octet by octet.

usage: sink.py PORT OUT
A message to `NAME@rcpt.example` becomes OUT/NAME.eml, its reverse-path OUT/NAME.path (no file for a null one).
"""

import pathlib
import re
import socketserver
import sys

out = pathlib.Path(sys.argv[2])


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 sink.example ESMTP")
        path, name = b"", None
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.say("250-sink.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 10000000")
            elif verb == b"MAIL":
                path = re.search(rb"<([^>]*)>", line)[1]
                self.say("250 ok")
            elif verb == b"RCPT":
                name = name or next((found[1].decode() for found in [re.search(rb"<([^@>]*)@rcpt", line)] if found), None)
                self.say("250 ok")
            elif verb == b"DATA":
                self.say("354 go ahead")
                lines = []
                while (data := self.rfile.readline()) != b".\r\n":
                    lines.append(data[1:] if data.startswith(b".") else data)
                (out / f"{name}.eml").write_bytes(b"".join(lines))
                (out / f"{name}.path").write_bytes(path)
                name = None
                self.say("250 kept")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Session).serve_forever()
