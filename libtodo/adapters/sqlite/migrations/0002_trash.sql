-- The trash: when a todo was removed. NULL: it was not.
ALTER TABLE todos ADD COLUMN deleted_at INTEGER;

-- The orders of lists again, now with the trash apart from the rest: a list of either is a range, however large the other
-- is. Not partial indexes: the cascade of a removed user finds all of their todos by the same ones.
DROP INDEX todos_by_created_at;
DROP INDEX todos_by_updated_at;
CREATE INDEX todos_by_created_at ON todos (user_id, (deleted_at IS NOT NULL), completed, created_at, id);
CREATE INDEX todos_by_updated_at ON todos (user_id, (deleted_at IS NOT NULL), completed, updated_at, id);

-- What a purge looks for. Partial: whatever is not in the trash costs it nothing.
CREATE INDEX todos_by_deleted_at ON todos (deleted_at) WHERE deleted_at IS NOT NULL;
