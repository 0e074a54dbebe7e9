/* cmd_profile.c - reckon profile: what one user likes, in words. */
#include "cli/commands.h"
#include "model/taste.h"

typedef struct {
    const char *user;
    double half_life_days;
} profile_settings;

static const rk_option options[] = {
    {"user", 'u', RK_OPT_TEXT, offsetof(profile_settings, user), "NAME", .help = "whom (required)"},
    {"half-life", 0, RK_OPT_REAL, offsetof(profile_settings, half_life_days), "DAYS", "0",
     "an event loses half its weight in so many days; 0 = never", .max = 36500},
};

static void answer(const rk_call *call, const rk_dataset *dataset, const rk_profile_of *profile)
{
    rk_json json = {.text = call->out};
    rk_slice name = rk_names_get(&dataset->users, profile->user);
    if (call->common.json) {
        rk_profile_json(profile, name, &json);
        return;
    }
    rk_text_addf(call->out, "%.*s: ", (int)name.n, name.at);
    rk_profile_words(profile, call->out);
}

static rk_status find_user(const rk_dataset *dataset, const char *name, uint32_t *user, rk_error *err)
{
    if (!name) {
        return rk_fail(err, RK_BAD_USAGE, "profile needs --user NAME");
    }
    *user = rk_names_find(&dataset->users, rk_slice_of(name));
    return *user != RK_NO_ID
               ? RK_OK
               : rk_fail(err, RK_NOT_FOUND, "no user '%.60s' in %.200s", name, rk_artefact_path(dataset->artefact));
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const profile_settings *settings = call->settings;
    rk_dataset dataset = {0};
    rk_taste_base *base = NULL;
    rk_profile_of profile;
    uint32_t user = 0;
    rk_status status = rk_dataset_open(call->words[0], &dataset, err);
    status = status ? status : find_user(&dataset, settings->user, &user, err);
    status = status ? status : rk_taste_base_new(&dataset, settings->half_life_days, &base, err);
    status = status ? status : rk_profile_make(base, user, &profile, err);
    if (!status) {
        answer(call, &dataset, &profile);
    }
    rk_taste_base_free(base);
    rk_dataset_close(&dataset);
    return status;
}

const rk_command rk_command_profile = {
    .name = "profile",
    .summary = "what one user likes: categories, brands, words, prices and rhythm, in words",
    .usage = "D.rk --user NAME",
    .example = "reckon profile shop.rk --user 17850",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(profile_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};
