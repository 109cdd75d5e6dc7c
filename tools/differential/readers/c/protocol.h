/* How a reader of C speaks with the run: a length and the octets of a message in, a line of JSON out. */
#ifndef PROTOCOL_H
#define PROTOCOL_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *answers;
static const char *said_config;
static int said_any, said_configs;

static inline void json_text(const char *text) {
    fputc('"', answers);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at < 0x20 || *at == '"' || *at == '\\' || *at > 0x7e)
            fprintf(answers, "\\u%04x", *at);
        else
            fputc(*at, answers);
    }
    fputc('"', answers);
}

/* An address that a configuration read; one configuration's stand together. */
static inline void found(const char *config, const char *address) {
    if (!address || !strchr(address, '@')) return;
    if (!said_config || strcmp(said_config, config)) {
        fputs(said_configs++ ? "]," : "", answers);
        json_text(config);
        fputs(":[", answers);
        said_any = 0;
        said_config = config;
    }
    if (said_any++) fputc(',', answers);
    json_text(address);
}

static inline void found_parts(const char *config, const char *local, const char *domain) {
    if (!local || !domain) return;
    char *address = (char *)malloc(strlen(local) + strlen(domain) + 2);
    sprintf(address, "%s@%s", local, domain);
    found(config, address);
    free(address);
}

struct about { const char *name, *program, *version, *how; };

/* The loop: `read_message` calls `found`. `configs` ends with an empty row. */
static inline int serve(const struct about *configs, void (*read_message)(const char *, size_t)) {
    answers = fdopen(dup(1), "w");
    dup2(2, 1);
    fputs("{\"configs\":{", answers);
    for (int at = 0; configs[at].name; at++) {
        if (at) fputc(',', answers);
        json_text(configs[at].name);
        fputs(":{\"program\":", answers);
        json_text(configs[at].program);
        fputs(",\"version\":", answers);
        json_text(configs[at].version);
        fputs(",\"how\":", answers);
        json_text(configs[at].how);
        fputc('}', answers);
    }
    fputs("}}\n", answers);
    fflush(answers);
    unsigned char length[4];
    while (fread(length, 1, 4, stdin) == 4) {
        size_t size = (size_t)length[0] << 24 | length[1] << 16 | length[2] << 8 | length[3];
        char *octets = (char *)malloc(size + 1);
        if (fread(octets, 1, size, stdin) != size) return 0;
        octets[size] = 0;
        said_config = NULL;
        said_any = said_configs = 0;
        fputc('{', answers);
        read_message(octets, size);
        fputs(said_configs ? "]}\n" : "}\n", answers);
        fflush(answers);
        free(octets);
    }
    return 0;
}
#endif
