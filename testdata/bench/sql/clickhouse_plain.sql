-- One row per record, in any order, into one file.
INSERT INTO FUNCTION file('{{out}}/records.parquet', 'Parquet')
SELECT * FROM {{records}}
{{settings}}
