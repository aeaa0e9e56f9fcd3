-- One row per record, as they come, into one file.
{{settings}}
{{records}}
COPY (FROM flat()) TO '{{out}}/records.parquet' (FORMAT parquet, COMPRESSION zstd);
SELECT 1
