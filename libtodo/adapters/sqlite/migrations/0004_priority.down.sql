-- loses: the priorities of todos
-- if: SELECT count(*) FROM todos WHERE priority <> 0
ALTER TABLE todos DROP COLUMN priority;
