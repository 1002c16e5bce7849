-- loses: todos in the trash
-- if: SELECT count(*) FROM todos WHERE deleted_at IS NOT NULL
DELETE FROM todos WHERE deleted_at IS NOT NULL;
CREATE INDEX todos_user_created ON todos (user_id, created_at, id);
DROP INDEX todos_user_trash_created;
DROP INDEX todos_deleted;
ALTER TABLE todos DROP COLUMN deleted_at;
