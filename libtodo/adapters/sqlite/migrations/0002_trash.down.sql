-- loses: todos in the trash
-- if: SELECT count(*) FROM todos WHERE deleted_at IS NOT NULL
DELETE FROM todos WHERE deleted_at IS NOT NULL;
DROP INDEX todos_by_created_at;
DROP INDEX todos_by_updated_at;
DROP INDEX todos_by_deleted_at;
ALTER TABLE todos DROP COLUMN deleted_at;
CREATE INDEX todos_by_created_at ON todos (user_id, completed, created_at, id);
CREATE INDEX todos_by_updated_at ON todos (user_id, completed, updated_at, id);
