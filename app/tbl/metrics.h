/*
 * Every metric once.  Rows of one name stand together.
 * COUNTER(id, name, labels, help)  GAUGE(...)  HISTOGRAM(id, name, help)
 */
COUNTER(webhooks_stored, "webexbot_webhooks_total", "result=\"stored\"",
    "Webhook requests by what became of them.")
COUNTER(webhooks_repeated, "webexbot_webhooks_total", "result=\"repeated\"", "")
COUNTER(webhooks_own, "webexbot_webhooks_total", "result=\"own\"", "")
COUNTER(
    webhooks_unhandled, "webexbot_webhooks_total", "result=\"unhandled\"", "")
COUNTER(webhooks_unsigned, "webexbot_webhooks_total",
    "result=\"bad_signature\"", "")
COUNTER(
    webhooks_malformed, "webexbot_webhooks_total", "result=\"malformed\"", "")
COUNTER(
    webhooks_too_large, "webexbot_webhooks_total", "result=\"too_large\"", "")
COUNTER(
    webhooks_refused, "webexbot_webhooks_total", "result=\"unavailable\"", "")
