-- One sequence per user (docs/decisions/0038-one-sequence-per-user.md): each change of a todo raises its user's counter, and
-- keeps the number. Existing todos are numbered in the order in which they were changed last.
CREATE TABLE user_sequences (
    user_id uuid   PRIMARY KEY,
    epoch   bigint NOT NULL,
    modseq  bigint NOT NULL DEFAULT 0,
    purged  bigint NOT NULL DEFAULT 0 -- the highest number at which a todo vanished for good
) WITH (fillfactor = 50);

ALTER TABLE todos ADD COLUMN modseq bigint NOT NULL DEFAULT 0;
UPDATE todos t SET modseq = n.number
FROM (SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY updated_at, id) AS number FROM todos) n
WHERE t.id = n.id;
INSERT INTO user_sequences (user_id, epoch, modseq)
SELECT u.id, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, coalesce(max(t.modseq), 0)
FROM users u LEFT JOIN todos t ON t.user_id = u.id GROUP BY u.id;

-- (user_id, id) is the key of all that belongs to a user, and no constraint leaves the user.
ALTER TABLE files ADD COLUMN user_id uuid;
UPDATE files f SET user_id = t.user_id FROM todos t WHERE t.id = f.todo_id;
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT conrelid::regclass AS of_table, conname FROM pg_constraint
        WHERE conrelid IN ('todos'::regclass, 'files'::regclass) AND contype IN ('p', 'f', 'u')
        ORDER BY contype = 'p'
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', item.of_table, item.conname);
    END LOOP;
END
$$;
ALTER TABLE files ALTER COLUMN user_id SET NOT NULL;
ALTER TABLE todos ADD CONSTRAINT todos_pkey PRIMARY KEY (user_id, id);
ALTER TABLE files ADD CONSTRAINT files_pkey PRIMARY KEY (user_id, id);
ALTER TABLE files ADD CONSTRAINT files_todo_fkey FOREIGN KEY (user_id, todo_id) REFERENCES todos (user_id, id)
    ON DELETE CASCADE;
DROP INDEX IF EXISTS files_todo;
CREATE INDEX files_user_todo ON files (user_id, todo_id);
