"""What schemathesis has to be told: how a message is written."""

import schemathesis


@schemathesis.serializer("message/rfc822", "message/global")
def message(context, value):
    if isinstance(value, bytes):
        return value
    text = str(value)
    # Text made up at random is no message: half of the time it is the body of one.
    if len(text) % 2 == 0:
        text = "From: info@example.com\r\nSubject: tried\r\n\r\n" + text.replace("\r", "").replace("\n", "").replace("\0", "")
    return text.encode("utf-8", "surrogatepass")


@schemathesis.hook
def filter_case(context, case):
    # JSON has a null; a message has none: written as text it would be another value, which may well be accepted.
    return not (case.body is None and case.media_type in ("message/rfc822", "message/global"))
