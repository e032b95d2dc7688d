-- OB36: default privileges, last so that they touch nothing of the zoo itself.
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_owner GRANT SELECT ON TABLES TO zoo_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_owner GRANT USAGE ON SCHEMAS TO zoo_reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_owner IN SCHEMA security GRANT USAGE ON SEQUENCES TO zoo_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_owner IN SCHEMA security GRANT USAGE ON TYPES TO zoo_writer;
-- These must not leak into what a restore creates: it creates everything as this very role.
ALTER DEFAULT PRIVILEGES IN SCHEMA tables GRANT ALL ON TABLES TO zoo_writer;
ALTER DEFAULT PRIVILEGES IN SCHEMA tables GRANT SELECT ON SEQUENCES TO zoo_writer;
