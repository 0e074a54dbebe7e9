/* raw_client.c - see raw_client.h. */
#include "unit/serve/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"

int raw_connect(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool raw_send(int fd, const char *bytes, size_t n) { return send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n; }

/* A minute: only a server that never answers takes it, not a busy machine. */
static bool wait_for(int fd)
{
    struct pollfd poll_fd = {fd, POLLIN, 0};
    return poll(&poll_fd, 1, 60000) > 0;
}

/* At most n_max bytes more, as many as are there. Headers are read one at a time, so that nothing of the next answer is
 * taken. */
static bool receive_some(int fd, raw_answer *out, size_t n_max)
{
    bool has_room = out->n + n_max < sizeof out->bytes;
    ssize_t n = has_room && wait_for(fd) ? recv(fd, out->bytes + out->n, n_max, 0) : 0;
    out->n += n > 0 ? (size_t)n : 0;
    out->bytes[out->n] = '\0';
    return n > 0;
}

void raw_receive(int fd, raw_answer *out, bool is_head)
{
    out->status = 0;
    out->n = 0;
    out->bytes[0] = '\0';
    out->body = out->bytes;
    while (!strstr(out->bytes, "\r\n\r\n")) {
        if (!receive_some(fd, out, 1)) {
            return;
        }
    }
    size_t n_headers = out->n;
    const char *length = strstr(out->bytes, "Content-Length: ");
    size_t n_body = length && !is_head ? strtoul(length + 16, NULL, 10) : 0;
    while (out->n < n_headers + n_body) {
        if (!receive_some(fd, out, n_headers + n_body - out->n)) {
            return;
        }
    }
    out->body = out->bytes + n_headers;
    out->status = (unsigned)strtoul(out->bytes + 9, NULL, 10);
}

bool raw_has_header(const raw_answer *answer, const char *line)
{
    const char *found = strstr(answer->bytes, line);
    return found && found < answer->body;
}

bool raw_is_ended(int fd)
{
    char byte;
    return wait_for(fd) && recv(fd, &byte, 1, 0) <= 0;
}

void raw_ask(uint16_t port, const char *request, raw_answer *out)
{
    int fd = raw_connect(port);
    assert_true(fd >= 0);
    assert_true(raw_send(fd, request, strlen(request)));
    raw_receive(fd, out, strncmp(request, "HEAD", 4) == 0);
    close(fd);
}
