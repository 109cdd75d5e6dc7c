/* What VMime finds. */
#include <vmime/vmime.hpp>
#include "protocol.h"

#define NAME(how) "VMime " VERSION ": " how
static const struct about configs[] = {
    {NAME("message"), "VMime", VERSION, "message"},
    {NAME("addressList of the raw field"), "VMime", VERSION, "addressList of the raw field"},
    {NULL, NULL, NULL, NULL},
};

static void one(const char *config, const vmime::shared_ptr<const vmime::mailbox> &mailbox) {
    found(config, mailbox->getEmail().toString().c_str());
}

static void read_message(const char *octets, size_t size) {
    static const char *names[] = {"From", "Sender", "Resent-From", "Resent-Sender"};
    vmime::message message;
    message.parse(vmime::string(octets, size));
    for (int way = 0; way < 2; way++)
        for (int name = 0; name < 4; name++)
            for (auto &field : message.getHeader()->findAllFields(names[name])) try {
                if (way == 0) {
                    auto value = field->getValue();
                    if (auto mailbox = vmime::dynamicCast<vmime::mailbox>(value)) one(configs[0].name, mailbox);
                    if (auto list = vmime::dynamicCast<vmime::mailboxList>(value))
                        for (auto &mailbox : list->getMailboxList()) one(configs[0].name, mailbox);
                } else {
                    vmime::addressList list;
                    list.parse(field->getValue()->generate());
                    for (auto &mailbox : list.toMailboxList()->getMailboxList()) one(configs[1].name, mailbox);
                }
            } catch (...) {
            }
}

static void quietly(const char *octets, size_t size) {
    try {
        read_message(octets, size);
    } catch (...) {
    }
}

int main() { return serve(configs, quietly); }
