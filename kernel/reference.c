/* The reference page of the network file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/reference.h"

#include "base/status.h"
#include "kernel/model.h"
#include "kernel/network.h"
#include "kernel/rules.h"
#include "models/models.h"

static void write_model(const struct model *model, struct tt_text *page)
{
    tt_text_add(page,
                "\n## Model `%s`\n\n| parameter | standard | must be |\n"
                "|---|---|---|\n",
                model->name);
    for (size_t i = 0; i < model->parameter_count; i++)
        tt_text_add(page, "| `%s` | %.15g %s | %s |\n", model->parameters[i].name,
                    model->parameters[i].preset, model->parameters[i].unit,
                    model->parameters[i].range);
    tt_text_add(page, "\n| state | standard |\n|---|---|\n");
    for (size_t i = 0; i < model->state_count; i++)
        if (model->states[i].is_settable)
            tt_text_add(page, "| `%s` | %.15g %s |\n", model->states[i].name,
                        model->states[i].preset, model->states[i].unit);
    tt_text_add(page, "\n| receptor | takes weights |\n|---|---|\n");
    for (size_t i = 0; i < model->receptor_count; i++)
        tt_text_add(page, "| %s | %s 0 %s |\n", model->receptors[i].name,
                    model->receptors[i].sign < 0 ? "below" : "from",
                    model->receptors[i].unit);
}

enum tutti_status reference_write(struct tt_text *page)
{
    tt_table_write_page(&network_table, page);
    tt_text_add(page, "\n## Rules\n\n| rule | what it does |\n|---|---|\n");
    for (size_t i = 0; rules_get(i); i++)
        tt_text_add(page, "| `%s` | %s |\n", rules_get(i)->name, rules_get(i)->help);
    for (size_t i = 0; models_get(i); i++)
        write_model(models_get(i), page);
    if (page->is_cut)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the reference page");
    return TUTTI_OK;
}
