/* xml_check.h - is this text well-formed markup? A small strict reader, for tests. */
#ifndef RECKON_TESTS_XML_CHECK_H
#define RECKON_TESTS_XML_CHECK_H

#include <stddef.h>

/* NULL when every tag is closed in order, every attribute is quoted, unique and free of '<', every '&' starts a known
 * entity, and no coordinate says nan or inf; otherwise what is wrong. HTML's void tags (meta) need no end. */
const char *xml_complaint(const char *text);

/* How often part stands in text. */
size_t count_of(const char *text, const char *part);

#endif
