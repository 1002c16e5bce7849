-- loses: users, todos and files
-- if: SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM todos) + (SELECT count(*) FROM files)
DROP TABLE files;
DROP TABLE todos;
DROP TABLE users;
