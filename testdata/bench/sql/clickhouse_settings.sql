SETTINGS max_threads = {{threads}}, max_parsing_threads = {{threads}}, max_insert_threads = {{threads}},
  input_format_json_ignore_unknown_keys_in_named_tuple = 1, input_format_json_read_objects_as_strings = 1,
  input_format_json_read_arrays_as_strings = 1, input_format_null_as_default = 1,
  input_format_json_defaults_for_missing_elements_in_named_tuple = 1, input_format_allow_errors_num = 0,
  max_partitions_per_insert_block = 100000,
  output_format_parquet_compression_method = 'zstd', engine_file_truncate_on_insert = 1
