"""What Exim's expansions take out of a field: `exim -be` reads one expression a line.

Arguments: the version, Exim, and its configuration.
"""
import subprocess
import sys

from protocol import FIELDS, reads, serve

VERSION, COMMAND = sys.argv[1], sys.argv[2:]
RUNNING = []


def expand(operator, body):
    """The value of `${operator:body}`."""
    if not RUNNING:
        RUNNING.append(subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    process = RUNNING[0]
    body = body.replace(b"\r\n", b"\n").replace(b"\\", b"\\\\").replace(b"$", b"\\$").replace(b"{", b"\\{").replace(b"}", b"\\}")
    body = body.replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    # What comes after the second line is the answer's end.
    process.stdin.write(b"${%s:%s}\n${quote:end of it}\n" % (operator, body))
    process.stdin.flush()
    out = []
    while True:
        line = process.stdout.readline()
        if not line:
            RUNNING.pop()
            return b""
        if b'"end of it"' in line:
            return b"".join(out)
        out.append(line)


def fields(octets):
    section = octets.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    lines = section.replace(b"\n ", b"\0 ").replace(b"\n\t", b"\0\t").split(b"\n")
    for line in lines:
        name, _, body = line.partition(b":")
        if name.strip().decode("latin-1").title() in FIELDS:
            yield body.replace(b"\0", b"\n").strip()


@reads("Exim", VERSION, "${addresses:}")
def addresses(octets):
    out = []
    for body in fields(octets):
        value = expand(b"addresses", body)
        out.extend(value.lstrip(b"> ").strip().split(b":"))
    return out


@reads("Exim", VERSION, "${address:}")
def address(octets):
    return [expand(b"address", body).lstrip(b"> ").strip() for body in fields(octets)]


@reads("Exim", VERSION, "${rfc2047d:}, then ${addresses:}")
def decoded(octets):
    out = []
    for body in fields(octets):
        text = expand(b"rfc2047d", body).lstrip(b">").strip()
        out.extend(expand(b"addresses", text).lstrip(b"> ").strip().split(b":"))
    return out


if __name__ == "__main__":
    serve()
