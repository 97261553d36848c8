-- A records office on SQLite, made for attacks on vault.grille: every affinity, collations, NULLs everywhere, cells opened by
-- different grants, malformed JSON and extreme integers in rows that few may see. `canary` and 424242 mark what must not leak.

create table people (
  id     integer primary key,
  nick   text collate nocase,
  code   integer,
  note   text,
  dept   text not null,
  locked integer,
  pin    text
);
create index people_by_nick on people (nick);
insert into people (id, nick, code, note, dept, locked, pin) values
  ( 1, 'Alice',        5,      'no canary-1',  'ops', 0,    'canary-pin-1'),
  ( 2, 'alice',        0,      'second note',  'lab', 0,    'canary-pin-2'),
  ( 3, 'canary-nick3', 424242, 'third note',   'lab', 1,    'canary-pin-3'),
  ( 4, 'Bob',          null,   null,           'ops', 0,    'canary-pin-4'),
  ( 5, '?',            7,      '  padded',     'lab', 0,    'canary-pin-5'),
  ( 6, 'canary-nick6', 424242, 'sixth note',   'lab', null, 'canary-pin-6'),
  ( 7, 'canary-nick7', 424242, 'xx canary-7',  'ops', 1,    'canary-pin-7'),
  ( 8, null,           'x9',   'eighth note',  'lab', 0,    'canary-pin-8'),
  ( 9, 'BOB',          -5,     'ninth note',   'hr',  0,    'canary-pin-9'),
  (10, 'Rita',         10,     'tenth note',   'hr',  0,    'canary-pin-10'),
  (11, null,           5,      null,           'ops', 1,    'canary-pin-11');

