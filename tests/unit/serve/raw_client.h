/* raw_client.h - bytes to a server and bytes back, with nothing in between that would mend them. */
#ifndef RECKON_TESTS_SERVE_RAW_CLIENT_H
#define RECKON_TESTS_SERVE_RAW_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int raw_connect(uint16_t port);
bool raw_send(int fd, const char *bytes, size_t n);

typedef struct {
    unsigned status; /* 0: none came */
    char bytes[131072];
    size_t n;
    const char *body;
} raw_answer;

/* One whole answer by its Content-Length; what comes behind it stays unread. Waits a minute at most. */
void raw_receive(int fd, raw_answer *out, bool is_head);
bool raw_has_header(const raw_answer *answer, const char *line); /* "Connection: close" */
/* true when the server ends the connection, within a minute, and has sent nothing more. */
bool raw_is_ended(int fd);
/* A connection of its own: request as text, answer out, connection closed. */
void raw_ask(uint16_t port, const char *request, raw_answer *out);

#endif
