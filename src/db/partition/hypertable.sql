SELECT create_hypertable('{table}', by_range('{column}', INTERVAL '1 year'), create_default_indexes => false, migrate_data => true)::text;
ALTER TABLE {table} SET (timescaledb.compress, timescaledb.compress_segmentby = '{segment}', timescaledb.compress_orderby = '{column}');
SELECT add_compression_policy('{table}', INTERVAL '{days} days');
