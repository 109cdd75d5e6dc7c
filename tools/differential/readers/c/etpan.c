/* What libetpan finds: its parser of fields, and its parser of addresses alone. */
#include <libetpan/libetpan.h>
#include "protocol.h"

#define NAME(how) "libetpan " VERSION ": " how
static const struct about configs[] = {
    {NAME("envelope fields"), "libetpan", VERSION, "envelope fields"},
    {NAME("all fields"), "libetpan", VERSION, "all fields"},
    {NULL, NULL, NULL, NULL},
};

static void mailboxes(const char *config, struct mailimf_mailbox_list *list) {
    if (!list) return;
    for (clistiter *at = clist_begin(list->mb_list); at; at = clist_next(at))
        found(config, ((struct mailimf_mailbox *)clist_content(at))->mb_addr_spec);
}

static void fields(const char *config, struct mailimf_fields *list) {
    for (clistiter *at = clist_begin(list->fld_list); at; at = clist_next(at)) {
        struct mailimf_field *field = clist_content(at);
        switch (field->fld_type) {
        case MAILIMF_FIELD_FROM: mailboxes(config, field->fld_data.fld_from->frm_mb_list); break;
        case MAILIMF_FIELD_SENDER: found(config, field->fld_data.fld_sender->snd_mb->mb_addr_spec); break;
        case MAILIMF_FIELD_RESENT_FROM: mailboxes(config, field->fld_data.fld_resent_from->frm_mb_list); break;
        case MAILIMF_FIELD_RESENT_SENDER: found(config, field->fld_data.fld_resent_sender->snd_mb->mb_addr_spec); break;
        default: break;
        }
    }
}

static void read_message(const char *octets, size_t size) {
    for (int way = 0; way < 2; way++) {
        size_t at = 0;
        struct mailimf_fields *list = NULL;
        int result = way == 0 ? mailimf_envelope_fields_parse(octets, size, &at, &list) : mailimf_fields_parse(octets, size, &at, &list);
        if (result != MAILIMF_NO_ERROR || !list) continue;
        fields(configs[way].name, list);
        mailimf_fields_free(list);
    }
}

int main(void) { return serve(configs, read_message); }
