DROP INDEX files_todo;
