-- What belongs to the database itself (OB44), and the event triggers, which must come last (OB40).

SELECT format('ALTER DATABASE %I SET search_path = "$user", public, %L', current_database(), 'with, comma')
\gexec
SELECT format('ALTER DATABASE %I SET work_mem = %L', current_database(), '5MB')
\gexec
SELECT format('ALTER ROLE zoo_reader IN DATABASE %I SET DateStyle = %L', current_database(), 'German, DMY')
\gexec
SELECT format('ALTER DATABASE %I CONNECTION LIMIT 95', current_database())
\gexec
SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), E'the zoo''s\ndatabase')
\gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO zoo_reader WITH GRANT OPTION', current_database())
\gexec
SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database())
\gexec

CREATE EVENT TRIGGER "watch; ddl" ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')
    EXECUTE FUNCTION code.ignore_ddl();
CREATE EVENT TRIGGER refuses_tables ON ddl_command_start WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE INDEX')
    EXECUTE FUNCTION code.refuse_ddl();
COMMENT ON EVENT TRIGGER "watch; ddl" IS 'watches';
