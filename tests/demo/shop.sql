-- A small shop with every common kind of object.  Variable: lines, the rows of the big table; the rest follows from it.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET synchronous_commit = off;
SELECT setseed(0.42);

-- Roles belong to the cluster and not to the database, so they are there once for both sides.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['shop_owner', 'shop_clerk', 'shop_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I', role_name);
        END IF;
    END LOOP;
END $$;

CREATE SCHEMA shop AUTHORIZATION shop_owner;
CREATE SCHEMA archive AUTHORIZATION shop_owner;
GRANT USAGE ON SCHEMA shop, archive TO shop_clerk, shop_auditor;
COMMENT ON SCHEMA shop IS 'what the shop works with';
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner IN SCHEMA shop GRANT SELECT ON TABLES TO shop_auditor;

-- An extension with configuration tables: a dump holds the user's rows of it, not those it ships.
CREATE EXTENSION pgfast_shop;
INSERT INTO shop_settings.setting VALUES ('free_shipping_from', '50'), ('greeting', E'it''s open\n"come in"');
INSERT INTO shop_settings.override (setting_name, country, value) VALUES ('tax_percent', 'FR', '20'), ('currency', 'JP', 'JPY');

SET ROLE shop_owner;
SET search_path = shop;

-- Types

CREATE TYPE order_state AS ENUM ('new', 'paid', 'sent', 'returned');
ALTER TYPE order_state ADD VALUE 'packed' BEFORE 'sent';
CREATE TYPE address AS (street text, city text, postcode varchar(12), country char(2));
CREATE TYPE price_range AS RANGE (subtype = numeric);
CREATE DOMAIN email AS text CONSTRAINT email_has_at CHECK (VALUE ~ '^[^@]+@[^@]+$');
CREATE DOMAIN positive_amount AS numeric(12, 2) DEFAULT 1 NOT NULL CHECK (VALUE > 0);
COMMENT ON TYPE order_state IS 'the life of an order';
COMMENT ON DOMAIN email IS 'good enough for a sample';

-- Functions that tables use

CREATE FUNCTION full_name(given text, family text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT family || ', ' || given $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN NEW.changed_at := now(); RETURN NEW; END $$;

-- Customers and products

CREATE TABLE customer (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 1) PRIMARY KEY,
    given text NOT NULL,
    family text NOT NULL,
    name text GENERATED ALWAYS AS (shop.full_name(given, family)) STORED,
    mail email UNIQUE,
    home address,
    tags text[] DEFAULT '{}',
    profile jsonb NOT NULL DEFAULT '{}',
    portrait bytea,
    is_active boolean NOT NULL DEFAULT true,
    recommended_by bigint REFERENCES customer ON DELETE SET NULL,
    changed_at timestamptz NOT NULL DEFAULT '2026-01-01 00:00+00'
);
INSERT INTO customer (given, family, mail, home, tags, profile, portrait, is_active, recommended_by)
SELECT (ARRAY['Ada', 'Blaise', 'Carl', 'Dorothy', 'Emmy', 'Félix', '五郎', E'O''Neil'])[1 + g % 8],
       'Family ' || md5(g::text),
       'customer' || g || '@example.org',
       ROW (g || ' Long Street', CASE g % 3 WHEN 0 THEN 'Zürich' WHEN 1 THEN NULL ELSE 'New "York"' END, to_char(g, 'FM00000'), 'DE')::address,
       ARRAY['tag' || g % 7, NULL, E'with\ttab, comma and \\ backslash'],
       jsonb_build_object('points', g % 500, 'likes', jsonb_build_array(g % 3, 'tea', NULL), 'note', repeat('n', g % 40)),
       CASE WHEN g % 10 = 0 THEN decode(repeat(md5(g::text), 8), 'hex') END,
       g % 50 <> 0,
       CASE WHEN g % 20 = 0 AND g > 20 THEN 1000 + g / 20 END
  FROM generate_series(1, :lines / 40) g;
CREATE INDEX customer_active_name ON customer (name) WHERE is_active;
CREATE INDEX customer_profile ON customer USING gin (profile);
CREATE INDEX customer_city ON customer (lower((home).city));
CREATE TRIGGER customer_touch BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION touch();
COMMENT ON TABLE customer IS E'people who buy;\nalso people who only look';
COMMENT ON COLUMN customer.tags IS 'free words';
CREATE STATISTICS customer_names (dependencies, ndistinct) ON given, family FROM customer;
ALTER TABLE customer ALTER COLUMN profile SET STATISTICS 500, ALTER COLUMN portrait SET STORAGE EXTERNAL;

CREATE TABLE category (
    id serial PRIMARY KEY,
    parent integer REFERENCES category DEFERRABLE INITIALLY DEFERRED,
    title text NOT NULL UNIQUE
);
INSERT INTO category (parent, title) SELECT nullif(g / 5, 0), 'Category ' || g FROM generate_series(1, 60) g;

