"""What an IMAP server's ENVELOPE says: the server runs on a pipe, as if somebody had logged in, with one empty mailbox.

Arguments: the program's name, its version, and the command that runs the server.
"""
import re
import subprocess
import sys

from protocol import reads, serve

PROGRAM, VERSION, COMMAND = sys.argv[1], sys.argv[2], sys.argv[3:]


class Server:
    def __init__(self):
        self.process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()
        self.command(b"SELECT INBOX")

    def literal(self, line):
        """A line with the literals that belong to it."""
        while True:
            match = re.search(rb"\{(\d+)\}\r\n$", line)
            if not match:
                return line
            line += self.process.stdout.read(int(match.group(1))) + self.process.stdout.readline()

    def answers(self):
        lines = []
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise EOFError
            lines.append(self.literal(line))
            if line.startswith((b"a ", b"+ ")):
                return lines

    def command(self, text):
        self.process.stdin.write(b"a " + text + b"\r\n")
        self.process.stdin.flush()
        return self.answers()

    def envelope(self, octets):
        self.command(b"APPEND INBOX {%d}" % len(octets))
        self.process.stdin.write(octets + b"\r\n")
        self.process.stdin.flush()
        self.answers()
        self.command(b"NOOP")
        lines = self.command(b"FETCH * ENVELOPE")
        self.command(b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
        self.command(b"EXPUNGE")
        return b"".join(line for line in lines if b"ENVELOPE" in line)


def tokens(text):
    """Lists, strings and NIL of an answer, nested."""
    stack, at = [[]], 0
    while at < len(text):
        octet = text[at:at + 1]
        if octet == b"(":
            stack.append([])
        elif octet == b")":
            done = stack.pop()
            if not stack:
                return done
            stack[-1].append(done)
        elif octet == b'"':
            match = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.S).match(text, at)
            if not match:
                break
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", match.group(1)))
            at = match.end() - 1
        elif octet == b"{":
            match = re.compile(rb"\{(\d+)\}\r\n").match(text, at)
            end = match.end() + int(match.group(1))
            stack[-1].append(text[match.end():end])
            at = end - 1
        elif octet not in b" \r\n":
            match = re.compile(rb"[^ ()\r\n]+").match(text, at)
            stack[-1].append(None if match.group() == b"NIL" else match.group())
            at = match.end() - 1
        at += 1
    return stack[0]


SERVER = []


@reads(PROGRAM, VERSION, "ENVELOPE")
def envelope(octets):
    if not SERVER:
        SERVER.append(Server())
    try:
        answer = SERVER[0].envelope(octets)
    except (EOFError, OSError):
        SERVER.pop().process.kill()
        return []
    fields = tokens(answer[answer.index(b"ENVELOPE") + 9:])
    fields = fields[0] if fields and isinstance(fields[0], list) else fields
    out = []
    # from and sender; a host of NIL is a group's beginning or end.
    for addresses in fields[2:4]:
        for address in addresses or []:
            if isinstance(address, list) and len(address) == 4 and address[2] and address[3]:
                out.append(address[2] + b"@" + address[3])
    return out


if __name__ == "__main__":
    serve()
