\echo Use "CREATE EXTENSION pgfast_shop" to load this file. \quit

-- Rows that the extension ships have is_builtin; only the user's own belong into a dump.
CREATE TABLE setting (
    name text PRIMARY KEY,
    value text,
    is_builtin boolean NOT NULL DEFAULT false
);
INSERT INTO setting VALUES ('currency', 'EUR', true), ('tax_percent', '19', true);
SELECT pg_catalog.pg_extension_config_dump('setting', 'WHERE NOT is_builtin');

-- Wholly the user's: dumped without a condition, its sequence too, and its rows need those of "setting".
CREATE TABLE override (
    id serial PRIMARY KEY,
    setting_name text NOT NULL REFERENCES setting,
    country char(2) NOT NULL,
    value text
);
SELECT pg_catalog.pg_extension_config_dump('override', '');
SELECT pg_catalog.pg_extension_config_dump('override_id_seq', '');

-- Not marked: its rows come with the extension and never belong into a dump.
CREATE TABLE country (code char(2) PRIMARY KEY, name text NOT NULL);
INSERT INTO country VALUES ('DE', 'Germany'), ('FR', 'France'), ('JP', 'Japan');

CREATE FUNCTION setting_value(setting_name text, country_code char(2)) RETURNS text
    LANGUAGE sql STABLE
    AS $$ SELECT coalesce((SELECT o.value FROM @extschema@.override o
                            WHERE o.setting_name = $1 AND o.country = $2),
                          (SELECT s.value FROM @extschema@.setting s WHERE s.name = $1)) $$;
