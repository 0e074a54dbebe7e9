/* fuzz_reply.c - what a server sends back, to the load generator's parser: in one piece, and cut in two anywhere.
 *
 * The first byte says where to cut; both ways must read the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "measure/http_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const char *bytes = (const char *)data + 1;
    size_t n = size - 1, cut = n * data[0] / 256;
    rk_text whole_body = {0}, cut_body = {0};
    rk_reply whole, parts;
    rk_reply_begin(&whole, &whole_body);
    size_t used = rk_reply_feed(&whole, bytes, n);
    rk_reply_begin(&parts, &cut_body);
    size_t used_parts = rk_reply_feed(&parts, bytes, cut);
    if (used_parts == cut) {
        used_parts += rk_reply_feed(&parts, bytes + cut, n - cut);
    }
    insist(used <= n && used == used_parts && whole.state == parts.state && whole.status == parts.status);
    insist(whole.body_bytes == whole_body.n && whole_body.n == cut_body.n && !whole_body.failed);
    insist(whole_body.n == 0 || memcmp(whole_body.at, cut_body.at, whole_body.n) == 0);
    insist(rk_reply_end(&whole) == rk_reply_end(&parts));
    rk_text_release(&whole_body);
    rk_text_release(&cut_body);
    return 0;
}