CREATE SEQUENCE article_number START WITH 7000 INCREMENT BY 7 MAXVALUE 99999999 CACHE 1 CYCLE;
CREATE TABLE product (
    article integer PRIMARY KEY DEFAULT nextval('article_number'),
    category integer NOT NULL REFERENCES category,
    title text NOT NULL,
    price positive_amount,
    usual_price price_range,
    weight_g real,
    sizes integer[][],
    search tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED,
    valid tstzrange,
    CONSTRAINT price_is_sane CHECK (price < 100000)
);
ALTER SEQUENCE article_number OWNED BY product.article;
INSERT INTO product (category, title, price, usual_price, weight_g, sizes, valid)
SELECT 1 + g % 60, 'Product number ' || g || ' of many good things', 1 + (g % 900) / 7.0, price_range(1, 1 + g), g / 3.0,
       ARRAY[[g, 2], [3, 4]], tstzrange('2026-01-01 00:00+00', NULL)
  FROM generate_series(1, 2000) g;
CREATE INDEX product_search ON product USING gist (search);
CREATE INDEX product_valid ON product USING gist (valid);
ALTER SEQUENCE article_number RESTART WITH 50001;

-- The big table, and orders in partitions

CREATE TABLE customer_order (
    id bigint GENERATED BY DEFAULT AS IDENTITY,
    ordered_on date NOT NULL,
    customer bigint NOT NULL REFERENCES customer,
    state order_state NOT NULL DEFAULT 'new',
    deliver_to address,
    remark text,
    PRIMARY KEY (ordered_on, id)
) PARTITION BY RANGE (ordered_on);
CREATE TABLE customer_order_2024 PARTITION OF customer_order FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE customer_order_2025 PARTITION OF customer_order FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY HASH (id);
CREATE TABLE customer_order_2025_even PARTITION OF customer_order_2025 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE customer_order_2025_odd PARTITION OF customer_order_2025 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE customer_order_other PARTITION OF customer_order DEFAULT;
INSERT INTO customer_order (ordered_on, customer, state, remark)
SELECT date '2024-01-01' + (g % 1000), 1000 + g % (:lines / 40),
       (ARRAY['new', 'paid', 'packed', 'sent', 'returned'])[1 + g % 5]::order_state,
       CASE g % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN '\N' ELSE 'please ring twice ' || g END
  FROM generate_series(1, :lines / 10) g;
CREATE INDEX customer_order_customer ON customer_order (customer);

CREATE TABLE order_line (
    order_id bigint NOT NULL,
    line smallint NOT NULL,
    article integer NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    price numeric(12, 2) NOT NULL,
    discount double precision,
    packed_at timestamptz,
    note text
);
INSERT INTO order_line
SELECT g / 5, g % 5, 7000 + 7 * (g % 2000), 1 + g % 9, 1 + (g % 900) / 7.0, CASE WHEN g % 3 = 0 THEN 1 / (1.0 + g) END,
       timestamptz '2024-01-01 00:00+00' + g * interval '1 minute', md5(g::text) || repeat(' gift', g % 4)
  FROM generate_series(1, :lines) g;
ALTER TABLE order_line ADD PRIMARY KEY (order_id, line);
ALTER TABLE order_line ADD FOREIGN KEY (article) REFERENCES product;
CREATE INDEX order_line_article ON order_line (article, quantity) INCLUDE (price);
CREATE INDEX order_line_packed ON order_line USING brin (packed_at);

-- Inheritance, a table without columns, an unlogged one, many small ones

CREATE TABLE event (id serial, at timestamptz NOT NULL, what text);
CREATE TABLE login_event (host inet, CHECK (what = 'login')) INHERITS (event);
CREATE TABLE payment_event (amount money) INHERITS (event);
INSERT INTO event (at, what) SELECT '2026-02-01 00:00+00', 'other ' || g FROM generate_series(1, 100) g;
INSERT INTO login_event (at, what, host) SELECT '2026-02-01 00:00+00', 'login', ('10.0.0.' || g % 250)::inet FROM generate_series(1, 1000) g;
INSERT INTO payment_event (at, what, amount) SELECT '2026-02-01 00:00+00', 'payment', g::numeric::money FROM generate_series(1, 500) g;
CREATE TABLE bell ();
INSERT INTO bell DEFAULT VALUES;
INSERT INTO bell DEFAULT VALUES;
CREATE UNLOGGED TABLE basket (customer bigint, article integer);
INSERT INTO basket SELECT g, 7000 FROM generate_series(1, 200) g;
CREATE TABLE opening_hours (weekday integer, opens time, closes time, during tsrange, EXCLUDE USING gist (during WITH &&));
INSERT INTO opening_hours VALUES (1, '09:00', '18:00', '[2026-01-05 09:00,2026-01-05 18:00)');

SELECT format('CREATE TABLE archive.note_%s (id integer PRIMARY KEY, at date, body text)', g),
       format('INSERT INTO archive.note_%s SELECT i, date ''2020-01-01'' + i, repeat(''old note '', i %% 9) FROM generate_series(1, %s) i', g, g * 4)
  FROM generate_series(1, 60) g
\gexec

-- Views, a materialized view on another, functions, procedures, an aggregate, a rule

CREATE VIEW open_order WITH (security_barrier) AS
    SELECT id, ordered_on, customer FROM customer_order WHERE state <> 'sent' WITH CASCADED CHECK OPTION;
