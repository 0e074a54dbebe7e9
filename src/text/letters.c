/* letters.c - see letters.h. */
#include "text/letters.h"

#include <utf8proc.h>

bool rk_starts_han(rk_slice text)
{
    utf8proc_int32_t c = 0;
    if (text.n == 0 || (unsigned char)*text.at < 0xe0) {
        return false;
    }
    return utf8proc_iterate((const utf8proc_uint8_t *)text.at, (utf8proc_ssize_t)text.n, &c) > 0 && rk_is_han(c);
}
