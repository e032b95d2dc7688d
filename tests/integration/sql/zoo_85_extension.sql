-- OB39: an extension with configuration tables (tests/harness/extension), of which only the user's rows
-- may be dumped: filtered in "setting", all of "override", none of "country".

CREATE SCHEMA shop_settings;
CREATE EXTENSION pgfast_shop SCHEMA shop_settings;
INSERT INTO shop_settings.setting VALUES ('shape', 'round', false), (E'tab\there', E'back\\slash', false);
INSERT INTO shop_settings.override (setting_name, country, value)
SELECT (ARRAY['currency', 'shape', E'tab\there'])[1 + i % 3], 'FR', 'value ' || i FROM generate_series(1, 300) AS i;
GRANT SELECT ON shop_settings.country TO zoo_reader;
CREATE TABLE shop_settings.users_own (id integer, value text DEFAULT shop_settings.setting_value('currency', 'DE'));
INSERT INTO shop_settings.users_own VALUES (1), (2);
