/* feeds.h - events that a server fetches itself: a thread for each source of a file (stream/stream.h).
 *
 * A record goes the way of a request's events and is settled at its source when the disk has it. One without an
 * event_id gets its name at the source, so that what a crash makes the source give twice is kept once. What is no event
 * is counted, told, and passed over: it would stop all that stands behind it. While the log refuses (a full disk), or
 * the source fails, the thread tries again, later and later.
 */
#ifndef RECKON_SERVE_FEEDS_H
#define RECKON_SERVE_FEEDS_H

#include "serve/intake.h"

typedef struct rk_feeds rk_feeds;

/* folder: of the log, where sources keep their places. intake and run are borrowed until stop. */
RK_MUST_CHECK rk_status rk_feeds_start(const char *sources_path, const char *folder, rk_intake *intake,
                                       const rk_run *run, rk_feeds **out, rk_error *err);
/* Before the intake stops. Accepts NULL. */
void rk_feeds_stop(rk_feeds *feeds);
/* As lines of /metrics. Accepts NULL. */
void rk_feeds_metrics(const rk_feeds *feeds, rk_text *out);

#endif
