-- Compressed bytes by column; page headers and dictionaries are the column's.
CREATE MACRO chunks(dir) AS TABLE
SELECT split_part(path_in_schema, ',', 1) AS name, sum(total_compressed_size) AS bytes,
  string_agg(DISTINCT replace(replace(encodings::VARCHAR, 'RLE_DICTIONARY', 'DICT'), 'PLAIN_DICTIONARY', 'DICT'), ' / ') AS enc
FROM parquet_metadata(dir) GROUP BY 1;
CREATE MACRO other(dir) AS TABLE
SELECT '(Bloom filters)' AS name, coalesce(sum(bloom_filter_length), 0) AS bytes, '' AS enc FROM parquet_metadata(dir)
UNION ALL
SELECT '(footers and page indexes)', (SELECT sum(file_size_bytes) FROM parquet_file_metadata(dir)) - sum(total_compressed_size) - coalesce(sum(bloom_filter_length), 0), '' FROM parquet_metadata(dir)
UNION ALL
SELECT '(all columns)', sum(total_compressed_size), '' FROM parquet_metadata(dir);
CREATE MACRO parts(dir) AS TABLE FROM chunks(dir) UNION ALL FROM other(dir);
SELECT name, coalesce(a.bytes, 0)::BIGINT AS ours, coalesce(b.bytes, 0)::BIGINT AS v1, coalesce(c.bytes, 0)::BIGINT AS v2, coalesce(a.enc, '') AS enc, coalesce(b.enc, '') AS enc1
FROM parts('{{ours}}') AS a FULL JOIN parts('{{v1}}') AS b USING (name) FULL JOIN parts('{{v2}}') AS c USING (name)
ORDER BY ours DESC, name
