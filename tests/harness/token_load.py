"""A load that shows whether a copy of a database is of one moment.

Each transaction puts one token into every table and moves money between two accounts; so a copy that holds all of it
wholly or not at all has the same tokens everywhere, and money that adds up to nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class TokenLoad:
    tables: int
    accounts: int
    filler_bytes: int = 0  # beside each token
    pause_s: float = 0  # after each transaction

    def schema(self):
        """The tables, and a procedure for the writers."""
        inserts = "".join(
            f"INSERT INTO tokens_{i} VALUES (t, repeat('y', {self.filler_bytes}));" for i in range(self.tables)
        )
        return f"""
            CREATE TABLE accounts (id integer PRIMARY KEY, balance bigint, filler text);
            INSERT INTO accounts SELECT i, 0, repeat('x', 300) FROM generate_series(1, {self.accounts}) AS i;
            CREATE SEQUENCE token;
            {"".join(f"CREATE TABLE tokens_{i} (token bigint PRIMARY KEY, filler text);" for i in range(self.tables))}
            CREATE TABLE children (token bigint REFERENCES tokens_0);
            CREATE TABLE stop_sign (stop boolean);
            CREATE PROCEDURE work(seed integer) LANGUAGE plpgsql AS $$
            DECLARE
                t bigint; a integer; b integer; amount integer;
            BEGIN
                PERFORM setseed(seed / 10.0);
                WHILE NOT EXISTS (SELECT FROM stop_sign) LOOP
                    t := nextval('token');
                    {inserts}
                    INSERT INTO children VALUES (t);
                    a := 1 + random() * {self.accounts - 1}; b := 1 + random() * {self.accounts - 1};
                    amount := random() * 100;
                    -- Rows move to other pages, so ranges of one table must all see one snapshot.
                    UPDATE accounts SET balance = balance - amount WHERE id = a;
                    UPDATE accounts SET balance = balance + amount WHERE id = b;
                    COMMIT;
                    PERFORM pg_sleep({self.pause_s});
                END LOOP;
            END $$;
            """

    def work(self, seed):
        """What a writer runs, until the stop."""
        return f"CALL work({seed});"

    def stop(self):
        return "INSERT INTO stop_sign VALUES (true);"

    def contradictions(self):
        """A row for each thing that a copy of one moment cannot show."""
        others = [f"tokens_{i}" for i in range(1, self.tables)] + ["children"]
        return f"""
            SELECT 'accounts' FROM accounts HAVING (sum(balance) = 0 AND count(*) = {self.accounts}) IS NOT TRUE
            UNION ALL
            SELECT 'sequence' FROM token WHERE last_value < (SELECT max(token) FROM tokens_0)
            {"".join(_lacking(other) for other in others)};
            """


def _lacking(table):
    return f"""
            UNION ALL
            SELECT '{table}: ' || count(*)
              FROM tokens_0 AS a FULL JOIN {table} AS b USING (token) WHERE a IS NULL OR b IS NULL HAVING count(*) > 0
            """
