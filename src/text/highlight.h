/* highlight.h - the words of a question, marked where a text has them: by the analyser, so that stems, compounds and
 * Chinese words are marked as they were found.
 */
#ifndef RECKON_TEXT_HIGHLIGHT_H
#define RECKON_TEXT_HIGHLIGHT_H

#include "text/question.h"

typedef struct {
    rk_slice open, close; /* around what is marked; as they stand, also in HTML */
    bool is_html;         /* the text between is escaped */
} rk_marks;

/* Appends text with its words of the question marked. n_bytes: how much of it, 0 = all; where it is longer, the part
 * with most of the words, cut between words where there are blanks and never in a character, with an ellipsis at its
 * cut ends; marks and what HTML adds are not counted. *n_marked: places marked; may be NULL. */
RK_MUST_CHECK rk_status rk_highlight(rk_asker *asker, const rk_question *question, rk_slice text, size_t n_bytes,
                                     const rk_marks *marks, rk_text *out, size_t *n_marked, rk_error *err);

#endif
