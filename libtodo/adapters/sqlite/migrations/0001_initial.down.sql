-- loses: users and todos
-- if: SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM todos)
DROP TABLE todos;
DROP TABLE users;
