-- Types, domains, collations, text search, operators and what hangs on them (OB23 to OB30).

CREATE EXTENSION hstore SCHEMA public;
CREATE EXTENSION btree_gist SCHEMA public;
COMMENT ON EXTENSION hstore IS 'a comment of our own on an extension';

CREATE SCHEMA types AUTHORIZATION zoo_owner;
SET search_path = types, public;

-- OB27: enum labels put in the middle, renamed, as long as they may be, and of several lines.
CREATE TYPE mood AS ENUM ('sad', 'happy');
ALTER TYPE mood ADD VALUE 'so so' BEFORE 'happy';
ALTER TYPE mood ADD VALUE 'bored' AFTER 'sad';
ALTER TYPE mood RENAME VALUE 'sad' TO 'it''s "sad"';
ALTER TYPE mood ADD VALUE 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx';
ALTER TYPE mood ADD VALUE E'two\nlines';
CREATE TYPE no_labels AS ENUM ();
COMMENT ON TYPE mood IS 'how one feels';

-- OB28: composite types, also with a dropped attribute and a collation.
CREATE TYPE pair AS (left_half integer, gone text, right_half text COLLATE "C");
ALTER TYPE pair DROP ATTRIBUTE gone;
ALTER TYPE pair ADD ATTRIBUTE added mood;
COMMENT ON COLUMN pair.right_half IS 'an attribute''s comment';
CREATE TYPE nothing_at_all AS ();

-- OB28: ranges with a difference function and a canonical one (which needs the shell type first).
CREATE FUNCTION seconds_between(a time, b time) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT AS 'SELECT extract(epoch FROM a - b)::double precision';
CREATE TYPE time_range AS RANGE (subtype = time, subtype_diff = seconds_between);
CREATE TYPE c_text_range AS RANGE (subtype = text, collation = "C");

-- OB28: a base type over the server's own functions, and a type that stays a shell.
CREATE TYPE little;
CREATE FUNCTION little_in(cstring) RETURNS little LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION little_out(little) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE little (INPUT = little_in, OUTPUT = little_out, INTERNALLENGTH = 4, PASSEDBYVALUE,
                    ALIGNMENT = int4, CATEGORY = 'U', DEFAULT = '7', DELIMITER = ';');
CREATE TYPE only_a_shell;

-- OB25: casts by function, by inout and binary.
CREATE CAST (little AS integer) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (integer AS little) WITHOUT FUNCTION AS IMPLICIT;
CREATE FUNCTION pair_to_text(pair) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ($1).right_half';
CREATE CAST (pair AS text) WITH FUNCTION pair_to_text(pair) AS ASSIGNMENT;
CREATE CAST (text AS little) WITH INOUT;
COMMENT ON CAST (little AS integer) IS 'nothing to do';
CREATE DEFAULT CONVERSION latin_again FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TRANSFORM FOR integer LANGUAGE sql (
    FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));

-- OB26: domains over domains, arrays and composites, with several checks.
CREATE DOMAIN positive AS integer CONSTRAINT is_positive CHECK (VALUE > 0);
CREATE DOMAIN small_positive AS positive NOT NULL DEFAULT 5
    CONSTRAINT "is small" CHECK (VALUE < 1000) CONSTRAINT not_13 CHECK (VALUE <> 13);
ALTER DOMAIN small_positive ADD CONSTRAINT later CHECK (VALUE <> 666) NOT VALID;
CREATE DOMAIN positives AS positive[] CHECK (array_length(VALUE, 1) < 10);
CREATE DOMAIN tidy_pair AS pair CHECK ((VALUE).left_half IS NOT NULL);
CREATE FUNCTION looks_like_mail(text) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$SELECT $1 LIKE '%@%'$$;
CREATE DOMAIN mail AS text COLLATE "C" CHECK (types.looks_like_mail(VALUE));
COMMENT ON DOMAIN mail IS 'an address';
COMMENT ON CONSTRAINT not_13 ON DOMAIN small_positive IS 'superstition';
CREATE TYPE positive_range AS RANGE (subtype = positive);

