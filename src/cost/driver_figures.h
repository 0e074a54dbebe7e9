/* driver_figures.h - the drivers of driver.c in draws: how much of each a service has in a month, as a figure. */
#ifndef RECKON_COST_DRIVER_FIGURES_H
#define RECKON_COST_DRIVER_FIGURES_H

#include "cost/estimating.h"

/* measure: rk_measure_kind of the rows that have one. s: RK_ALL_SERVICES where the row takes it. */
typedef rk_figure rk_driver_figures(rk_estimating *e, int measure, uint32_t s, uint32_t m);

rk_driver_figures rk_figure_month, rk_figure_hour, rk_figure_request, rk_figure_thousand, rk_figure_gb, rk_figure_cpu,
    rk_figure_event, rk_figure_measure, rk_figure_heads, rk_figure_machine_hours, rk_figure_instance, rk_figure_core,
    rk_figure_direct;

#endif
