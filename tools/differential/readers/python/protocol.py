"""How a reader of Python speaks with the run: a length and the octets of a message in, a line of JSON out.

Where the length's highest bit is set, the name of the one configuration that is asked comes first, with its own length.
Runs on Python 2.7 to 3.14.
"""
import json
import struct
import sys

CONFIGS = {}
FIELDS = ("From", "Sender", "Resent-From", "Resent-Sender")


def reads(program, version, how):
    """Declares a configuration: the function takes the octets of a message and gives the addresses it reads."""
    def declare(function):
        name = "%s %s: %s" % (program, version, how)
        CONFIGS[name] = (function, {"program": program, "version": version, "how": how})
        return function
    return declare


def text(value):
    """What a library gave, as text that JSON can carry."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    elif not isinstance(value, type(u"")):
        value = str(value)
    return value.encode("utf-8", "replace").decode("utf-8")


def answer(octets, only=None):
    said = {}
    for name, (function, _) in CONFIGS.items():
        if only and name != only:
            continue
        try:
            found = [text(address) for address in function(octets)]
        except Exception:  # A reader that gives up reads nobody.
            found = []
        found = [address for address in found if "@" in address]
        if found:
            said[name] = sorted(set(found))
    return said


def serve():
    source = getattr(sys.stdin, "buffer", sys.stdin)
    out = getattr(sys.stdout, "buffer", sys.stdout)
    # What a library prints must not come between the answers.
    sys.stdout = sys.stderr

    def say(value):
        out.write(json.dumps(value).encode("ascii") + b"\n")
        out.flush()

    say({"asks_one": True, "configs": dict((name, about) for name, (_, about) in CONFIGS.items())})
    while True:
        length = source.read(4)
        if len(length) < 4:
            return
        length = struct.unpack(">I", length)[0]
        only = None
        if length & 0x80000000:
            only = source.read(struct.unpack(">H", source.read(2))[0]).decode("utf-8")
        say(answer(source.read(length & 0x7fffffff), only))
