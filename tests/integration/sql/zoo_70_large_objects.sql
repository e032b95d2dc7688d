-- OB33: large objects. 1,150 of the same owner and ACL make two groups in archives of pg_dump 17 and later.

SET search_path = public;
SELECT lo_from_bytea(100000 + i, convert_to('large object ' || i, 'UTF8')) FROM generate_series(1, 1150) AS i;
SELECT lo_create(200001);
SELECT lo_from_bytea(200002, decode(repeat(md5('one megabyte'), 32768), 'hex') || decode(repeat('00ff5c0a', 131072), 'hex'));
SELECT lo_create(200003);
SELECT lo_put(200003, 3000000, '\x616263');
SELECT lo_from_bytea(200004, E'\\134.\n');
SELECT lo_from_bytea(4294967295, 'the last oid');
ALTER LARGE OBJECT 200001 OWNER TO zoo_owner;
ALTER LARGE OBJECT 200003 OWNER TO "Zoo ""Role""; with 'quotes'";
GRANT SELECT ON LARGE OBJECT 200002, 200004 TO zoo_reader, "Zoo ""Role""; with 'quotes'";
GRANT SELECT, UPDATE ON LARGE OBJECT 200003 TO zoo_writer WITH GRANT OPTION;
-- A group of several that all carry the same grant: their ACL is one entry in the newer archives.
SELECT lo_from_bytea(300000 + i, 'granted') FROM generate_series(1, 20) AS i;
SELECT format('GRANT SELECT ON LARGE OBJECT %s TO zoo_reader, "Zoo ""Role""; with ''quotes''"', 300000 + i)
FROM generate_series(1, 20) AS i
\gexec
COMMENT ON LARGE OBJECT 100001 IS 'the first; it''s small';
CREATE TABLE points_to_objects (id integer, object oid);
INSERT INTO points_to_objects SELECT i, 100000 + i FROM generate_series(1, 1150) AS i;
