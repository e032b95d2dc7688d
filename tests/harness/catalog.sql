-- What the catalogs hold of the user's objects, as lines of names.  Columns that only some majors have are read through
-- to_jsonb(), which gives null where they are missing.

CREATE FUNCTION pg_temp.acl(items aclitem[], kind "char", owner oid) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(pg_catalog.string_agg(item::text, ',' ORDER BY item::text COLLATE "C"), 'nobody')
      FROM pg_catalog.unnest(coalesce(items, pg_catalog.acldefault(kind, owner))) item $$;

CREATE FUNCTION pg_temp.sorted(words text[]) RETURNS text LANGUAGE sql AS $$
    SELECT pg_catalog.string_agg(word, ',' ORDER BY word COLLATE "C") FROM pg_catalog.unnest(words) word $$;

CREATE FUNCTION pg_temp.identity(classid oid, objid oid, subid int) RETURNS text LANGUAGE sql AS $$
    SELECT type || ' ' || identity FROM pg_catalog.pg_identify_object(classid, objid, subid) $$;

CREATE TEMP VIEW user_namespace AS
    SELECT * FROM pg_catalog.pg_namespace
     WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_(toast|temp)';

CREATE TEMP VIEW user_class AS
    SELECT c.* FROM pg_catalog.pg_class c JOIN pg_temp.user_namespace n ON n.oid = c.relnamespace;

-- Schemas, relations, columns.

SELECT 'schema', nspname, nspowner::regrole, pg_temp.acl(nspacl, 'n', nspowner) FROM pg_temp.user_namespace;

SELECT 'relation', c.oid::regclass, relkind, relowner::regrole, pg_temp.acl(relacl, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner),
       relpersistence, (SELECT amname FROM pg_catalog.pg_am a WHERE a.oid = relam), pg_temp.sorted(reloptions),
       relrowsecurity, relforcerowsecurity, relreplident, relispopulated, nullif(reloftype, 0)::regtype,
       (SELECT spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = reltablespace),
       (SELECT pg_temp.sorted(t.reloptions) FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid),
       CASE WHEN relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END, pg_catalog.pg_get_expr(relpartbound, c.oid)
  FROM pg_temp.user_class c WHERE relkind <> 'i' AND relkind <> 'I';

SELECT 'view', oid::regclass, pg_catalog.md5(pg_catalog.pg_get_viewdef(oid)) FROM pg_temp.user_class WHERE relkind IN ('v', 'm');

SELECT 'column', a.attrelid::regclass, attname, pg_catalog.format_type(atttypid, atttypmod), attnotnull,
       pg_catalog.pg_get_expr(adbin, adrelid), attidentity, attgenerated, attstorage,
       nullif(attcollation, 0)::regcollation, pg_catalog.to_jsonb(a) ->> 'attcompression',
       nullif(pg_catalog.to_jsonb(a) ->> 'attstattarget', '-1'), pg_temp.acl(attacl, 'c', c.relowner),
       -- Minor releases since November 2026 number a column's making in pg_attver; pg_dump passes over it.
       pg_temp.sorted(ARRAY(SELECT o FROM pg_catalog.unnest(attoptions) o WHERE o NOT LIKE 'pg\_attver=%')),
       pg_temp.sorted(attfdwoptions), attislocal, attinhcount,
       -- A child's columns may rightly come back in another order.
       CASE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = a.attrelid)
            THEN pg_catalog.row_number() OVER (PARTITION BY a.attrelid ORDER BY attnum) END
  FROM pg_catalog.pg_attribute a JOIN pg_temp.user_class c ON c.oid = a.attrelid
  LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c');

SELECT 'inherits', inhrelid::regclass, inhparent::regclass, inhseqno, pg_catalog.to_jsonb(i) ->> 'inhdetachpending'
  FROM pg_catalog.pg_inherits i;

SELECT 'sequence', seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle,
       (SELECT pg_temp.identity(refclassid, refobjid, refobjsubid) || ' ' || deptype::text FROM pg_catalog.pg_depend
         WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = seqrelid AND deptype IN ('a', 'i'))
  FROM pg_catalog.pg_sequence;

-- What hangs on relations.

SELECT 'constraint', coalesce(nullif(conrelid, 0)::regclass::text, nullif(contypid, 0)::regtype::text), conname, contype,
       pg_catalog.pg_get_constraintdef(oid), convalidated, condeferrable, condeferred, conislocal, coninhcount,
       -- Means something for these only; for a key it tells how the key came onto a partition.
       CASE WHEN contype IN ('c', 'n') THEN connoinherit END
  FROM pg_catalog.pg_constraint WHERE connamespace IN (SELECT oid FROM pg_temp.user_namespace);

