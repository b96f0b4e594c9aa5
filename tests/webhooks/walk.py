"""What webhooks' routes, verbs and commands do."""

from agent.webhooks import verbs
from agent.webhooks.store import Webhooks
from tests.api.walk import OPS_LEAD, Walk
from tests.app.acts import Act, Json

NEVER = "http://127.0.0.1:9/never"


def webhook(site):
    return site.space.store[Webhooks].create(NEVER, (), "ops_lead").id


def of_webhook(site):
    return {"ident": webhook(site)}


def of_delivery(site):
    ident = webhook(site)
    return {"ident": ident, "number": str(site.space.store[Webhooks].ping(ident).number)}


URL = {"url": "https://hooks.example.com/x"}

WALK = {
    "GET /admin/webhooks": Walk(OPS_LEAD),
    "POST /admin/webhooks": Walk(OPS_LEAD, form=URL),
    "GET /admin/webhooks/{ident}": Walk(OPS_LEAD, path=of_webhook),
    "POST /admin/webhooks/{ident}/ping": Walk(OPS_LEAD, path=of_webhook, form={}, status=303),
    "POST /admin/webhooks/{ident}/disable": Walk(OPS_LEAD, path=of_webhook, form={}, status=303),
    "POST /admin/webhooks/{ident}/enable": Walk(OPS_LEAD, path=of_webhook, form={}, status=303),
    "POST /admin/webhooks/{ident}/deliveries/{number}/redeliver": Walk(OPS_LEAD, path=of_delivery, form={}, status=303),
    "GET /api/v1/webhooks": Walk(OPS_LEAD),
    "POST /api/v1/webhooks": Walk(OPS_LEAD, json=URL, status=201),
    "GET /api/v1/webhooks/{ident}": Walk(OPS_LEAD, path=of_webhook),
    "POST /api/v1/webhooks/{ident}/disable": Walk(OPS_LEAD, path=of_webhook),
    "POST /api/v1/webhooks/{ident}/enable": Walk(OPS_LEAD, path=of_webhook),
    "POST /api/v1/webhooks/{ident}/ping": Walk(OPS_LEAD, path=of_webhook),
    "GET /api/v1/webhooks/{ident}/deliveries": Walk(OPS_LEAD, path=of_webhook),
    "POST /api/v1/webhooks/{ident}/deliveries/{number}/redeliver": Walk(OPS_LEAD, path=of_delivery),
}

ACTS = [
    Act(
        verbs.add_webhook,
        lambda site: [URL["url"]],
        routes=["POST /admin/webhooks", "POST /api/v1/webhooks"],
        command=lambda site: ["webhook", "add", URL["url"], "--event", "call.scored"],
    ),
    *(
        Act(
            verb,
            lambda site: [webhook(site)],
            routes=[f"POST /admin/webhooks/{{ident}}/{word}", f"POST /api/v1/webhooks/{{ident}}/{word}"],
            command=lambda site, word=word: ["webhook", word, webhook(site)],
        )
        for word, verb in (
            ("disable", verbs.disable_webhook),
            ("enable", verbs.enable_webhook),
            ("ping", verbs.ping_webhook),
        )
    ),
    Act(
        verbs.redeliver,
        lambda site: [(made := of_delivery(site))["ident"], int(made["number"])],
        routes=[
            "POST /admin/webhooks/{ident}/deliveries/{number}/redeliver",
            "POST /api/v1/webhooks/{ident}/deliveries/{number}/redeliver",
        ],
        command=lambda site: ["webhook", "redeliver", *of_delivery(site).values()],
    ),
]

JSON = {
    "webhook list": Json("GET /api/v1/webhooks", lambda site: webhook(site) and []),
    "webhook add": Json("POST /api/v1/webhooks", lambda site: [URL["url"]]),
    "webhook ping": Json("POST /api/v1/webhooks/{ident}/ping", lambda site: [webhook(site)]),
    "webhook deliveries": Json("GET /api/v1/webhooks/{ident}/deliveries", lambda site: [of_delivery(site)["ident"]]),
}
