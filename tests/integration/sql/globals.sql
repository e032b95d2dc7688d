-- What the zoo needs outside its database: roles and a tablespace, once per cluster.
-- psql variable: tablespace_dir, an empty folder that belongs to the server's user.

SET client_min_messages = warning;

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['zoo_owner', 'zoo_reader', 'zoo_writer', 'zoo_grantor', 'zoo_public_owner',
                  E'Zoo "Role"; with \'quotes\'']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

SELECT format('CREATE TABLESPACE zoo_space LOCATION %L', :'tablespace_dir')
WHERE NOT EXISTS (SELECT FROM pg_tablespace WHERE spcname = 'zoo_space')
\gexec

GRANT CREATE ON TABLESPACE zoo_space TO zoo_owner;
