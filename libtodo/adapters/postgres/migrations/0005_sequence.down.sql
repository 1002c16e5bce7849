-- loses: todos and files whose ids other users have too
-- if: SELECT (SELECT count(*) - count(DISTINCT id) FROM todos) + (SELECT count(*) - count(DISTINCT id) FROM files)
DELETE FROM files f USING files o WHERE o.id = f.id AND o.user_id < f.user_id;
DELETE FROM todos t USING todos o WHERE o.id = t.id AND o.user_id < t.user_id;
ALTER TABLE files DROP CONSTRAINT files_todo_fkey, DROP CONSTRAINT files_pkey;
ALTER TABLE todos DROP CONSTRAINT todos_pkey;
DROP INDEX files_user_todo;
ALTER TABLE todos ADD CONSTRAINT todos_pkey PRIMARY KEY (id);
ALTER TABLE todos ADD CONSTRAINT todos_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE files ADD CONSTRAINT files_pkey PRIMARY KEY (id);
ALTER TABLE files ADD CONSTRAINT files_todo_id_fkey FOREIGN KEY (todo_id) REFERENCES todos (id) ON DELETE CASCADE;
CREATE INDEX files_todo ON files (todo_id);
ALTER TABLE files DROP COLUMN user_id;
ALTER TABLE todos DROP COLUMN modseq;
DROP TABLE user_sequences;
