-- The same job: calls on DynamoDB only, each event once, a row per item, sorted,
-- by table and day.
{{settings}}
{{records}}
CREATE MACRO arn_table(arn) AS nullif(regexp_extract(arn, ':dynamodb:[^:]*:[^:]*:table/([^/|"\s]+)', 1), '');
COPY (
  WITH events AS (
    SELECT DISTINCT ON (recipient_account_id, event_id) * FROM flat() WHERE event_source = 'dynamodb.amazonaws.com'
  ), listed AS (
    SELECT *, CASE
      WHEN event_name IN ('BatchGetItem', 'BatchWriteItem', 'TransactGetItems', 'TransactWriteItems')
      THEN list_concat(json_extract(request_parameters, '$.requestItems[*]'), json_extract(request_parameters, '$.transactItems[*]'))
      ELSE [request_parameters] END AS items
    FROM events
  ), touches AS (
    SELECT * EXCLUDE (items), unnest(items) AS item, unnest(range(len(items))) AS touch_index FROM listed
  )
  SELECT * EXCLUDE (item),
    CASE WHEN event_name IN ('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchGetItem', 'BatchWriteItem', 'TransactGetItems', 'TransactWriteItems')
      THEN (item->'key')::VARCHAR END AS item_key,
    coalesce(arn_table(item->>'tableName'), item->>'tableName', arn_table(item::VARCHAR), arn_table(resources::VARCHAR), arn_table(error_message)) AS table_name,
    event_time::DATE AS day
  FROM touches
  ORDER BY item_key NULLS FIRST, event_time, event_id, touch_index
) TO '{{out}}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (table_name, day), OVERWRITE_OR_IGNORE);
SELECT 1
