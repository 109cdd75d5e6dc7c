/* What OpenDMARC takes for the author's domain, and OpenDKIM for the sender's. */
#include <ctype.h>
#include <sys/types.h>
#include <strings.h>
#include <opendmarc/dmarc.h>
#include "protocol.h"

#define NAME(how) "OpenDMARC " VERSION ": " how
static const struct about configs[] = {
    {NAME("author's domain"), "OpenDMARC", VERSION, "author's domain"},
    {NULL, NULL, NULL, NULL},
};

/* The milter gives the unfolded body of the first From. */
static void read_message(const char *octets, size_t size) {
    (void)size;
    for (const char *line = octets; line && *line && *line != '\r' && *line != '\n';) {
        const char *end = strchr(line, '\n');
        while (end && (end[1] == ' ' || end[1] == '\t')) end = strchr(end + 1, '\n');
        if (strncasecmp(line, "from:", 5) == 0) {
            size_t length = end ? (size_t)(end - line) : strlen(line);
            char *body = calloc(1, length + 1), *to = body;
            for (const char *at = line + 5; at < line + length; at++)
                if (*at != '\r' && *at != '\n') *to++ = *at;
            char *start = body;
            while (*start == ' ' || *start == '\t') start++;
            DMARC_POLICY_T *policy = opendmarc_policy_connect_init((u_char *)"192.0.2.1", 0);
            if (policy && opendmarc_policy_store_from_domain(policy, (u_char *)start) == DMARC_PARSE_OKAY) {
                u_char domain[1024] = "";
                opendmarc_policy_fetch_from_domain(policy, domain, sizeof domain);
                found_parts(configs[0].name, "*", (char *)domain);
            }
            if (policy) opendmarc_policy_connect_shutdown(policy);
            free(body);
            return;
        }
        line = end ? end + 1 : NULL;
    }
}

int main(void) { return serve(configs, read_message); }
