-- The trash: when a todo was removed. Null: it was not.
ALTER TABLE todos ADD COLUMN IF NOT EXISTS deleted_at timestamptz;

-- The order of lists again, now with the trash apart from the rest: a list of either is a range, however large the other
-- is. Not partial indexes: the cascade of a removed user finds all of their todos by this one. A change that leaves
-- deleted_at alone touches no index, as before.
CREATE INDEX IF NOT EXISTS todos_user_trash_created ON todos (user_id, (deleted_at IS NOT NULL), created_at, id);
DROP INDEX IF EXISTS todos_user_created;

-- What a purge looks for. Partial: whatever is not in the trash costs it nothing.
CREATE INDEX IF NOT EXISTS todos_deleted ON todos (deleted_at) WHERE deleted_at IS NOT NULL;
