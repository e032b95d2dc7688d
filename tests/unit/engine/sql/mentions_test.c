#include "engine/sql/mentions.h"

#include "engine/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct sample {
    const char *desc, *definition, *names; /* with blanks between them, sorted */
};

static void the_roles_of_what_pg_dump_writes_are_found(void **state)
{
    static const struct sample samples[] = {
        {"ACL", "GRANT SELECT(a),UPDATE(b) ON TABLE public.t TO reader WITH GRANT OPTION;\n",
         "reader"},
        {"ACL",
         "REVOKE ALL ON SCHEMA public FROM PUBLIC;\nGRANT ALL ON SCHEMA public TO \"A \"\"b\";",
         "A \"b"},
        {"ACL",
         "SET SESSION AUTHORIZATION giver;\nGRANT SELECT ON TABLE t TO taker;\nRESET SESSION "
         "AUTHORIZATION;\nREVOKE ALL ON TABLE t FROM loser CASCADE;\n",
         "giver loser taker"},
        {"ACL", "REVOKE GRANT OPTION FOR ALL ON TABLE t FROM x;", "x"},
        {"ACL", "GRANT ALL ON FUNCTION f(\"to\" integer, x interval day to second) TO x;", "x"},
        {"ACL", "GRANT ALL ON TABLE t TO GROUP old, Folded, CURRENT_USER;", "folded old"},
        {"DEFAULT ACL",
         "ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA s GRANT SELECT ON TABLES TO reader;\n",
         "maker reader"},
        {"POLICY", "CREATE POLICY p ON public.t FOR SELECT TO a, b USING ((o = substr(x from 2)));",
         "a b"},
        {"POLICY", "CREATE POLICY p ON public.t USING ((a = 'x') or b is distinct from c);", ""},
        {"USER MAPPING", "CREATE USER MAPPING FOR somebody SERVER s OPTIONS (\"for\" 'x');",
         "somebody"},
        {"USER MAPPING", "CREATE USER MAPPING FOR PUBLIC SERVER s;", ""},
        {"VIEW", "CREATE VIEW v AS SELECT 1 FROM x;", ""},
        {"ACL", "GRANT ALL ON TABLE t TO", ""},
        {"ACL", "GRANT ALL ON TABLE t TO \"x", ""},
        {"ACL", "GRANT ALL ON TABLE t TO a,", "a"},
        {"ACL", "RESET SESSION AUTHORIZATION", ""},
        {"ACL", NULL, ""},
    };
    (void)state;

    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const struct toc_entry entry = {.type = entry_type_of(samples[i].desc),
                                        .desc = samples[i].desc,
                                        .definition = samples[i].definition};
        struct arena *arena = arena_create();
        struct name_set roles = {.items = NULL};
        struct text text;

        mentions_add_roles(&roles, arena, &entry, true);
        name_set_seal(&roles);
        text_init(&text, TEXT_MAXIMUM);
        for (size_t j = 0; j < roles.count; j++)
            text_print(&text, "%s%s", j > 0 ? " " : "", roles.items[j]);
        assert_string_equal(text.data, samples[i].names);
        text_clear(&text);
        name_set_clear(&roles);
        arena_free(arena);
    }
}

static void the_language_of_a_function_is_found(void **state)
{
    static const struct sample samples[] = {
        {.definition = "CREATE FUNCTION public.f(language text) RETURNS integer\n    LANGUAGE "
                       "plpgsql STRICT\n    AS $$ language x $$;\n",
         .names = "plpgsql"},
        {.definition = "CREATE FUNCTION public.language() RETURNS TABLE(language text)\n    "
                       "LANGUAGE \"My\"\"Own\" AS 'x';",
         .names = "My\"Own"},
        {.definition = "CREATE PROCEDURE public.p(IN a text DEFAULT ')'::text)\n    LANGUAGE sql\n "
                       "   BEGIN ATOMIC\n SELECT 1;\nEND;\n",
         .names = "sql"},
        {.definition = "CREATE FUNCTION f() RETURNS int RETURN 1", .names = NULL},
        {.definition = "CREATE FUNCTION f() RETURNS int LANGUAGE", .names = NULL},
        {.definition = "CREATE FUNCTION f() RETURNS int LANGUAGE 'c'", .names = NULL},
        {.definition = "CREATE FUNCTION f(", .names = NULL},
        {.definition = "", .names = NULL},
        {.definition = NULL, .names = NULL},
    };
    (void)state;

    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct arena *arena = arena_create();
        const char *language = mentions_language(arena, samples[i].definition, true);

        if (samples[i].names == NULL)
            assert_null(language);
        else
            assert_string_equal(language, samples[i].names);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_roles_of_what_pg_dump_writes_are_found),
        cmocka_unit_test(the_language_of_a_function_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
