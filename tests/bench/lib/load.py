"""The data that the core's benchmark runs on: 1,000 users with 20 todos each, and one with 1,000."""

USERS = 1000
TODOS_EACH = 20
TODOS_OF_ONE = 1000



def sql(user_id, todo_id):
    """The statements that load it, given SQL for the id of user n and of that user's todo i (made at a time)."""
    return f"""
begin;
insert into users (id, email, display_name, password_hash, created_at)
select {user_id}, 'user' || n || '@example.org', 'User ' || n, '!', now()
from generate_series(0, {USERS}) n;

insert into todos (id, user_id, title, description, completed, created_at, updated_at)
select {todo_id}, {user_id}, 'Todo ' || i || ' of user ' || n, 'A description of some forty characters or so',
       i % 3 = 0, made, made
from (select n, i, md5(n || '/' || i) as hash, now() - interval '1 day' + (n + i * {USERS}) * interval '1 ms' as made
      from generate_series(0, {USERS}) n,
           generate_series(1, case when n = 0 then {TODOS_OF_ONE} else {TODOS_EACH} end) i) t;
commit;
vacuum analyze users;
vacuum analyze todos;
"""


# The core's own index has the trash, of which others know nothing, in front of the order: they get one without.
CONTRACT_INDEX = """
create index todos_user_created on todos (user_id, created_at, id);
drop index todos_user_trash_created;
analyze todos;
"""

# Ids laid out as UUIDv7 are: time first, so that the index has the locality of real use.
LOAD = sql("md5('user' || n)::uuid",
           "(lpad(to_hex((extract(epoch from made) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8' ||"
           " substr(hash, 4, 15))::uuid")

# For pgbench, which knows numbers only: ids that a statement can make of one.
NUMBERED = "lpad(to_hex({}), 32, '0')::uuid"
LOAD_NUMBERED = sql(NUMBERED.format("n"), NUMBERED.format("n * 10000 + i"))

# What the library's own schema counts of it (docs/internals/sequence.md).
COUNTERS = """
update todos t set modseq = n.number
from (select user_id, id, row_number() over (partition by user_id order by updated_at, id) as number from todos) n
where t.user_id = n.user_id and t.id = n.id;
insert into user_sequences (user_id, epoch, modseq)
select u.id, 1, coalesce(max(t.modseq), 0) from users u left join todos t on t.user_id = u.id group by u.id;
vacuum full analyze todos;
vacuum analyze user_sequences;
"""

# Some todos, spread over users: (id, user).
SAMPLE = f"""
select id, user_id from todos where user_id <> md5('user0')::uuid order by md5(id::text) limit 2000;
"""

USER_IDS = f"select id from users where email <> 'user0@example.org' order by md5(id::text);"
BIG_USER = "select md5('user0')::uuid;"
