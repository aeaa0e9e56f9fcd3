-- Where the lake (view touches) and the trail (table expected) differ: one row per
-- table, day, service, event and operation whose counts are not the same. The
-- operation is compared where expected.sql has an opinion about it.

CREATE TABLE opinions AS SELECT event_source, event_name FROM expected GROUP BY ALL HAVING count(op) = count(*);

CREATE TABLE want AS
SELECT
  -- only what DynamoDB takes for a name becomes a directory
  CASE WHEN regexp_full_match(table_name, '[A-Za-z0-9_.-]{3,244}') AND table_name <> '__HIVE_DEFAULT_PARTITION__' THEN table_name END AS table_name,
  event_time::DATE AS day, event_source, event_name, CASE WHEN o.event_name IS NOT NULL THEN op END AS op, count(*) AS n
FROM expected LEFT JOIN opinions AS o USING (event_source, event_name)
GROUP BY ALL;

CREATE TABLE got AS
SELECT table_name, day, event_source, event_name, CASE WHEN o.event_name IS NOT NULL THEN op END AS op, count(*) AS n
FROM touches LEFT JOIN opinions AS o USING (event_source, event_name)
GROUP BY ALL;

SELECT coalesce(w.table_name, g.table_name) AS table_name, coalesce(w.day, g.day) AS day, coalesce(w.event_source, g.event_source) AS event_source,
  coalesce(w.event_name, g.event_name) AS event_name, coalesce(w.op, g.op) AS op, coalesce(w.n, 0) AS in_trail, coalesce(g.n, 0) AS in_lake
FROM want AS w FULL JOIN got AS g
  ON w.table_name IS NOT DISTINCT FROM g.table_name AND w.day = g.day AND w.event_source = g.event_source
  AND w.event_name = g.event_name AND w.op IS NOT DISTINCT FROM g.op
WHERE w.n IS DISTINCT FROM g.n
ORDER BY ALL
