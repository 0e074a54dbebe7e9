/* commands.h - every command of the program, one a line; each is defined in its own cmd_NAME.c. */
#ifndef RECKON_CLI_COMMANDS_H
#define RECKON_CLI_COMMANDS_H

#include "cli/command.h"

extern const rk_command rk_command_demo;
extern const rk_command rk_command_report;
extern const rk_command rk_command_ingest;
extern const rk_command rk_command_split;
extern const rk_command rk_command_inspect;
extern const rk_command rk_command_cost_statement, rk_command_cost_unit, rk_command_cost_explain;
extern const rk_command rk_command_cost_export, rk_command_cost_check_focus;
extern const rk_command rk_command_prices_import, rk_command_prices_find;
extern const rk_command rk_command_cost_capacity;
extern const rk_command rk_command_cost_size, rk_command_cost_advise, rk_command_cost_compare, rk_command_cost_actuals;
extern const rk_command rk_command_cost_reconcile, rk_command_cost_plan, rk_command_cost_init;
extern const rk_command rk_command_cost_footprint, rk_command_cost_rates;
extern const rk_command rk_command_cost_risk;
extern const rk_command rk_command_evaluate;
extern const rk_command rk_command_compress, rk_command_frontier, rk_command_scale;
extern const rk_command rk_command_tune;
extern const rk_command rk_command_profile, rk_command_synth;
extern const rk_command rk_command_index, rk_command_search, rk_command_suggest, rk_command_judge;
extern const rk_command rk_command_train, rk_command_recommend, rk_command_similar;
extern const rk_command rk_command_serve, rk_command_check_config;
extern const rk_command rk_command_experiment, rk_command_scene;
extern const rk_command rk_command_keys_add, rk_command_keys_list, rk_command_keys_remove;
extern const rk_command rk_command_live;
extern const rk_command rk_command_measure;
extern const rk_command rk_command_forecast;

#endif
