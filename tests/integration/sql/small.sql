-- A small database with one or two of everything that options choose by: for the tests of options and of faults.

CREATE EXTENSION pgfast_shop;
INSERT INTO shop_settings.setting VALUES ('own', 'value', false);
CREATE EXTENSION hstore SCHEMA public;

CREATE SCHEMA sales;
CREATE SCHEMA stock AUTHORIZATION zoo_owner;
COMMENT ON SCHEMA stock IS 'what there is';
CREATE TYPE sales.state AS ENUM ('open', 'paid');
CREATE FUNCTION sales.doubled(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION stock.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';

CREATE TABLE sales.customers (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE sales.orders (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer integer REFERENCES sales.customers,
    state sales.state DEFAULT 'open', amount numeric CHECK (amount > 0), note text);
INSERT INTO sales.customers (name) SELECT 'customer ' || i FROM generate_series(1, 200) AS i;
INSERT INTO sales.orders (customer, amount, note)
SELECT 1 + i % 200, i, repeat(md5(i::text), 4) FROM generate_series(1, 5000) AS i;
CREATE INDEX orders_note ON sales.orders (note);
CREATE VIEW sales.open_orders AS SELECT * FROM sales.orders WHERE state = 'open';
CREATE MATERIALIZED VIEW sales.totals AS SELECT customer, sum(amount) AS total FROM sales.orders GROUP BY customer;
CREATE UNIQUE INDEX totals_key ON sales.totals (customer);
COMMENT ON TABLE sales.orders IS 'all of them';
COMMENT ON INDEX sales.orders_note IS 'by note';
GRANT SELECT ON sales.orders TO zoo_reader;
ALTER TABLE sales.orders OWNER TO zoo_owner;

CREATE TABLE stock.items (id integer PRIMARY KEY, name text);
CREATE TABLE stock.orders (id integer, item integer REFERENCES stock.items);
INSERT INTO stock.items SELECT i, 'item ' || i FROM generate_series(1, 300) AS i;
INSERT INTO stock.orders SELECT i, 1 + i % 300 FROM generate_series(1, 300) AS i;
CREATE TRIGGER touch BEFORE INSERT ON stock.orders FOR EACH ROW EXECUTE FUNCTION stock.touch();
CREATE SEQUENCE stock.numbers START 10;
SELECT nextval('stock.numbers') FROM generate_series(1, 5);
CREATE TABLE stock.parent (id integer, v text);
CREATE TABLE stock.child (w text) INHERITS (stock.parent);
INSERT INTO stock.child VALUES (1, 'v', 'w');
CREATE TABLE stock.parts (id integer, v text) PARTITION BY RANGE (id);
CREATE TABLE stock.parts_low PARTITION OF stock.parts FOR VALUES FROM (0) TO (100);
CREATE TABLE stock.parts_high PARTITION OF stock.parts FOR VALUES FROM (100) TO (200);
INSERT INTO stock.parts SELECT i, 'part ' || i FROM generate_series(0, 199) AS i;
CREATE UNLOGGED TABLE stock.scratch (id integer);
INSERT INTO stock.scratch VALUES (1), (2);

CREATE TABLE public.guarded (id integer, owner name);
ALTER TABLE public.guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON public.guarded USING (owner = current_user);
INSERT INTO public.guarded VALUES (1, 'zoo_reader'), (2, 'somebody');
CREATE PUBLICATION orders_out FOR TABLE sales.orders;
CREATE STATISTICS stock.spread ON id, item FROM stock.orders;
ALTER DEFAULT PRIVILEGES IN SCHEMA stock GRANT SELECT ON TABLES TO zoo_reader;

SELECT lo_from_bytea(1000 + i, convert_to('large object ' || i, 'UTF8')) FROM generate_series(1, 5) AS i;
ALTER LARGE OBJECT 1002 OWNER TO zoo_owner;
GRANT SELECT ON LARGE OBJECT 1003 TO zoo_reader;
COMMENT ON LARGE OBJECT 1004 IS 'the fourth';