SELECT 'index', indrelid::regclass, pg_catalog.pg_get_indexdef(indexrelid), indisunique, indisprimary, indisvalid,
       indisclustered, indisreplident, pg_temp.sorted(c.reloptions),
       (SELECT pg_catalog.string_agg(attname || '=' || attstattarget, ',' ORDER BY attnum) FROM pg_catalog.pg_attribute
         WHERE attrelid = indexrelid AND attstattarget >= 0),
       (SELECT spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = reltablespace)
  FROM pg_catalog.pg_index JOIN pg_temp.user_class c ON c.oid = indexrelid;

SELECT 'trigger', tgrelid::regclass, tgname, pg_catalog.md5(pg_catalog.pg_get_triggerdef(oid)), tgenabled, tgparentid <> 0
  FROM pg_catalog.pg_trigger WHERE NOT tgisinternal;

SELECT 'policy', polrelid::regclass, polname, polcmd, polpermissive, pg_temp.sorted(polroles::regrole[]::text[]),
       pg_catalog.pg_get_expr(polqual, polrelid), pg_catalog.pg_get_expr(polwithcheck, polrelid)
  FROM pg_catalog.pg_policy;

SELECT 'rule', ev_class::regclass, rulename, pg_catalog.md5(pg_catalog.pg_get_ruledef(r.oid)), ev_enabled
  FROM pg_catalog.pg_rewrite r JOIN pg_temp.user_class c ON c.oid = ev_class;

SELECT 'statistics', pg_catalog.pg_get_statisticsobjdef(oid), stxowner::regrole, pg_catalog.to_jsonb(s) ->> 'stxstattarget'
  FROM pg_catalog.pg_statistic_ext s;

-- Types and routines.

