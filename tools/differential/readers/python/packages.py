"""What the mail packages of PyPI read; each is left out where it is not installed."""
import email
import email.utils
import importlib
import importlib.metadata
import re
from email.header import decode_header, make_header

from protocol import FIELDS, reads, serve


def package(name):
    """The version of an installed package, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def raw(octets):
    """The fields as dkimpy cuts them: name and body in octets."""
    from dkim import rfc822_parse
    return [(name.decode("latin-1").lower(), body) for name, body in rfc822_parse(octets)[0]]


def originators(octets):
    message = email.message_from_bytes(octets)
    return [str(value) for name in FIELDS for value in message.get_all(name, [])]


version = package("dkimpy")
if version:
    @reads("dkimpy", version, "rfc822_parse, then getaddresses")
    def dkimpy(octets):
        values = [body.decode("utf-8", "replace") for name, body in raw(octets) if name.title() in FIELDS]
        return [address for _, address in email.utils.getaddresses(values)]

version = package("authheaders")
if version:
    from authheaders import get_domain_part

    @reads("authheaders", version, "DMARC domain")
    def authheaders(octets):
        fields = (value.replace(b"\r\n", b"").decode(errors="ignore").strip()
                  for name, value in raw(octets) if name == "from")
        # The last step of check_dmarc; it looks no further than this domain.
        return ["*@" + get_domain_part(address) for _, address in email.utils.getaddresses(fields) if "@" in address]

version = package("dmarc")
if version:
    @reads("dmarc", version, "milter's author domain")
    def dmarc(octets):
        values = [re.sub(r"\r?\n", "", body.decode("utf-8", "surrogateescape")).strip()
                  for name, body in raw(octets) if name == "from"]
        return ["*@" + address.rpartition("@")[2].strip() for _, address in email.utils.getaddresses(values)
                if "@" in address]

version = package("mail-parser")
if version:
    import mailparser

    @reads("mail-parser", version, "from_")
    def mail_parser(octets):
        return [address for _, address in mailparser.parse_from_bytes(octets).from_]

version = package("mailsuite")
if version:
    import mailsuite.utils

    @reads("mailsuite", version, "parse_email")
    def mailsuite_email(octets):
        found = mailsuite.utils.parse_email(octets)["from"]
        return [one["address"] for one in (found if isinstance(found, list) else [found]) if one]

version = package("imap-tools")
if version:
    from imap_tools import MailMessage

    @reads("imap-tools", version, "MailMessage.from_values")
    def imap_tools(octets):
        found = MailMessage.from_bytes(octets).from_values
        return [found.email] if found else []

version = package("eml-parser")
if version:
    import eml_parser

    parser = eml_parser.EmlParser(include_raw_body=False, include_attachment_data=False)

    @reads("eml-parser", version, "header.from")
    def eml(octets):
        return [parser.decode_email_bytes(octets)["header"]["from"]]

version = package("pyzmail36")
if version:
    import pyzmail

    @reads("pyzmail36", version, "get_addresses")
    def pyzmail36(octets):
        message = pyzmail.PyzMessage.factory(octets)
        return [address for name in FIELDS for _, address in message.get_addresses(name.lower())]

version = package("fast-mail-parser")
if version:
    import fast_mail_parser

    @reads("fast-mail-parser", version, "from_")
    def fast(octets):
        found = fast_mail_parser.parse_email(octets).from_
        one = getattr(found, "email", None) or getattr(found, "address", None)
        return [one] if one else []

version = package("flanker")
if version:
    from flanker import mime
    from flanker.addresslib import address as flanker_address

    def flanked(value):
        found = flanker_address.parse_list(value) or []
        return [one.address for one in found if one]

    @reads("flanker", version, "parse_list of the raw field")
    def flanker_raw(octets):
        return [address for value in originators(octets) for address in flanked(value)]

    @reads("flanker", version, "mime, then parse_list")
    def flanker_mime(octets):
        headers = mime.from_string(octets).headers
        return [address for name in FIELDS for value in headers.getall(name) for address in flanked(value)]

    @reads("flanker", version, "parse")
    def flanker_parse(octets):
        found = [flanker_address.parse(value) for value in originators(octets)]
        return [one.address for one in found if one]

version = package("mailbits")
if version:
    import mailbits
    from email import policy

    @reads("mailbits", version, "email2dict")
    def mailbits_dict(octets):
        headers = mailbits.email2dict(email.message_from_bytes(octets, policy=policy.default))["headers"]
        out = []
        for name in FIELDS:
            found = headers.get(name.lower()) or []
            for one in found if isinstance(found, list) else [found]:
                out.extend(member["address"] for member in one.get("addresses", [one]))
        return out

version = package("salmon-mail")
if version:
    from salmon import encoding

    @reads("salmon-mail", version, "from_string, then parseaddr")
    def salmon(octets):
        message = encoding.from_string(octets.decode("latin-1"))
        return [email.utils.parseaddr(str(message[name] or ""))[1] for name in FIELDS]

version = package("pymap")
if version:
    from pymap.mime import MessageContent

    @reads("pymap", version, "ENVELOPE")
    def pymap(octets):
        header = MessageContent.parse(octets).header.parsed
        out = []
        for field in (header.from_, header.sender):
            for value in (field if isinstance(field, (list, tuple)) else [field] if field else []):
                out.extend(address.addr_spec for address in value.addresses)
        return out

version = package("IMAPClient")
if version:
    from imapclient.response_types import Address

    @reads("IMAPClient", version, "Address, from decoded names")
    def imapclient_address(octets):
        out = []
        for value in originators(octets):
            for name, address in email.utils.getaddresses([value]):
                mailbox, _, host = address.rpartition("@")
                out.append(email.utils.parseaddr(str(Address(name.encode("utf-8", "replace"), None,
                           mailbox.encode("utf-8", "replace"), host.encode("utf-8", "replace"))))[1])
        return out

version = package("emails")
if version:
    @reads("emails", version, "decode_header, then parseaddr")
    def emails(octets):
        from emails.utils import parse_name_and_email
        return [parse_name_and_email(str(make_header(decode_header(value))))[1] or "" for value in originators(octets)]

if __name__ == "__main__":
    serve()
