/* What the University of Washington's c-client finds: alpine, PHP's imap and imapd read with it. */
#include <c-client/c-client.h>
#include "protocol.h"

#define NAME(how) "c-client " VERSION ": " how
static const struct about configs[] = {
    {NAME("rfc822_parse_msg"), "c-client", VERSION, "rfc822_parse_msg"},
    {NULL, NULL, NULL, NULL},
};

static void list(ADDRESS *at) {
    for (; at; at = at->next) found_parts(configs[0].name, at->mailbox, at->host);
}

static void read_message(const char *octets, size_t size) {
    ENVELOPE *envelope = NULL;
    BODY *body = NULL;
    STRING text;
    char *copy = malloc(size + 1), *end = strstr(octets, "\r\n\r\n");
    memcpy(copy, octets, size + 1);
    INIT(&text, mail_string, copy, size);
    rfc822_parse_msg_full(&envelope, &body, copy, end ? (unsigned long)(end - octets + 2) : size, &text, "nowhere.invalid", 0, 0);
    list(envelope->from);
    list(envelope->sender);
    mail_free_envelope(&envelope);
    mail_free_body(&body);
    free(copy);
}

void mm_log(char *text, long level) { (void)text; (void)level; }
void mm_searched(MAILSTREAM *s, unsigned long n) { (void)s; (void)n; }
void mm_exists(MAILSTREAM *s, unsigned long n) { (void)s; (void)n; }
void mm_expunged(MAILSTREAM *s, unsigned long n) { (void)s; (void)n; }
void mm_flags(MAILSTREAM *s, unsigned long n) { (void)s; (void)n; }
void mm_notify(MAILSTREAM *s, char *t, long n) { (void)s; (void)t; (void)n; }
void mm_list(MAILSTREAM *s, int d, char *n, long a) { (void)s; (void)d; (void)n; (void)a; }
void mm_lsub(MAILSTREAM *s, int d, char *n, long a) { (void)s; (void)d; (void)n; (void)a; }
void mm_status(MAILSTREAM *s, char *m, MAILSTATUS *t) { (void)s; (void)m; (void)t; }
void mm_login(NETMBX *m, char *u, char *p, long t) { (void)m; (void)u; (void)p; (void)t; }
void mm_critical(MAILSTREAM *s) { (void)s; }
void mm_nocritical(MAILSTREAM *s) { (void)s; }
long mm_diskerror(MAILSTREAM *s, long e, long t) { (void)s; (void)e; (void)t; return 0; }
void mm_fatal(char *t) { (void)t; }
void mm_dlog(char *t) { (void)t; }

int main(void) { return serve(configs, read_message); }