CREATE VIEW customer_spending AS
    SELECT c.id, c.name, count(o.id) AS orders FROM customer c LEFT JOIN customer_order o ON o.customer = c.id GROUP BY c.id;
CREATE MATERIALIZED VIEW article_sales AS
    SELECT article, sum(quantity) AS sold, sum(price * quantity) AS revenue FROM order_line GROUP BY article;
CREATE UNIQUE INDEX article_sales_article ON article_sales (article);
CREATE MATERIALIZED VIEW best_seller AS SELECT * FROM article_sales ORDER BY sold DESC, article LIMIT 10;
CREATE MATERIALIZED VIEW never_filled AS SELECT * FROM customer WITH NO DATA;
CREATE RULE bell_is_quiet AS ON UPDATE TO opening_hours WHERE old.weekday = 7 DO INSTEAD NOTHING;

CREATE FUNCTION revenue_of(which integer) RETURNS numeric LANGUAGE sql STABLE
    AS $$ SELECT revenue FROM shop.article_sales WHERE article = which $$;
CREATE FUNCTION "odd ""name"""(VARIADIC words text[] DEFAULT ARRAY['$$', 'it''s']) RETURNS text LANGUAGE plpgsql
    SET search_path = shop, pg_temp
    AS $body$ BEGIN RETURN array_to_string(words, $$ and $$); END $body$;
CREATE PROCEDURE close_year(year integer) LANGUAGE plpgsql SECURITY DEFINER
    AS $$ BEGIN UPDATE shop.customer_order SET state = 'sent' WHERE extract(year FROM ordered_on) = year; END $$;
CREATE AGGREGATE longest(text) (SFUNC = textcat, STYPE = text, INITCOND = '');
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq, COMMUTATOR = ===);
CREATE COLLATION shop_names FROM "C";
CREATE TEXT SEARCH CONFIGURATION shop_words (COPY = simple);

CREATE FUNCTION log_order() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO shop.event (at, what) VALUES (now(), 'an order came'); RETURN NULL; END $$;
-- Would add events while the data comes in, if a restore fired triggers.
CREATE TRIGGER order_line_logged AFTER INSERT ON order_line FOR EACH ROW EXECUTE FUNCTION log_order();
CREATE CONSTRAINT TRIGGER order_line_checked AFTER INSERT ON order_line DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.quantity > 1000) EXECUTE FUNCTION log_order();
ALTER TABLE order_line ENABLE ALWAYS TRIGGER order_line_checked;
CREATE TRIGGER order_touched BEFORE UPDATE ON category FOR EACH STATEMENT EXECUTE FUNCTION log_order();
ALTER TABLE category DISABLE TRIGGER order_touched;

-- Rights: on relations and columns, row security, functions

GRANT SELECT, INSERT ON customer, customer_order TO shop_clerk WITH GRANT OPTION;
GRANT SELECT (given, family), UPDATE (tags) ON customer TO PUBLIC;
REVOKE EXECUTE ON FUNCTION revenue_of(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION revenue_of(integer) TO shop_auditor;
GRANT USAGE ON SEQUENCE article_number TO shop_clerk;
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY clerk_sees_active ON customer FOR SELECT TO shop_clerk USING (is_active);
CREATE POLICY no_tagless ON customer AS RESTRICTIVE FOR UPDATE WITH CHECK (cardinality(tags) > 0);
COMMENT ON POLICY clerk_sees_active ON customer IS 'the others have left';
COMMENT ON FUNCTION revenue_of(integer) IS 'NULL when nothing was sold';
COMMENT ON INDEX customer_city IS 'for the map';
COMMENT ON CONSTRAINT price_is_sane ON product IS 'typing errors happen';
COMMENT ON MATERIALIZED VIEW best_seller IS 'refreshed at night';
RESET ROLE;

-- Large objects with owners and rights: pictures, an empty one and a big one

SELECT count(lo_from_bytea(100000 + g, decode(repeat(md5(g::text), 40), 'hex'))) FROM generate_series(1, 200) g;
SELECT lo_create(200000), lo_from_bytea(200001, decode(repeat(md5('big'), 200000), 'hex'));
ALTER LARGE OBJECT 100001 OWNER TO shop_owner;
ALTER LARGE OBJECT 200001 OWNER TO shop_clerk;
GRANT SELECT ON LARGE OBJECT 100001 TO shop_auditor;
GRANT ALL ON LARGE OBJECT 200000 TO PUBLIC;
COMMENT ON LARGE OBJECT 200001 IS 'the shop front, high resolution';
CREATE TABLE shop.picture (article integer REFERENCES shop.product, image oid);
INSERT INTO shop.picture SELECT 7000 + 7 * (g - 1), 100000 + g FROM generate_series(1, 200) g;

-- Objects of the whole database

CREATE FUNCTION shop.note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE EVENT TRIGGER shop_ddl ON ddl_command_end EXECUTE FUNCTION shop.note_ddl();
CREATE PUBLICATION shop_orders FOR TABLE shop.customer_order, shop.order_line;
ANALYZE;
