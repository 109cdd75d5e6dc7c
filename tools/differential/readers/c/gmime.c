/* What GMime finds, as its three ways of reading addresses have it. */
#include <gmime/gmime.h>
#include "protocol.h"

#define NAME(how) "GMime " VERSION ": " how
static const struct about configs[] = {
    {NAME("message, loose"), "GMime", VERSION, "message, loose"},
    {NAME("message, strict"), "GMime", VERSION, "message, strict"},
    {NAME("written anew and read again"), "GMime", VERSION, "written anew and read again"},
    {NULL, NULL, NULL, NULL},
};

static void list(const char *config, InternetAddressList *addresses) {
    if (!addresses) return;
    for (int at = 0; at < internet_address_list_length(addresses); at++) {
        InternetAddress *one = internet_address_list_get_address(addresses, at);
        if (INTERNET_ADDRESS_IS_MAILBOX(one))
            found(config, internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)));
        else if (INTERNET_ADDRESS_IS_GROUP(one))
            list(config, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)));
    }
}

static GMimeMessage *parse(const char *octets, size_t size, GMimeParserOptions *options) {
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(octets, size);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, options);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

static void originators(const char *config, GMimeMessage *message, GMimeParserOptions *options) {
    static const char *names[] = {"Resent-From", "Resent-Sender"};
    if (!message) return;
    list(config, g_mime_message_get_from(message));
    list(config, g_mime_message_get_sender(message));
    for (int at = 0; at < 2; at++) {
        const char *value = g_mime_object_get_header(GMIME_OBJECT(message), names[at]);
        InternetAddressList *addresses = value ? internet_address_list_parse(options, value) : NULL;
        list(config, addresses);
        if (addresses) g_object_unref(addresses);
    }
}

static void read_message(const char *octets, size_t size) {
    static const GMimeRfcComplianceMode modes[] = {GMIME_RFC_COMPLIANCE_LOOSE, GMIME_RFC_COMPLIANCE_STRICT};
    for (int at = 0; at < 2; at++) {
        GMimeParserOptions *options = g_mime_parser_options_new();
        g_mime_parser_options_set_address_compliance_mode(options, modes[at]);
        GMimeMessage *message = parse(octets, size, options);
        originators(configs[at].name, message, options);
        if (message && at == 0) {
            // A new subject makes it write the section by itself.
            g_mime_message_set_subject(message, "again", NULL);
            InternetAddressList *from = g_mime_message_get_from(message);
            char *value = from ? internet_address_list_to_string(from, NULL, TRUE) : NULL;
            if (value) {
                InternetAddressList *again = internet_address_list_parse(options, value);
                list(configs[2].name, again);
                if (again) g_object_unref(again);
                g_free(value);
            }
        }
        if (message) g_object_unref(message);
        g_mime_parser_options_free(options);
    }
}

int main(void) {
    g_mime_init();
    return serve(configs, read_message);
}
