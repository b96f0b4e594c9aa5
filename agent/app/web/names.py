"""Words for names that pages show: actions in the audit log, roles of models and speakers. They are marked for
translation here; the filter `plain` shows them."""

from agent.core.language import N_

ACTS = (
    N_("backed up"),
    N_("baseline drawn"),
    N_("cache cleared"),
    N_("call rated"),
    N_("calls scored"),
    N_("coaching planned"),
    N_("coding decided"),
    N_("compliance added"),
    N_("cycle removed"),
    N_("cycle set"),
    N_("difference settled"),
    N_("dispute answered"),
    N_("dispute assigned"),
    N_("dispute opened"),
    N_("document deleted"),
    N_("document exported"),
    N_("drafting started"),
    N_("filters forgotten"),
    N_("filters kept"),
    N_("invited"),
    N_("job cancelled"),
    N_("job resumed"),
    N_("job retried"),
    N_("job started"),
    N_("language chosen"),
    N_("model key forgotten"),
    N_("models bound"),
    N_("name change undone"),
    N_("name changed"),
    N_("password set"),
    N_("pattern edit undone"),
    N_("pattern merged"),
    N_("pattern rejected"),
    N_("pattern renamed"),
    N_("pattern split"),
    N_("patterns extracted"),
    N_("patterns updated"),
    N_("person added"),
    N_("person disabled"),
    N_("person enabled"),
    N_("person exported"),
    N_("person removed"),
    N_("rating corrected"),
    N_("rating overridden"),
    N_("removed"),
    N_("restored"),
    N_("role changed"),
    N_("round closed"),
    N_("round opened"),
    N_("round planned"),
    N_("round submitted"),
    N_("rounds imported"),
    N_("rubric added"),
    N_("rubric deployed"),
    N_("rubric draft discarded"),
    N_("rubric draft saved"),
    N_("rubric fitted"),
    N_("rubric imported"),
    N_("rubric published"),
    N_("rubric sharpened"),
    N_("rule added"),
    N_("rule paused"),
    N_("rule removed"),
    N_("rule resumed"),
    N_("rule stopped"),
    N_("scoring started"),
    N_("session logged"),
    N_("sides proposed"),
    N_("sides settled"),
    N_("sign in failed"),
    N_("sign in refused"),
    N_("signed in"),
    N_("signed out"),
    N_("signed out everywhere"),
    N_("source added"),
    N_("source removed"),
    N_("source taken"),
    N_("speakers corrected"),
    N_("speakers proposed"),
    N_("stages said"),
    N_("token made"),
    N_("token revoked"),
    N_("trial started"),
    N_("upload undone"),
    N_("uploaded"),
    N_("webhook disabled"),
    N_("webhook enabled"),
    N_("webhook made"),
    N_("webhook pinged"),
    N_("webhook redelivered"),
    N_("weights accepted"),
    N_("words put back"),
    N_("words read"),
    N_("words replaced"),
)
MODEL_ROLES = N_("analyst A"), N_("analyst B"), N_("analyst"), N_("drafter"), N_("rater"), N_("transcriber")
SPEAKERS = N_("rep"), N_("customer"), N_("buyer"), N_("interviewer"), N_("other")
SIDES = N_("won"), N_("lost"), N_("present"), N_("absent"), N_("both"), N_("neither")
PROMPTS = N_("released"), N_("draft")
REVIEWS = N_("readings differ"), N_("failed"), N_("not applicable")
DISPUTES = N_("open"), N_("upheld"), N_("partly"), N_("declined")
RUBRICS = N_("draft"), N_("calibrated"), N_("deployed"), N_("not calibrated"), N_("provisional"), N_("withdrawn")
TEXTS = N_("Description"), N_("Does not apply when")
JOBS = N_("queued"), N_("running"), N_("paused"), N_("done"), N_("cancelled"), N_("delivered"), N_("waiting")
ONGOING = N_("holds"), N_("watch"), N_("fell")
PATTERNS = (
    *(N_("distinguishing won"), N_("distinguishing lost"), N_("leaning won"), N_("leaning lost")),
    *(N_("common"), N_("too few")),
)
CHANGES = N_("added"), N_("removed"), N_("changed"), N_("the same")
SUITES = N_("calls"), N_("interviews"), N_("criteria"), N_("quotes"), N_("notes")
EVALS = N_("better"), N_("worse"), N_("same"), N_("not measured"), N_("closed"), N_("passed")
FAULTS = N_("approach"), N_("definition"), N_("both"), N_("too early")
FIELDS = (
    *(
        N_("account"),
        N_("amount"),
        N_("buyer"),
        N_("call id"),
        N_("closed"),
        N_("criteria"),
        N_("criterion"),
        N_("cycle"),
        N_("date"),
    ),
    *(
        N_("deal"),
        N_("deal id"),
        N_("end"),
        N_("interview"),
        N_("kind"),
        N_("language"),
        N_("opened"),
        N_("outcome"),
        N_("rep"),
        N_("stage"),
    ),
    *(
        N_("start"),
        N_("value"),
        N_("furthest stage"),
        N_("no decision"),
        N_("churned"),
        N_("customer"),
        N_("title"),
        N_("amount usd"),
    ),
)
OVER = N_("over")  # which calls a figure is about
RUNS = (
    N_("all criteria"),
    N_("one criterion"),
    N_("precision"),
    N_("recall"),
    N_("f1"),
    N_("located"),
    N_("exact"),
    N_("within one"),
)
UPLOADS = N_("new"), N_("unchanged")
SCALES = N_("binary")
