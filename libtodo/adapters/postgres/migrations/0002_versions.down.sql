-- loses: versions of todos that were changed, which begin anew
-- if: SELECT count(*) FROM todos WHERE version > 1
-- The types of the columns stay: they are those of 0001, and hold all that the former ones did.
DROP INDEX todos_user_created;
ALTER TABLE todos DROP COLUMN version;
