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
GAUGE(problems, "webexbot_problems", "",
    "Problems that /readyz lists at the moment.")
GAUGE(webhooks_wrong, "webexbot_webhooks_wrong", "",
    "Webhooks that are missing, inactive or point elsewhere.")
COUNTER(webhooks_reactivated, "webexbot_webhooks_reactivated_total", "",
    "Webhooks that were found inactive and re-activated.")
GAUGE(open_items, "webexbot_queue_open", "",
    "Events and replies that are not finished.")
GAUGE(inflight, "webexbot_in_flight", "", "Events and replies being worked on.")
COUNTER(events_done, "webexbot_events_total", "result=\"done\"",
    "Events by how they ended.")
COUNTER(events_dead, "webexbot_events_total", "result=\"dead\"", "")
COUNTER(events_retried, "webexbot_events_retried_total", "",
    "Times an event was put back to be tried again.")
COUNTER(replies_sent, "webexbot_replies_total", "result=\"sent\"",
    "Replies by how they ended.")
COUNTER(replies_dead, "webexbot_replies_total", "result=\"dead\"", "")
COUNTER(replies_uncertain, "webexbot_replies_total", "result=\"uncertain\"", "")
COUNTER(replies_retried, "webexbot_replies_retried_total", "",
    "Times a reply was put back to be tried again.")
COUNTER(rest_ok, "webexbot_rest_calls_total", "result=\"ok\"",
    "Calls of the Webex REST API by what came of them.")
COUNTER(rest_retry, "webexbot_rest_calls_total", "result=\"retry\"", "")
COUNTER(rest_lost, "webexbot_rest_calls_total", "result=\"lost\"", "")
COUNTER(rest_missing, "webexbot_rest_calls_total", "result=\"missing\"", "")
COUNTER(rest_auth, "webexbot_rest_calls_total", "result=\"unauthorized\"", "")
COUNTER(rest_refused, "webexbot_rest_calls_total", "result=\"refused\"", "")
COUNTER(rest_cancelled, "webexbot_rest_calls_total", "result=\"cancelled\"", "")
COUNTER(calls_ok, "webexbot_calls_total", "result=\"ok\"",
    "Calls that rules made, by whether the answer was a success (2xx).")
COUNTER(calls_failed, "webexbot_calls_total", "result=\"failed\"", "")
COUNTER(reloads_ok, "webexbot_reloads_total", "result=\"ok\"",
    "Times the bot file and the cards were read again.")
COUNTER(reloads_failed, "webexbot_reloads_total", "result=\"failed\"", "")
COUNTER(cards_failed, "webexbot_cards_failed_total", "",
    "Cards that could not be rendered or were found wrong; their text went "
    "out.")
COUNTER(submits_invalid, "webexbot_submits_refused_total",
    "reason=\"invalid\"", "Submits of cards that no rule got to see.")
COUNTER(submits_again, "webexbot_submits_refused_total", "reason=\"again\"", "")
COUNTER(submits_stale, "webexbot_submits_refused_total", "reason=\"stale\"", "")
HISTOGRAM(accept_seconds, "webexbot_webhook_seconds",
    "Time to answer a webhook, its durable storing included.")
HISTOGRAM(answer_seconds, "webexbot_answer_seconds",
    "Time from the storing of an event to the acceptance of its last reply.")
