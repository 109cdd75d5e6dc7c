"""What Python's own library reads: email.utils, every policy of email.policy, and messages written anew."""
import email
import email.utils
import sys
from email.header import decode_header, make_header

from protocol import FIELDS, reads, serve

VERSION = "%d.%d.%d" % sys.version_info[:3]
PROGRAM = "Python email"
THREE = sys.version_info[0] >= 3
parse = email.message_from_bytes if THREE else email.message_from_string


def declare(how):
    return reads(PROGRAM, VERSION, how)


def values(message):
    return [(name, [str(value) if THREE else value for value in message.get_all(name, [])]) for name in FIELDS]


@declare("parseaddr, first field")
def parseaddr(octets):
    message = parse(octets)
    return [email.utils.parseaddr(value)[1] for _, found in values(message) for value in found[:1]]


@declare("parseaddr, last field")
def parseaddr_last(octets):
    message = parse(octets)
    return [email.utils.parseaddr(value)[1] for _, found in values(message) for value in found[-1:]]


@declare("getaddresses")
def getaddresses(octets):
    message = parse(octets)
    return [address for _, found in values(message) for _, address in email.utils.getaddresses(found)]


@declare("decode_header, then getaddresses")
def decoded(octets):
    out = []
    for _, found in values(parse(octets)):
        for value in found:
            if THREE:
                value = str(make_header(decode_header(value)))
            else:
                value = u" ".join(part.decode(charset or "latin-1", "replace") for part, charset in decode_header(value))
            out.extend(address for _, address in email.utils.getaddresses([value]))
    return out


if THREE:
    import inspect
    from email import policy

    if "strict" in inspect.signature(email.utils.getaddresses).parameters:
        @declare("getaddresses, not strict")
        def lenient(octets):
            message = parse(octets)
            return [a for _, found in values(message) for _, a in email.utils.getaddresses(found, strict=False)]

        @declare("parseaddr, not strict")
        def parseaddr_lenient(octets):
            message = parse(octets)
            return [email.utils.parseaddr(value, strict=False)[1] for _, found in values(message) for value in found[:1]]

    def structured(message):
        out = []
        for name in FIELDS:
            for value in message.get_all(name, []):
                out.extend(address.addr_spec for address in value.addresses)
        return out

    @declare("policy.default")
    def default(octets):
        return structured(parse(octets, policy=policy.default))

    @declare("policy.SMTPUTF8, from text")
    def from_text(octets):
        return structured(email.message_from_string(octets.decode("utf-8", "replace"), policy=policy.SMTPUTF8))

    @declare("compat32, from text of latin-1")
    def from_latin(octets):
        message = email.message_from_string(octets.decode("latin-1"))
        return [address for _, found in values(message) for _, address in email.utils.getaddresses(found)]

    def both(octets):
        """What the written message says to either interface, in any of its fields."""
        out = []
        message = parse(octets)
        out.extend(address for _, found in values(message) for _, address in email.utils.getaddresses(found))
        out.extend(email.utils.parseaddr(value)[1] for _, found in values(message) for value in found)
        try:
            out.extend(structured(parse(octets, policy=policy.default)))
        except Exception:
            pass
        return out

    @declare("compat32, written anew and read again")
    def again_compat(octets):
        return both(parse(octets).as_bytes())

    @declare("compat32, written by policy.SMTP and read again")
    def again_mixed(octets):
        return both(parse(octets).as_bytes(policy=policy.SMTP))

    @declare("policy.default, written anew and read again")
    def again_default(octets):
        return both(parse(octets, policy=policy.default).as_bytes())

    @declare("policy.SMTP, refolded and read again")
    def again_smtp(octets):
        return both(parse(octets, policy=policy.SMTP.clone(refold_source="all")).as_bytes())

    @declare("policy.SMTPUTF8, refolded and read again")
    def again_smtputf8(octets):
        return both(parse(octets, policy=policy.SMTPUTF8.clone(refold_source="all")).as_bytes())

    @declare("policy.default, fields set anew")
    def set_anew(octets):
        message = parse(octets, policy=policy.default)
        copy = email.message.EmailMessage()
        for name in FIELDS + ("Subject", "To"):
            value = message.get(name)
            if value is not None:
                copy[name] = str(value)
        return both(copy.as_bytes())
else:
    @declare("written anew and read again")
    def again(octets):
        message = parse(parse(octets).as_string())
        return [address for _, found in values(message) for _, address in email.utils.getaddresses(found)]

if __name__ == "__main__":
    serve()
