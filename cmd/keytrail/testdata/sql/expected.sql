-- What a lake must hold, counted straight from the trail's JSON by DuckDB. Nothing
-- of keytrail takes part: this is a second reading of the same documents, so that
-- a record both sides misread in the same way is the only kind that gets through.
--
-- Arrows bind weaker than comparisons in DuckDB: (a->>'b') = c.
--
-- In: the variable raw, a glob of objects. Out: the table expected, a row per touch.

CREATE MACRO member(o, name) AS  -- names begin in lower or upper case
  coalesce(nullif(json_extract(o, name), 'null'), nullif(json_extract(o, upper(name[1]) || name[2:]), 'null'));
CREATE MACRO word(o, name) AS nullif(json_extract_string(member(o, name), '$'), '');
CREATE MACRO arn_table(arn) AS nullif(regexp_extract(arn, ':dynamodb:[^:]*:[^:]*:(?:global-)?table/([^/|"\s]+)', 1), '');
CREATE MACRO table_name_of(nameOrARN) AS coalesce(arn_table(nameOrARN), nameOrARN);
CREATE MACRO elements(list) AS json_extract(list, '$[*]');

-- Every record once: two trails into one bucket deliver everything twice.
CREATE TABLE records AS
WITH objects AS (
  SELECT json FROM read_json_objects(getvariable('raw'), format='unstructured', maximum_object_size=268435456)
), delivered AS (
  SELECT unnest(elements(member(json, 'records'))) AS r FROM objects
)
SELECT any_value(r) AS r FROM delivered
GROUP BY coalesce(r->>'eventID', r::VARCHAR), r->>'recipientAccountId', r->>'eventTime';

CREATE TABLE events AS
SELECT
  r,
  r->'requestParameters' AS rp,
  coalesce(r->>'$.insightDetails.eventSource', r->>'eventSource') AS event_source,
  coalesce(r->>'$.insightDetails.eventName', r->>'eventName') AS event_name,
  split_part(regexp_replace(lower(coalesce(r->>'$.insightDetails.eventSource', r->>'eventSource')), '^streams\.', ''), '.', 1) AS service,
  coalesce(TRY_CAST(r->>'eventTime' AS TIMESTAMPTZ) AT TIME ZONE 'UTC', try_strptime(r->>'eventTime', '%Y%m%dT%H%M%SZ')) AS event_time,
  json_exists(r, '$.insightDetails') AS insight,
  -- the tables that resources and the response name, when the request does not
  list_distinct(list_transform(regexp_extract_all((r->'resources')::VARCHAR, 'arn:[^:"]*:dynamodb:[^:"]*:[^:"]*:(?:global-)?table/[^/"|\s]+'), x -> arn_table(x))) AS resource_tables,
FROM records
WHERE coalesce(r->>'eventCategory', '') NOT IN ('NetworkActivity', 'Aggregated')
  AND coalesce(r->>'eventType', '') NOT IN ('AwsVpceEvent', 'AwsVpceEvents', 'AwsAggregatedEvent')
  AND event_time >= '1970-01-01';  -- else in quarantine

CREATE TABLE named AS
SELECT *, coalesce(request_table, resource_tables[1],
    r->>'$.responseElements.tableDescription.tableName',
    arn_table((r->'responseElements')::VARCHAR),
    arn_table(r->>'errorMessage')) AS one_table,
  CASE WHEN request_table IS NULL AND len(resource_tables) > 0 THEN resource_tables ELSE [one_table] END AS all_tables,
FROM (SELECT *, coalesce(
    table_name_of(word(rp, 'tableName')), table_name_of(word(rp, 'targetTableName')),
    arn_table(word(rp, 'tableArn')), arn_table(word(rp, 'sourceTableArn')), arn_table(word(rp, 'resourceArn')),
    arn_table(word(rp, 'streamArn')), arn_table(word(rp, 'shardIterator')), arn_table(word(rp, 'backupArn')),
    arn_table(word(rp, 'exportArn')), arn_table(word(rp, 'importArn')),
    table_name_of(rp->>'$.tableCreationParameters.tableName'), word(rp, 'globalTableName')) AS request_table
  FROM events);

CREATE TABLE expected (service VARCHAR, event_source VARCHAR, event_name VARCHAR, table_name VARCHAR, event_time TIMESTAMP, op VARCHAR);

