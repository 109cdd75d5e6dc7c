/* What KDE's KMime finds. */
#include <KMime/KMimeMessage>
#include "protocol.h"

#define NAME(how) "KMime " VERSION ": " how
static const struct about configs[] = {
    {NAME("message"), "KMime", VERSION, "message"},
    {NAME("written anew and read again"), "KMime", VERSION, "written anew and read again"},
    {NULL, NULL, NULL, NULL},
};

static void list(const char *config, const QVector<KMime::Types::Mailbox> &mailboxes) {
    for (const KMime::Types::Mailbox &one : mailboxes) found(config, one.address().constData());
}

static void originators(const char *config, KMime::Message &message) {
    if (auto *from = message.from(false)) list(config, from->mailboxes());
    if (auto *sender = message.sender(false)) list(config, sender->mailboxes());
}

static void read_message(const char *octets, size_t size) {
    // KMime wants LF.
    QByteArray content = QByteArray(octets, int(size)).replace("\r\n", "\n");
    KMime::Message message;
    message.setContent(content);
    message.parse();
    originators(configs[0].name, message);
    message.subject(true)->fromUnicodeString(QStringLiteral("again"), "utf-8");
    message.assemble();
    KMime::Message again;
    again.setContent(message.encodedContent());
    again.parse();
    originators(configs[1].name, again);
}

int main() { return serve(configs, read_message); }