create table documents (
  id       integer primary key,
  owner    integer,
  area     text not null,
  title    text collate nocase,
  size     integer,
  price    numeric,
  extra    text,
  body     text,
  secret   blob,
  filed_at text
);
create index documents_by_owner on documents (owner);
create index documents_by_size on documents (size);
insert into documents (id, owner, area, title, size, price, extra, body, secret, filed_at) values
  ( 1, 10,   'n', 'Alpha',        120,                  10.5,   '{"k": 1}',        'body one',      x'01',               '2026-01-01'),
  ( 2, 20,   'n', 'beta',         80,                   20,     '{"k": 2}',        'canary-body-2', 'canary-secret-2',   '2026-01-02'),
  ( 3, 20,   's', 'canary-3',     424242,               55.5,   '{canary-json-3',  'canary-body-3', 'canary-secret-3',   '2026-01-03'),
  ( 4, 10,   's', 'Gamma',        300,                  '30',   '{"k": "four"}',   'body four',     null,                null),
  ( 5, 10,   'n', 'ALPHA',        120,                  null,   null,              null,            x'0505',             null),
  ( 6, 20,   'n', 'canary-6',     424242,               424242, '{canary-json-6',  'canary-body-6', 'canary-secret-6',   null),
  ( 7, null, 'n', 'delta',        0,                    '7e1',  '[1, 2]',          'canary-body-7', 'canary-secret-7',   '2026-01-07'),
  ( 8, null, 's', 'canary-8',     -9223372036854775807 - 1, null, 'canary-json-8', null,            'canary-secret-8',   '2026-01-08'),
  ( 9, 20,   's', 'canary-9%_\',  9223372036854775807,  66.25,  '{"k": ',          'canary-body-9', 'canary-secret-9',   '2026-01-09'),
  (10, 30,   'n', null,           99,                   0,      '"text"',          'canary-body-10', 'canary-secret-10', '2026-01-10'),
  (11, 30,   'n', 'Epsilon',      -7,                   1.25,   'null',            'canary-body-11', 'canary-secret-11', '2026-01-11'),
  (12, 10,   'n', 'zeta',         100,                  99.99,  '{"k": null}',     'body twelve',   x'',                 '2026-01-12');

create table ledger (
  id       integer primary key,
  branch   integer not null,
  kind     text not null,
  customer integer,
  amount   integer,
  fee      real,
  booked   integer not null default 1,
  memo     text
);
create index ledger_by_branch on ledger (branch, kind);
insert into ledger (id, branch, kind, customer, amount, fee, booked, memo) values
  ( 1, 1, 'n', 501, 10,     0.5,    1, 'one n'),
  ( 2, 1, 'n', 502, 20,     0.25,   1, 'one n again'),
  ( 3, 1, 's', 503, 30,     424242, 1, 'canary-memo-3'),
  ( 4, 7, 's', 504, 40,     1,      1, 'seven s'),
  ( 5, 7, 'n', 505, 50,     424242, 1, 'canary-memo-5'),
  ( 6, 7, 's', 501, null,   null,   1, null),
  ( 7, 9, 'r', 501, 424242, 424242, 1, 'canary-memo-7'),
  ( 8, 9, 'r', 501, 424242, 424242, 1, 'canary-memo-8'),
  ( 9, 9, 'r', 502, 424242, 424242, 1, 'canary-memo-9'),
  (10, 9, 'canary-kind', 506, 424242, 424242, 1, 'canary-memo-10'),
  (11, 1, 'n', 503, 1000,   0,      0, 'not booked'),
  (12, 7, 's', 505, 60,     2,      1, 'seven s again'),
  (13, 9, 'n', 503, 70,     424242, 1, 'canary-memo-13'),
  (14, 9, 's', 506, null,   424242, 1, 'canary-memo-14');

create table gauges (
  id     integer primary key,
  sensor text not null,
  level  real,
  place  text
);
insert into gauges (id, sensor, level, place) values
  (1, 'a', 1.5, 'canary-place'), (2, 'a', 2.5, 'canary-place'), (3, 'b', 424242, 'canary-place'),
  (4, 'c', null, 'canary-place'), (5, 'c', 4.0, 'canary-place');

create table cards (
  id      integer primary key,
  holder  integer not null,
  number  text,
  network text collate nocase,
  cvv     integer
);
insert into cards (id, holder, number, network, cvv) values
  (1, 10,  'canary-4111', 'Visa', 424242),
  (2, 20,  'canary-4222', 'VISA', 424242),
  (3, 10,  'canary-4333', null,   424242),
  (4, 900, 'canary-4444', 'Amex', 424242),
  (5, 30,  'canary-4555', 'amex', 424242);

create table loans (
  id      integer primary key,
  item    text not null,
  holder  integer not null,
  ends_at text
);
-- Read as text, 2, 3 and 5 would look valid: a T sorts after a blank, an offset moves the hour, a date alone is its midnight.
insert into loans (id, item, holder, ends_at) values
  (1, 'atlas',          10, '2999-12-31 00:00:00'),
  (2, 'canary-loan-2',  10, strftime('%Y-%m-%dT00:00:00Z', 'now')),
  (3, 'canary-loan-3',  10, strftime('%Y-%m-%dT%H:%M:%S', 'now', '+1 hours') || '+02:00'),
  (4, 'dictionary',     20, strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+300 days')),
  (5, 'canary-loan-5',  20, strftime('%Y-%m-%d', 'now')),
  (6, 'canary-loan-6',  10, null),
  (7, 'canary-loan-7',  10, 'soon'),
  (8, 'encyclopaedia',  10, strftime('%Y-%m-%dT%H:%M:%S', 'now', '+1 days') || '-02:00');

create table shops (
  id   integer primary key,
  city text not null,
  rent numeric
);
insert into shops (id, city, rent) values (1, 'Turin', 424242), (7, 'Malta', 424242), (9, 'Ghent', null);

create table badges (
  serial integer primary key,
  colour text
);
insert into badges (serial, colour) values (424242, 'red'), (2, 'blue'), (4242423, 'blue');

create table counters (
  name text primary key,
  hits integer
);
insert into counters (name, hits) values ('calls', 12), ('faults', 0);

create table sealed (
  id    integer primary key,
  label text not null
);
insert into sealed (id, label) values (1, 'canary-sealed-1'), (2, 'canary-sealed-2');

-- In no policy.
create table outside (
  id   integer primary key,
  pin  text,
  nick text
);
insert into outside (id, pin, nick) values (1, 'canary-outside', 'canary-outside');
create view people_pins as select id, nick, pin from people;
create virtual table papers using fts5 (title, body);
insert into papers (title, body) values ('canary-paper', 'canary-paper-body');