-- OB29: collations, one of them nondeterministic.
CREATE COLLATION plain_c (LOCALE = 'C');
CREATE COLLATION phone_book (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
CREATE COLLATION no_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
COMMENT ON COLLATION no_case IS 'A = a';

-- OB23: aggregates of every sort.
CREATE AGGREGATE product(double precision) (
    SFUNC = float8mul, STYPE = double precision, INITCOND = '1', COMBINEFUNC = float8mul, PARALLEL = SAFE);
CREATE AGGREGATE moving_sum(integer) (
    SFUNC = int4_sum, STYPE = bigint, MSFUNC = int4_avg_accum, MINVFUNC = int4_avg_accum_inv,
    MSTYPE = bigint[], MFINALFUNC = int2int4_sum, MINITCOND = '{0,0}');
CREATE AGGREGATE middle(double precision ORDER BY anyelement) (
    SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE AGGREGATE my_rank(VARIADIC "any" ORDER BY VARIADIC "any") (
    SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
CREATE AGGREGATE product(integer) (SFUNC = int4mul, STYPE = integer);
COMMENT ON AGGREGATE product(integer) IS 'the same name, another signature';

-- OB24: operators whose commutator is a shell at first, classes and families with later members.
CREATE FUNCTION pair_eq(pair, pair) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT ($1).left_half = ($2).left_half';
CREATE FUNCTION pair_ne(pair, pair) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT ($1).left_half <> ($2).left_half';
CREATE OPERATOR === (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_eq,
                     COMMUTATOR = ===, NEGATOR = <!=>, RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR <!=> (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_ne,
                      COMMUTATOR = <!=>, NEGATOR = ===, RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR @#@ (RIGHTARG = bigint, FUNCTION = int8abs);
COMMENT ON OPERATOR === (pair, pair) IS 'alike on the left';
COMMENT ON OPERATOR @#@ (NONE, bigint) IS 'a prefix operator';

CREATE FUNCTION integer_backwards(integer, integer) RETURNS integer
    LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($2, $1)';
CREATE OPERATOR FAMILY backwards_family USING btree;
CREATE OPERATOR CLASS integer_backwards_ops FOR TYPE integer USING btree FAMILY backwards_family AS
    OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <,
    FUNCTION 1 integer_backwards(integer, integer);
ALTER OPERATOR FAMILY backwards_family USING btree ADD
    OPERATOR 1 > (integer, bigint), OPERATOR 5 < (integer, bigint);
CREATE FUNCTION mood_hash(mood, bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS 'SELECT hashtextextended($1::text, $2)';
CREATE OPERATOR CLASS mood_text_ops FOR TYPE mood USING hash AS
    OPERATOR 1 = (anyenum, anyenum), FUNCTION 2 mood_hash(mood, bigint);
COMMENT ON OPERATOR CLASS integer_backwards_ops USING btree IS 'largest first';
COMMENT ON OPERATOR FAMILY backwards_family USING btree IS 'and its family';

-- OB30: text search, all four kinds.
CREATE TEXT SEARCH TEMPLATE plain_template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH PARSER plain_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end,
                                        LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH DICTIONARY plain_dictionary (TEMPLATE = plain_template);
CREATE TEXT SEARCH DICTIONARY stemmed (TEMPLATE = snowball, LANGUAGE = 'english', STOPWORDS = 'english');
CREATE TEXT SEARCH CONFIGURATION plain_configuration (PARSER = plain_parser);
ALTER TEXT SEARCH CONFIGURATION plain_configuration
    ADD MAPPING FOR asciiword, word WITH stemmed, plain_dictionary;
COMMENT ON TEXT SEARCH CONFIGURATION plain_configuration IS 'words only';
COMMENT ON TEXT SEARCH DICTIONARY stemmed IS 'stems';

-- OB32: access methods.
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD btree2 TYPE INDEX HANDLER bthandler;
COMMENT ON ACCESS METHOD heap2 IS 'heap by another name';

ALTER TYPE mood OWNER TO zoo_owner;
ALTER DOMAIN mail OWNER TO zoo_owner;
ALTER OPERATOR === (pair, pair) OWNER TO zoo_owner;
ALTER AGGREGATE product(integer) OWNER TO zoo_owner;
ALTER COLLATION no_case OWNER TO zoo_owner;
GRANT USAGE ON TYPE mood TO zoo_reader WITH GRANT OPTION;
REVOKE USAGE ON DOMAIN mail FROM PUBLIC;

-- Rows of all these types.
CREATE TABLE every_type (
    id integer PRIMARY KEY, feeling mood, feelings mood[], two pair, twos pair[], opening time_range,
    words c_text_range, tiny little, tinies little[], one small_positive, many positives, tidy tidy_pair,
    address mail, range_of_domain positive_range, name text COLLATE phone_book, alike text COLLATE no_case,
    tags hstore, lexemes tsvector, query tsquery, identifier uuid, network inet, mac macaddr8,
    bits bit(5), varying_bits bit varying, cash money, spot point, shape polygon, document xml, path jsonpath,
    log_position pg_lsn, class regclass, reading interval, moment timestamptz, day date,
    character_ "char", fixed character(5), system_name name, transaction_ xid);
INSERT INTO every_type (id, one, tidy) VALUES (0, 1, ROW(0, NULL, NULL));
INSERT INTO every_type
SELECT i, (enum_range(NULL::mood))[1 + i % 6], ARRAY['so so', NULL]::mood[],
       ROW(i, 'a "quoted", (round) \ text', 'happy')::pair,
       ARRAY[ROW(i, NULL, NULL), ROW(NULL, '', 'bored')]::pair[],
       time_range('10:00', '11:00'), c_text_range('a', NULL), 3, ARRAY[1, 2]::little[],
       1 + i % 12, ARRAY[1, NULL, i]::positive[], ROW(i, 'x', NULL)::pair, 'someone@somewhere',
       positive_range(1, 3), 'Müller ' || i, 'STRASSE', 'a=>1, "b c"=>NULL',
       'the fat cat sat'::tsvector, 'fat & !rat'::tsquery, md5(i::text)::uuid, '10.0.0.0/8',
       '08:00:2b:01:02:03:04:05', B'10101', B'1', 12.34, point(i, -0.0), '((0,0),(1,1),(2,0))',
       '<a>&amp;<b/></a>', '$.a[*] ? (@ > 1)', '16/B374D848', 'pg_class', '1 year -2 days 03:04:05.678',
       '2020-02-29 23:59:59.999999+14', 'epoch', 'x', 'ab', 'a name', '4294967295'
FROM generate_series(1, 40) AS i;