-- One item, a set of items or a stream: one touch.
INSERT INTO expected
SELECT service, event_source, event_name, one_table, event_time, CASE event_name
    WHEN 'GetItem' THEN 'READ_POINT' WHEN 'PutItem' THEN 'WRITE_ITEM' WHEN 'UpdateItem' THEN 'WRITE_ITEM' WHEN 'DeleteItem' THEN 'DELETE_ITEM'
    WHEN 'Query' THEN 'READ_RANGE' WHEN 'SearchVectors' THEN 'READ_RANGE' WHEN 'Scan' THEN 'READ_BULK' ELSE 'READ_STREAM' END
FROM named
WHERE service = 'dynamodb' AND NOT insight
  AND event_name IN ('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'SearchVectors', 'Scan', 'GetRecords', 'GetShardIterator');

-- Batches and transactions: a list of keys, or of actions, or a map of either by
-- table. One touch per key.
CREATE TABLE calls AS
SELECT *, coalesce(member(rp, 'requestItems'), member(rp, 'transactItems')) AS items
FROM named
WHERE service = 'dynamodb' AND NOT insight AND event_name IN ('BatchGetItem', 'BatchWriteItem', 'TransactGetItems', 'TransactWriteItems');

CREATE TABLE actions AS
WITH listed AS (
  SELECT service, event_source, event_name, event_time, NULL::VARCHAR AS by_table, unnest(elements(items)) AS e
  FROM calls WHERE json_type(items) = 'ARRAY'
), mapped AS (
  SELECT * REPLACE (json_extract(items, '$."' || by_table || '"') AS items)
  FROM (SELECT *, unnest(json_keys(items)) AS by_table FROM calls WHERE json_type(items) = 'OBJECT')
), flat AS (
  FROM listed
  UNION ALL SELECT service, event_source, event_name, event_time, by_table, unnest(elements(items)) FROM mapped WHERE json_type(items) = 'ARRAY'
  UNION ALL SELECT service, event_source, event_name, event_time, by_table, items FROM mapped WHERE json_type(items) = 'OBJECT'
), unwrapped AS (  -- {"Put": {...}} and {"putRequest": {...}} name the operation outside
  SELECT *, CASE WHEN len(json_keys(e)) = 1 AND lower(json_keys(e)[1]) IN ('get', 'put', 'update', 'delete', 'conditioncheck', 'putrequest', 'deleterequest')
    THEN json_keys(e)[1] END AS wrapper
  FROM flat
)
SELECT service, event_source, event_name, event_time,
  table_name_of(coalesce(by_table, word(a, 'tableName'))) AS table_name,
  lower(coalesce(word(a, 'operation'), wrapper, CASE event_name WHEN 'BatchGetItem' THEN 'get' WHEN 'TransactGetItems' THEN 'get' ELSE 'put' END)) AS operation,
  coalesce(len(elements(member(a, 'keys'))), 1) AS n
FROM (SELECT *, coalesce(json_extract(e, '$."' || wrapper || '"'), e) AS a FROM unwrapped);

INSERT INTO expected
SELECT service, event_source, event_name, table_name, event_time,
  CASE WHEN operation LIKE 'delete%' THEN 'DELETE_ITEM' WHEN operation IN ('get', 'conditioncheck') THEN 'READ_POINT' ELSE 'WRITE_ITEM' END
FROM (SELECT *, unnest(range(n)) FROM actions);

-- Calls whose parameters were left out, or cannot be read: one touch per table
-- that resources names.
INSERT INTO expected
SELECT service, event_source, event_name, unnest(all_tables), event_time,
  CASE event_name WHEN 'BatchGetItem' THEN 'READ_POINT' WHEN 'TransactGetItems' THEN 'READ_POINT' ELSE 'WRITE_ITEM' END
FROM calls WHERE coalesce(len(elements(items)), 0) = 0 AND coalesce(len(json_keys(items)), 0) = 0;

-- PartiQL: one touch per statement; the verb says what it does.
CREATE TABLE statements AS
WITH lists AS (
  SELECT *, coalesce(member(rp, 'requestItems'), member(rp, 'transactStatements'), member(rp, 'statements')) AS items
  FROM named
  WHERE service = 'dynamodb' AND NOT insight AND event_name IN ('ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction')
), flat AS (
  SELECT service, event_source, event_name, event_time, one_table, word(rp, 'statement') AS statement FROM lists WHERE items IS NULL
  UNION ALL
  SELECT service, event_source, event_name, event_time, one_table, CASE json_type(e) WHEN 'OBJECT' THEN word(e, 'statement') ELSE json_extract_string(e, '$') END
  FROM (SELECT *, unnest(elements(items)) AS e FROM lists WHERE items IS NOT NULL)
)
SELECT *, upper(regexp_extract(trim(statement), '^[A-Za-z]+')) AS verb,
  nullif(regexp_extract(statement, '(?i)\b(?:from|into|update)\s+"?([A-Za-z0-9_.-]+)"?', 1), '') AS named_table
FROM flat;

INSERT INTO expected
SELECT service, event_source, event_name, coalesce(named_table, one_table), event_time, CASE
    WHEN verb = 'SELECT' AND regexp_matches(statement, '(?i)\bwhere\b.*[^<>!]=\s*(''|\?|[0-9-])') AND NOT regexp_matches(statement, '(?i)\bor\b') THEN 'READ_RANGE'
    WHEN verb = 'SELECT' THEN 'READ_BULK'
    WHEN verb = 'EXISTS' THEN 'READ_POINT'
    WHEN verb = 'DELETE' THEN 'DELETE_ITEM'
    WHEN verb IN ('INSERT', 'UPDATE') THEN 'WRITE_ITEM'
    ELSE 'OTHER' END
FROM statements;

-- The control plane of DynamoDB, and DAX. A restore touches its source too.
INSERT INTO expected
SELECT service, event_source, event_name, unnest(all_tables), event_time, NULL
FROM named
WHERE service IN ('dynamodb', 'dax') AND NOT insight
  AND event_name NOT IN ('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'SearchVectors', 'Scan', 'GetRecords', 'GetShardIterator',
    'BatchGetItem', 'BatchWriteItem', 'TransactGetItems', 'TransactWriteItems', 'ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction');

INSERT INTO expected
SELECT service, event_source, event_name, source, event_time, NULL
FROM (SELECT *, coalesce(arn_table(word(rp, 'sourceTableArn')), word(rp, 'sourceTableName'), arn_table(word(rp, 'backupArn')),
        list_filter(resource_tables, x -> x <> one_table)[1]) AS source FROM named)
WHERE service = 'dynamodb' AND event_name LIKE 'RestoreTable%' AND source IS NOT NULL;

-- Insights about DynamoDB name no table.
INSERT INTO expected
SELECT service, event_source, event_name, NULL, event_time, 'INSIGHT' FROM named WHERE insight AND service IN ('dynamodb', 'dax');

-- KMS calls made for DynamoDB, changes of keys, and grants that no service gave itself.
INSERT INTO expected
SELECT service, event_source, event_name, context_table, event_time, 'KEY'
FROM (SELECT *, coalesce(
    rp->>'$.encryptionContext."aws:dynamodb:tableName"',
    rp->>'$.constraints.encryptionContextSubset."aws:dynamodb:tableName"',
    rp->>'$.constraints.encryptionContextEquals."aws:dynamodb:tableName"') AS context_table FROM named)
WHERE service = 'kms' AND (context_table IS NOT NULL
    OR split_part(r->>'$.userIdentity.invokedBy', '.', 1) = 'dynamodb' OR split_part(r->>'sourceIPAddress', '.', 1) = 'dynamodb'
    OR split_part(rp->>'granteePrincipal', '.', 1) = 'dynamodb' OR split_part(rp->>'retiringPrincipal', '.', 1) = 'dynamodb'
    OR event_name IN ('DisableKey', 'ScheduleKeyDeletion', 'DeleteImportedKeyMaterial', 'PutKeyPolicy', 'DisableKeyRotation')
    OR event_name = 'CreateGrant' AND (r->>'$.userIdentity.invokedBy') IS NULL);

-- Auto scaling of a table or of one of its indexes.
INSERT INTO expected
SELECT service, event_source, event_name, table_name, event_time, NULL
FROM (SELECT *, nullif(regexp_extract(unnest(coalesce(elements(rp->'resourceIds'), [rp->'resourceId']))->>'$', '^table/([^/]+)', 1), '') AS table_name FROM named
  WHERE service IN ('autoscaling', 'application-autoscaling'))
WHERE lower(coalesce(rp->>'serviceNamespace', '')) = 'dynamodb' OR table_name IS NOT NULL;

-- Backup and Config calls that name a table.
INSERT INTO expected
SELECT DISTINCT ON (r::VARCHAR, table_name) service, event_source, event_name, table_name, event_time, NULL
FROM (SELECT *, arn_table(unnest(regexp_extract_all(concat_ws(' ', rp::VARCHAR, (r->'responseElements')::VARCHAR, (r->'serviceEventDetails')::VARCHAR, (r->'resources')::VARCHAR),
    'arn:[^:"]*:dynamodb:[^:"]*:[^:"]*:(?:global-)?table/[^/"|\s]+'))) AS table_name FROM named WHERE service = 'backup')
WHERE table_name IS NOT NULL;

INSERT INTO expected
SELECT service, event_source, event_name, table_name_of(e->>'complianceResourceId'), event_time, 'EVALUATE'
FROM (SELECT *, unnest(elements(rp->'evaluations')) AS e FROM named WHERE service = 'config')
WHERE (e->>'complianceResourceType') = 'AWS::DynamoDB::Table';

INSERT INTO expected
SELECT service, event_source, event_name, table_name_of(coalesce(k->>'resourceId', k->>'resourceName')), event_time, NULL
FROM (SELECT *, unnest(list_concat([rp], coalesce(elements(rp->'resourceKeys'), []))) AS k FROM named WHERE service = 'config')
WHERE (k->>'resourceType') = 'AWS::DynamoDB::Table' AND coalesce(k->>'resourceId', k->>'resourceName') IS NOT NULL;

INSERT INTO expected
SELECT service, event_source, event_name, coalesce(arn_table(rp::VARCHAR), rp->>'$.externalEvaluation.complianceResourceId'), event_time, NULL
FROM named
WHERE service = 'config' AND (rp->'evaluations') IS NULL
  AND (arn_table(rp::VARCHAR) IS NOT NULL OR (rp->>'$.externalEvaluation.complianceResourceType') = 'AWS::DynamoDB::Table');

-- Sessions that were given, and sign-ins: who may be behind a call.
INSERT INTO expected
SELECT service, event_source, event_name, NULL, event_time, 'SESSION' FROM named
WHERE service IN ('sts', 'signin', 'sso') AND event_name IN ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'AssumeRoot',
  'GetFederationToken', 'GetSessionToken', 'ConsoleLogin', 'SwitchRole', 'RenewRole', 'GetSigninToken', 'GetRoleCredentials', 'Federate');

