/* forecast_words.h - a forecast of daily requests, by day or by month, for people and for machines. */
#ifndef RECKON_REPORT_FORECAST_WORDS_H
#define RECKON_REPORT_FORECAST_WORDS_H

#include "data/history.h"
#include "forecast/forecast.h"
#include "report/table.h"

enum { RK_OUTLOOK_LEVELS_MAX = 5 };

/* Everything borrowed. The ask has the months as its blocks, or none: then rows are days. */
typedef struct {
    const char *path;
    const rk_history *history;
    const rk_forecast_model *model;
    const rk_forecast_ask *ask; /* at most RK_OUTLOOK_LEVELS_MAX levels */
    const rk_forecast *forecast;
} rk_outlook;

void rk_report_outlook(const rk_outlook *outlook, rk_table_style style, rk_text *out);
/* One line. */
void rk_outlook_json(const rk_outlook *outlook, rk_text *out);

#endif
