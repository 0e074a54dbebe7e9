/* main.c - reckon: which recommender fits a shop, and what its answers cost. The list of commands, in --help's order.
 */
#include "cli/commands.h"

/* clang-format off: one row a line, so that two people can add one each */
static const rk_command *const commands[] = {
    &rk_command_demo,
    &rk_command_ingest,
    &rk_command_split,
    &rk_command_synth,
    &rk_command_inspect,
    &rk_command_profile,
    &rk_command_train,
    &rk_command_tune,
    &rk_command_recommend,
    &rk_command_similar,
    &rk_command_scene,
    &rk_command_index,
    &rk_command_search,
    &rk_command_live,
    &rk_command_suggest,
    &rk_command_judge,
    &rk_command_evaluate,
    &rk_command_compress,
    &rk_command_frontier,
    &rk_command_scale,
    &rk_command_serve,
    &rk_command_check_config,
    &rk_command_keys_add,
    &rk_command_keys_list,
    &rk_command_keys_remove,
    &rk_command_experiment,
    &rk_command_measure,
    &rk_command_forecast,
    &rk_command_cost_statement,
    &rk_command_cost_unit,
    &rk_command_cost_explain,
    &rk_command_cost_reconcile,
    &rk_command_cost_export,
    &rk_command_cost_check_focus,
    &rk_command_prices_find,
    &rk_command_prices_import,
    &rk_command_cost_actuals,
    &rk_command_cost_init,
    &rk_command_cost_plan,
    &rk_command_cost_advise,
    &rk_command_cost_capacity,
    &rk_command_cost_compare,
    &rk_command_cost_footprint,
    &rk_command_cost_rates,
    &rk_command_cost_risk,
    &rk_command_cost_size,
    &rk_command_report,
    NULL, /* the end; a row each above */
};
/* clang-format on */

int main(int argc, char **argv) { return rk_frame_main(commands, RK_COUNT_OF(commands) - 1, argc, argv); }
