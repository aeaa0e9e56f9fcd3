package schema

// views are what an analyst asks first, in SQL that all engines share. They stand in
// the order in which they build on each other.
var views = []struct{ name, doc, body string }{
	{
		// CloudTrail User Guide, cross-account calls: the caller and the owner each get a
		// record with an eventID of its own and the same sharedEventID, and the owner's says
		// of the caller no more than account and principal. An Insight has one sharedEventID
		// for its start and its end, which are two events.
		name: "touches_once",
		doc: "Every touch once. A call from one account to the table of another is logged in both, with\n" +
			"the same shared_event_id: where the lake has both records, here is that of the account of the\n" +
			"caller, which says more of who it was. The views below count from this one.",
		body: `SELECT
  {columns}
FROM (
  SELECT *, 1 AS copy_number FROM {all}
  WHERE shared_event_id IS NULL OR plane = 'insight'
  UNION ALL
  SELECT *, row_number() OVER (
    PARTITION BY shared_event_id, touch_index, table_name, day
    ORDER BY CASE WHEN recipient_account_id = principal_account_id THEN 0 ELSE 1 END,
      CASE WHEN event_category = 'NetworkActivity' THEN 1 ELSE 0 END,
      recipient_account_id, event_id, source_object, source_index
  ) AS copy_number FROM {all}
  WHERE shared_event_id IS NOT NULL AND plane <> 'insight'
) AS copies
WHERE copy_number = 1`,
	},
	{
		name: "writes",
		doc: "What changed something: items, a table, its settings or its protection. Calls that were\n" +
			"denied or failed changed nothing and are not here. Items alone: those of plane data. A PartiQL\n" +
			"statement that CloudTrail did not log counts as a write, since it may have been one.",
		body: `SELECT * FROM {touches_once}
WHERE mutates AND outcome = 'ok'`,
	},
	{
		name: "reads",
		doc: "What showed, or may have shown, items to somebody: by key, by query, by scan or export, from\n" +
			"the stream. One row per call where it named no item: key_scope says what it could reach.\n" +
			"Reads of settings (op META_READ) and copies (op COPY) are not here.",
		body: `SELECT * FROM {touches_once}
WHERE op IN ('` + OpReadPoint + `', '` + OpReadRange + `', '` + OpReadBulk + `', '` + OpReadStream + `') AND outcome = 'ok' AND NOT mutates`,
	},
	{
		name: "denied",
		doc:  "What somebody was not allowed to do, whatever it was.",
		body: `SELECT * FROM {touches_once}
WHERE outcome = 'denied'`,
	},
	{
		name: "by_actor",
		doc: "How often who did what to which table on which day. touches counts rows and calls events, of\n" +
			"which one batch has many touches. An event that touched several tables, or did things of\n" +
			"several classes, counts as a call in the row of each: calls do not add up, touches do.\n" +
			"items counts the keys that were named, names what the actor was called: a role has many.",
		body: `SELECT day, table_name, table_arn, actor, op,
  count(*) AS touches,
  count(DISTINCT event_id) AS calls,
  count(DISTINCT item_key) AS items,
  count(DISTINCT actor_name) AS names,
  count(CASE WHEN outcome = 'denied' THEN 1 END) AS denied,
  count(CASE WHEN outcome = 'failed' THEN 1 END) AS failed,
  min(event_time) AS first_time,
  max(event_time) AS last_time
FROM {touches_once}
GROUP BY day, table_name, table_arn, actor, op`,
	},
}
