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
