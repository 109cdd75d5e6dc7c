/* What GNU Mailutils finds. */
#include <mailutils/mailutils.h>
#include "protocol.h"

#define NAME(how) "Mailutils " VERSION ": " how
static const struct about configs[] = {
    {NAME("mu_address_create"), "Mailutils", VERSION, "mu_address_create"},
    {NULL, NULL, NULL, NULL},
};

static void read_message(const char *octets, size_t size) {
    static const char *names[] = {"From", "Sender", "Resent-From", "Resent-Sender"};
    mu_header_t header = NULL;
    /* It wants LF. */
    char *lines = malloc(size + 1), *to = lines;
    for (size_t at = 0; at < size; at++)
        if (octets[at] != '\r' || octets[at + 1] != '\n') *to++ = octets[at];
    *to = 0;
    char *end = strstr(lines, "\n\n");
    if (mu_header_create(&header, lines, end ? (size_t)(end - lines) + 2 : (size_t)(to - lines))) return;
    for (int name = 0; name < 4; name++) {
        for (int at = 1; at < 10; at++) {
            char *value = NULL, *email = NULL;
            mu_address_t address = NULL;
            size_t count = 0;
            if (mu_header_aget_value_unfold_n(header, names[name], at, &value)) break;
            if (mu_address_create(&address, value) == 0 && address) {
                mu_address_get_count(address, &count);
                for (size_t one = 1; one <= count; one++) {
                    if (mu_address_aget_email(address, one, &email) == 0 && email) found(configs[0].name, email);
                    free(email);
                    email = NULL;
                }
                mu_address_destroy(&address);
            }
            free(value);
        }
    }
    mu_header_destroy(&header);
    free(lines);
}

int main(void) { return serve(configs, read_message); }
