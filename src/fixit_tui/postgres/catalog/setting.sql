-- Settings that change an answer.
SELECT name, setting AS value FROM pg_settings WHERE name IN ('search_path', 'session_replication_role', 'default_transaction_isolation', 'max_locks_per_transaction', 'lc_messages', 'default_transaction_read_only', 'statement_timeout')
