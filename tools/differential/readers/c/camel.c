/* What Evolution's Camel finds. */
#include <camel/camel.h>
#include "protocol.h"

#define NAME(how) "Camel " VERSION ": " how
static const struct about configs[] = {
    {NAME("message"), "Camel", VERSION, "message"},
    {NAME("camel_address_decode"), "Camel", VERSION, "camel_address_decode"},
    {NAME("camel_address_unformat of decoded text"), "Camel", VERSION, "camel_address_unformat of decoded text"},
    {NULL, NULL, NULL, NULL},
};

static void list(const char *config, CamelInternetAddress *addresses) {
    const char *name, *address;
    if (!addresses) return;
    for (int at = 0; camel_internet_address_get(addresses, at, &name, &address); at++) found(config, address);
}

static void read_message(const char *octets, size_t size) {
    static const char *names[] = {"From", "Sender", "Resent-From", "Resent-Sender"};
    CamelMimeMessage *message = camel_mime_message_new();
    CamelStream *stream = camel_stream_mem_new_with_buffer(octets, size);
    if (!camel_data_wrapper_construct_from_stream_sync(CAMEL_DATA_WRAPPER(message), stream, NULL, NULL)) goto out;
    list(configs[0].name, camel_mime_message_get_from(message));
    for (int way = 1; way < 3; way++) {
        for (int at = 0; at < 4; at++) {
            const char *value = camel_medium_get_header(CAMEL_MEDIUM(message), names[at]);
            if (!value) continue;
            CamelInternetAddress *addresses = camel_internet_address_new();
            if (way == 1)
                camel_address_decode(CAMEL_ADDRESS(addresses), value);
            else {
                char *text = camel_header_decode_string(value, NULL);
                camel_address_unformat(CAMEL_ADDRESS(addresses), text);
                g_free(text);
            }
            list(configs[way].name, addresses);
            g_object_unref(addresses);
        }
    }
out:
    g_object_unref(stream);
    g_object_unref(message);
}

int main(void) {
    camel_init("/tmp", FALSE);
    return serve(configs, read_message);
}