-- What is done to the log and to what else keeps watch.
INSERT INTO expected
SELECT service, event_source, event_name, NULL, event_time, 'AUDIT' FROM named
WHERE service = 'cloudtrail' AND event_name IN ('CreateTrail', 'UpdateTrail', 'DeleteTrail', 'StartLogging', 'StopLogging', 'PutEventSelectors', 'PutInsightSelectors',
    'CreateEventDataStore', 'UpdateEventDataStore', 'DeleteEventDataStore', 'RestoreEventDataStore', 'StartEventDataStoreIngestion', 'StopEventDataStoreIngestion')
  OR service = 'config' AND event_name IN ('PutConfigurationRecorder', 'StopConfigurationRecorder', 'DeleteConfigurationRecorder',
    'DeleteDeliveryChannel', 'DeleteConfigRule', 'DeleteConformancePack')
  OR service = 'guardduty' AND event_name IN ('DeleteDetector', 'UpdateDetector')
  OR service = 's3' AND event_name IN ('PutObject', 'DeleteObject') AND (rp->>'key') LIKE '%AWSLogs/%/CloudTrail%'
    AND coalesce(r->>'$.userIdentity.invokedBy', '') <> 'cloudtrail.amazonaws.com';

-- Settings of buckets, vaults without a table, what identities may do.
INSERT INTO expected
SELECT service, event_source, event_name, NULL, event_time, CASE service WHEN 's3' THEN 'OTHER' WHEN 'iam' THEN 'GRANT' END FROM named
WHERE service = 's3' AND (event_name LIKE 'DeleteBucket%' OR event_name IN ('DeleteObjects', 'PutBucketLifecycle', 'PutBucketLifecycleConfiguration', 'PutBucketPolicy',
    'PutBucketVersioning', 'PutBucketReplication', 'PutBucketObjectLockConfiguration', 'PutObjectLockConfiguration'))
  OR service = 'backup' AND event_name IN ('DeleteBackupVault', 'DeleteBackupVaultLockConfiguration')
  OR service = 'iam' AND event_name IN ('PutRolePolicy', 'PutUserPolicy', 'PutGroupPolicy', 'CreatePolicyVersion', 'AttachRolePolicy', 'AttachUserPolicy', 'AttachGroupPolicy');

-- Tables that other services are let into, or tag.
INSERT INTO expected
SELECT service, event_source, event_name, table_name, event_time, CASE service WHEN 'tagging' THEN 'TAG' ELSE 'SHARE' END
FROM (SELECT *, arn_table(unnest(CASE service WHEN 'lambda' THEN [rp->>'eventSourceArn'] WHEN 'tagging' THEN (rp->'resourceARNList')::VARCHAR[] ELSE [rp->>'sourceArn'] END)) AS table_name
  FROM named
  WHERE service = 'lambda' AND event_name LIKE 'CreateEventSourceMapping%' OR service IN ('glue', 'redshift') AND event_name = 'CreateIntegration'
    OR service = 'tagging' AND event_name IN ('TagResources', 'UntagResources'))
WHERE table_name IS NOT NULL;
