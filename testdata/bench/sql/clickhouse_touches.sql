-- The same job: calls on DynamoDB only, each event once, a row per item, sorted,
-- by table and day.
INSERT INTO FUNCTION file('{{out}}/{_partition_id}.parquet', 'Parquet') PARTITION BY concat(table_name, '__', toString(toDate(event_time)))
SELECT * EXCEPT (items, item, one_row),
  if(one_row AND event_name NOT IN ('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'), NULL, JSONExtractRaw(item, 'key')) AS item_key,
  JSONExtractString(item, 'tableName') AS named,
  coalesce(nullIf(if(startsWith(named, 'arn:'), extract(named, ':table/([^/]+)'), named), ''),
    nullIf(extract(item, ':dynamodb:[^:]*:[^:]*:table/([^/|"\\s]+)'), ''), nullIf(extract(resources, ':dynamodb:[^:]*:[^:]*:table/([^/|"\\s]+)'), ''),
    extract(error_message, ':dynamodb:[^:]*:[^:]*:table/([^/|"\\s]+)')) AS table_name
FROM (
  SELECT *, event_name NOT IN ('BatchGetItem', 'BatchWriteItem', 'TransactGetItems', 'TransactWriteItems') AS one_row,
    if(one_row, [request_parameters], arrayConcat(JSONExtractArrayRaw(request_parameters, 'requestItems'), JSONExtractArrayRaw(request_parameters, 'transactItems'))) AS items
  FROM (SELECT * FROM {{records}} WHERE event_source = 'dynamodb.amazonaws.com' LIMIT 1 BY recipient_account_id, event_id)
)
ARRAY JOIN items AS item, arrayEnumerate(items) AS touch_index
ORDER BY item_key NULLS FIRST, event_time, event_id, touch_index
{{settings}}
