# What bookstore.sql says in SQLite's words, in PostgreSQL's.
s/ collate nocase//
s/) without rowid/)/
s/ real,/ float8,/
s/^\(  [a-z]*_at  *\|  at  *\|  expires_at *\)text/\1timestamptz/
s/strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+400 days')/now() + interval '400 days'/
s/strftime('%Y-%m-%dT00:00:00Z', 'now')/date_trunc('day', now())/
s/integer primary key autoincrement/bigint generated always as identity primary key/
