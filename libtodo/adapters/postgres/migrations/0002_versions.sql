-- Times become timestamptz (those without a zone are UTC) and texts lose their length: the library has its own limits.
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT table_name, column_name, data_type
        FROM information_schema.columns
        WHERE table_schema = current_schema()
          AND table_name IN ('users', 'todos', 'files')
          AND data_type IN ('timestamp without time zone', 'character varying')
    LOOP
        IF item.data_type = 'character varying' THEN
            EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE text', item.table_name, item.column_name);
        ELSE
            EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE timestamptz USING %I AT TIME ZONE ''UTC''',
                           item.table_name, item.column_name, item.column_name);
        END IF;
    END LOOP;
END
$$;

-- Columns that the contract leaves open to be null, but the library does not.
UPDATE users SET created_at = now() WHERE created_at IS NULL;
UPDATE todos SET completed = coalesce(completed, false),
                 created_at = coalesce(created_at, updated_at, now()),
                 updated_at = coalesce(updated_at, created_at, now())
WHERE completed IS NULL OR created_at IS NULL OR updated_at IS NULL;
ALTER TABLE users ALTER COLUMN created_at SET NOT NULL;
ALTER TABLE todos ALTER COLUMN completed SET NOT NULL,
                  ALTER COLUMN created_at SET NOT NULL,
                  ALTER COLUMN updated_at SET NOT NULL;

-- +1 with each change: what ETag and If-Match stand on.
ALTER TABLE todos ADD COLUMN IF NOT EXISTS version bigint NOT NULL DEFAULT 1;

-- The order of lists; a page of a long one costs no more than a page of a short one.
CREATE INDEX IF NOT EXISTS todos_user_created ON todos (user_id, created_at, id);