-- A restored multirange belongs to whoever restores: pg_dump sets the owner of the range, and the server leaves its
-- multirange (and that one's array) alone.
SELECT 'type', oid::regtype, typtype, CASE WHEN NOT is_multirange THEN typowner::regrole END,
       CASE WHEN NOT is_multirange THEN pg_temp.acl(typacl, 'T', typowner) END, nullif(typbasetype, 0)::regtype,
       typnotnull, typdefault, nullif(typcollation, 0)::regcollation, typcategory, typdelim, typstorage, typalign, typisdefined
  FROM pg_catalog.pg_type t,
       LATERAL (SELECT EXISTS (SELECT FROM pg_catalog.pg_type m WHERE m.oid IN (t.oid, t.typelem) AND m.typtype = 'm'))
               AS kind (is_multirange)
 WHERE typnamespace IN (SELECT oid FROM pg_temp.user_namespace);

SELECT 'enum', enumtypid::regtype, pg_catalog.quote_literal(enumlabel),
       pg_catalog.row_number() OVER (PARTITION BY enumtypid ORDER BY enumsortorder)
  FROM pg_catalog.pg_enum;

SELECT 'range', rngtypid::regtype, rngsubtype::regtype, nullif(rngcollation, 0)::regcollation, rngcanonical, rngsubdiff,
       (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::oid::regtype
  FROM pg_catalog.pg_range r WHERE rngtypid >= 16384;

SELECT 'routine', oid::regprocedure, prokind, proowner::regrole, pg_temp.acl(proacl, 'f', proowner),
       CASE WHEN prokind <> 'a' THEN pg_catalog.md5(pg_catalog.pg_get_functiondef(oid)) END
  FROM pg_catalog.pg_proc WHERE pronamespace IN (SELECT oid FROM pg_temp.user_namespace);

SELECT 'aggregate', aggfnoid::regprocedure, aggkind, aggnumdirectargs, aggtransfn, aggfinalfn, aggcombinefn, aggserialfn,
       aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn, nullif(aggsortop, 0)::regoperator, aggtranstype::regtype,
       agginitval, aggminitval
  FROM pg_catalog.pg_aggregate WHERE aggfnoid >= 16384;

SELECT 'operator', oid::regoperator, oprowner::regrole, oprcode, nullif(oprcom, 0)::regoperator,
       nullif(oprnegate, 0)::regoperator, oprrest, oprjoin, oprcanmerge, oprcanhash
  FROM pg_catalog.pg_operator WHERE oid >= 16384;

SELECT 'cast', castsource::regtype, casttarget::regtype, nullif(castfunc, 0)::regprocedure, castcontext, castmethod
  FROM pg_catalog.pg_cast WHERE oid >= 16384;

-- Whatever has little more than a name: the identity says all of it, with an owner where there is one.

SELECT 'object', pg_temp.identity(classid, objid, 0), owner
  FROM (SELECT tableoid, oid, opcowner::regrole FROM pg_catalog.pg_opclass
        UNION ALL SELECT tableoid, oid, opfowner::regrole FROM pg_catalog.pg_opfamily
        UNION ALL SELECT tableoid, oid, NULL FROM pg_catalog.pg_amop
        UNION ALL SELECT tableoid, oid, NULL FROM pg_catalog.pg_amproc
        UNION ALL SELECT tableoid, oid, NULL FROM pg_catalog.pg_am
        UNION ALL SELECT tableoid, oid, collowner::regrole FROM pg_catalog.pg_collation
        UNION ALL SELECT tableoid, oid, conowner::regrole FROM pg_catalog.pg_conversion
        UNION ALL SELECT tableoid, oid, lanowner::regrole FROM pg_catalog.pg_language
        UNION ALL SELECT tableoid, oid, cfgowner::regrole FROM pg_catalog.pg_ts_config
        UNION ALL SELECT tableoid, oid, dictowner::regrole FROM pg_catalog.pg_ts_dict
        UNION ALL SELECT tableoid, oid, NULL FROM pg_catalog.pg_ts_parser
        UNION ALL SELECT tableoid, oid, NULL FROM pg_catalog.pg_ts_template
        UNION ALL SELECT tableoid, oid, NULL FROM pg_catalog.pg_transform) AS named (classid, objid, owner)
 WHERE objid >= 16384;

SELECT 'text search mapping', mapcfg::regconfig, maptokentype, mapseqno, mapdict::regdictionary
  FROM pg_catalog.pg_ts_config_map WHERE mapcfg >= 16384;

SELECT 'dictionary options', oid::regdictionary, dictinitoption FROM pg_catalog.pg_ts_dict WHERE oid >= 16384;

-- Things of the database as a whole.

SELECT 'extension', extname, extversion, extowner::regrole, extnamespace::regnamespace,
       (SELECT pg_catalog.string_agg(coalesce(configured.oid::regclass::text, '?') || ':' || configured.condition, ','
                                     ORDER BY configured.oid::regclass::text COLLATE "C")
          FROM ROWS FROM (pg_catalog.unnest(extconfig), pg_catalog.unnest(extcondition)) AS configured (oid, condition))
  FROM pg_catalog.pg_extension;

SELECT 'extension member', pg_temp.identity(refclassid, refobjid, 0), pg_temp.identity(classid, objid, 0)
  FROM pg_catalog.pg_depend WHERE deptype = 'e' AND objid >= 16384;

SELECT 'event trigger', evtname, evtevent, evtowner::regrole, evtfoid::regprocedure, evtenabled, pg_temp.sorted(evttags)
  FROM pg_catalog.pg_event_trigger;

SELECT 'foreign data wrapper', fdwname, fdwowner::regrole, nullif(fdwhandler, 0)::regprocedure,
       nullif(fdwvalidator, 0)::regprocedure, pg_temp.acl(fdwacl, 'F', fdwowner), pg_temp.sorted(fdwoptions)
  FROM pg_catalog.pg_foreign_data_wrapper;

SELECT 'foreign server', srvname, srvowner::regrole, srvtype, srvversion, pg_temp.acl(srvacl, 'S', srvowner), pg_temp.sorted(srvoptions)
  FROM pg_catalog.pg_foreign_server;

SELECT 'foreign table', ftrelid::regclass, srvname, pg_temp.sorted(ftoptions)
  FROM pg_catalog.pg_foreign_table JOIN pg_catalog.pg_foreign_server s ON s.oid = ftserver;

SELECT 'user mapping', usename, srvname, pg_temp.sorted(umoptions) FROM pg_catalog.pg_user_mappings;

SELECT 'publication', pubname, pubowner::regrole, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot
  FROM pg_catalog.pg_publication;

SELECT 'published table', pubname, prrelid::regclass
  FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = prpubid;

SELECT 'published', pubname, schemaname, tablename, pg_catalog.to_jsonb(t) ->> 'attnames', pg_catalog.to_jsonb(t) ->> 'rowfilter'
  FROM pg_catalog.pg_publication_tables t;

SELECT 'subscription', subname, subowner::regrole, subenabled, subconninfo, subslotname, subsynccommit, pg_temp.sorted(subpublications)
  FROM pg_catalog.pg_subscription WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database());

SELECT 'default privileges', defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace, defaclobjtype,
       pg_temp.sorted(defaclacl::text[])
  FROM pg_catalog.pg_default_acl;

SELECT 'comment', pg_temp.identity(classoid, objoid, objsubid), pg_catalog.quote_literal(pg_catalog.left(description, 200)),
       pg_catalog.md5(description)
  FROM pg_catalog.pg_description WHERE objoid >= 16384 OR classoid = 'pg_catalog.pg_namespace'::regclass;

SELECT 'security label', pg_temp.identity(classoid, objoid, objsubid), provider, label FROM pg_catalog.pg_seclabel;

SELECT 'language', lanname, lanpltrusted, pg_temp.acl(lanacl, 'l', lanowner) FROM pg_catalog.pg_language;
