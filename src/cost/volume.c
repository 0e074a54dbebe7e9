/* volume.c - see volume.h. The bytes of an event in a dataset are those of its file over the events in it, exactly. */
#include "cost/volume.h"

#include <string.h>

#include "cost/element.h"
#include "math/rational.h"

static rk_status check_event_bytes(rk_plan *plan, const rk_element *element, rk_volume *volume, rk_error *err)
{
    static const rk_key row = {.name = "bytes_per_event", .kind = RK_KEY_NUMBER};
    const rk_yaml_node *node = volume->bytes_per_event;
    (void)plan;
    volume->is_of_events = true;
    if (node->kind != RK_YAML_SCALAR || strcmp(node->text, "measured") != 0) {
        return volume->of ? rk_fail_at(err, node->at, "element '%.60s' has 'of' and so measures its bytes_per_event",
                                       element->name)
                          : rk_yaml_number(node, &row, &volume->each, err);
    }
    if (!volume->of) {
        return rk_fail_at(err, node->at, "'bytes_per_event: measured' needs the key 'of': a dataset");
    }
    return volume->made.events.is_set
               ? RK_OK
               : rk_fail_at(err, node->at, "'bytes_per_event: measured' needs a dataset with events, '%.100s' is a %s",
                            volume->of, volume->made.kind);
}

rk_status rk_volume_check(rk_plan *plan, const rk_element *element, rk_volume *volume, rk_error *err)
{
    if (!volume->of && !volume->bytes.is_set && !volume->bytes_per_event) {
        return rk_fail_at(err, element->at, "element '%.60s' needs one of the keys 'bytes', 'of' and 'bytes_per_event'",
                          element->name);
    }
    if (volume->bytes.is_set && (volume->of || volume->bytes_per_event)) {
        return rk_fail_at(err, volume->bytes.at, "element '%.60s' has 'bytes' and '%s', which exclude each other",
                          element->name, volume->of ? "of" : "bytes_per_event");
    }
    rk_status status =
        volume->of ? rk_made_read(plan, volume->of, rk_element_place(element, "of"), &volume->made, err) : RK_OK;
    return status || !volume->bytes_per_event ? status : check_event_bytes(plan, element, volume, err);
}

void rk_volume_unit(const rk_volume *volume, mpq_t out)
{
    if (!volume->made.path) {
        rk_rational_set(out, (volume->is_of_events ? &volume->each : &volume->bytes)->value);
        return;
    }
    rk_rational_set(out, volume->made.bytes.value);
    if (volume->is_of_events) {
        mpq_t events;
        mpq_init(events);
        rk_rational_set(events, volume->made.events.value);
        mpq_div(out, out, events);
        mpq_clear(events);
    }
}

rk_figure rk_volume_figure(const rk_volume *volume, rk_estimating *e)
{
    if (!volume->made.path) {
        return rk_estimate_number(e, volume->is_of_events ? &volume->each : &volume->bytes);
    }
    rk_figure bytes = rk_estimate_number(e, &volume->made.bytes);
    return volume->is_of_events ? rk_tape_div(e->tape, bytes, rk_estimate_number(e, &volume->made.events)) : bytes;
}

void rk_volume_tell(const rk_volume *volume, rk_account *account, rk_text *words, rk_vec *inputs)
{
    const rk_number *written = volume->is_of_events ? &volume->each : &volume->bytes;
    if (!volume->made.path) {
        rk_account_input(account, inputs, volume->is_of_events ? "bytes_per_event" : "bytes", written, "bytes");
        rk_decimal_print(written->value, false, words);
        rk_text_add(words, volume->is_of_events ? " bytes an event" : " bytes");
        return;
    }
    rk_made_input(account, inputs, &volume->made, "bytes", &volume->made.bytes, "bytes");
    rk_decimal_print(volume->made.bytes.value, false, words);
    rk_text_addf(words, " bytes of %s", volume->made.path);
    if (volume->is_of_events) {
        rk_made_input(account, inputs, &volume->made, "events", &volume->made.events, "events");
        rk_text_add(words, " / ");
        rk_decimal_print(volume->made.events.value, false, words);
        rk_text_add(words, " events");
    }
}

rk_status rk_volume_book(rk_account *account, const rk_element *element, uint32_t m, const rk_gigabytes *gb,
                         rk_error *err)
{
    const rk_rate_price *rate = &gb->price->as.rate;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t quantity, price;
    mpq_inits(quantity, price, NULL);
    rk_rational_set(price, rate->price.value);
    rk_account_input_price(account, &inputs, "price", &rate->price, rate->unit, gb->price);
    rk_account_convert(account, &inputs, gb->price, price);
    rk_entry entry = {.element = element,
                      .category = element->category,
                      .m = m,
                      .quantity = quantity,
                      .unit_price = price,
                      .unit = rate->unit,
                      .driver = gb->driver,
                      .behaviour = RK_FIXED,
                      .origin = RK_ASSUMED,
                      .inputs = &inputs};
    rk_filling filling = {gb->fill, gb->settings, &inputs, quantity};
    rk_status status;
    if (gb->differs) {
        status = rk_account_book_filled(account, &filling, &entry, err);
    } else {
        gb->fill(account, &filling, RK_ALL_SERVICES, &entry);
        status = rk_account_book(account, &entry, err);
    }
    mpq_clears(quantity, price, NULL);
    rk_vec_release(&inputs);
    return status;
}
