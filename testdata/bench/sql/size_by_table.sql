-- Bytes of whole files, by table.
CREATE MACRO files(dir) AS TABLE
SELECT coalesce(regexp_extract(file_name, 'table_name=([^/]+)', 1), 'all files') AS name, sum(file_size_bytes) AS bytes
FROM parquet_file_metadata(dir) GROUP BY ROLLUP (regexp_extract(file_name, 'table_name=([^/]+)', 1));
SELECT name, a.bytes::BIGINT AS ours, b.bytes::BIGINT AS v1, c.bytes::BIGINT AS v2, '' AS enc, '' AS enc1
FROM files('{{ours}}') AS a JOIN files('{{v1}}') AS b USING (name) JOIN files('{{v2}}') AS c USING (name)
ORDER BY ours DESC, name
