-- The book store of bookstore.grille: schema and a small stock of data for SQLite.
-- Ada (1) is administrator, Mark (40) merchant of the shops 1 and 9, Nina (41) of shop 7, Anna (17) a buyer,
-- Dora (23) a buyer to whom others have delegated. Cells that hardly anybody may see contain the word `canary`.

create table users (
  id        integer primary key,
  name      text not null,
  email     text collate nocase unique,
  ssn       text,
  role      text,
  protected boolean
);

create table books (
  id             integer primary key,
  title          text not null,
  price          numeric(8, 2) not null,
  supplier_price numeric(8, 2),
  supplier_note  text
);

create table orders (
  id         integer primary key,
  buyer_id   integer not null references users (id),
  shop_id    integer not null,
  status     text not null default 'open',
  total      numeric(10, 2),
  created_at text default current_timestamp,
  archived   boolean default false
);
create index orders_by_shop on orders (shop_id, created_at);
create index orders_by_buyer on orders (buyer_id);

-- What the rows of `orders` were: `grille check` says how it must be made.
create table orders_history (
  id            integer not null,
  buyer_id      integer,
  shop_id       integer,
  status        text,
  total         numeric(10, 2),
  created_at    text,
  archived      boolean,
  grille_number integer primary key autoincrement,
  grille_at     text not null,
  grille_by     text,
  grille_for    text,
  grille_policy text not null,
  grille_method text not null
);
create index orders_history_by_order on orders_history (id);

create table payments (
  id            integer primary key,
  order_id      integer not null references orders (id),
  amount        numeric(10, 2) not null,
  gateway_token text not null,
  paid_at       text
);

create table delegations (
  delegator  integer not null references users (id),
  delegate   integer not null references users (id),
  expires_at text not null,
  primary key (delegator, delegate)
) without rowid;

create table service_metrics (
  name  text not null,
  value real,
  at    text not null
);

-- Belongs to the deployment, is in no policy, so exists for nobody.
create table schema_migrations (
  version integer primary key,
  applied text not null
);

insert into users (id, name, email, ssn, role, protected) values
  ( 1, 'Ada',   'ada@bookstore.example',   'canary-ssn-1',  'administrator', false),
  (17, 'Anna',  'anna@example.org',        '317-17-1700',   'buyer',         false),
  (18, 'Bo',    'bo@example.org',          'canary-ssn-18', 'buyer',         true),
  (19, 'Chris', 'Chris@Example.org',       'canary-ssn-19', 'buyer',         null),
  (20, 'Eve',   null,                      null,            'buyer',         false),
  (23, 'Dora',  'dora@example.net',        '323-23-2300',   'buyer',         false),
  (24, 'Finn',  'finn@example.net',        'canary-ssn-24', 'buyer',         false),
  (25, 'Anna',  'anna.b@example.com',      'canary-ssn-25', 'buyer',         false),
  (40, 'Mark',  'mark@shop-one.example',   'canary-ssn-40', 'merchant',      false),
  (41, 'Nina',  'nina@shop-seven.example', 'canary-ssn-41', 'merchant',      false),
  (50, 'Sam',   'sam@bookstore.example',   'canary-ssn-50', 'support',       false);

insert into books (id, title, price, supplier_price, supplier_note) values
  (1, 'The Cardan Grille',        24.50, 11.10, 'canary-supplier-1'),
  (2, 'Tables of Letters',        12,     4.40, 'canary-supplier-2'),
  (3, 'Windows and Sheets',       31.90, 19.95, 'canary-supplier-3'),
  (4, 'A Short History of Locks',  9.99,  3.05, null),
  (5, 'Secret Writing for All',   18.00,  8.88, 'canary-supplier-5');

insert into orders (id, buyer_id, shop_id, status, total, created_at, archived) values
  (101, 17, 1, 'open',       24.50, '2026-11-02 09:15:00', false),
  (102, 17, 1, 'shipped',    44.40, '2026-10-20 17:40:11', false),
  (103, 17, 7, 'open',       12,    '2026-11-05 08:00:00', false),
  (104, 17, 9, 'cancelled',  null,  '2026-09-30 23:59:59', false),
  (105, 17, 1, 'shipped',    99.99, '2024-02-11 10:00:00', true),
  (106, 18, 7, 'shipped',    50,    '2026-10-01 12:00:00', false),
  (107, 18, 1, 'open',       31.90, '2026-11-10 14:30:00', false),
  (108, 18, 3, 'open',       18,    '2026-11-11 11:11:11', false),
  (109, 19, 9, 'returned',   24.50, '2026-08-15 16:20:00', false),
  (110, 19, 7, 'open',       61.40, '2026-11-12 07:45:00', false),
  (111, 20, 1, 'shipped',    9.99,  '2026-10-28 13:00:00', null),
  (112, 23, 9, 'open',       36.50, '2026-11-14 19:05:00', false),
  (113, 23, 3, 'shipped',    12,    '2026-07-04 10:10:10', false),
  (114, 24, 7, 'shipped',    24.50, '2026-10-09 09:09:09', false),
  (115, 24, 9, 'open',       18,    '2026-11-15 20:00:00', false),
  (116, 25, 1, 'open',       9.99,  '2026-11-16 06:30:00', false),
  (117, 25, 7, 'returned',   31.90, '2026-06-21 15:00:00', false),
  (118, 25, 3, 'shipped',    null,  '2026-05-01 00:00:00', true),
  (119, 18, 9, 'shipped',    75.25, '2026-10-30 18:18:18', false),
  (120, 24, 3, 'open',       12,    '2026-11-17 12:34:56', false);

insert into orders_history (id, buyer_id, shop_id, status, total, created_at, archived, grille_at, grille_by, grille_policy, grille_method) values
  (102, 17, 1, 'open',           44.40, '2026-10-20 17:40:11', false, '2026-10-22 08:00:00', 'canary-history', 'bookstore 1', 'update'),
  (109, 19, 9, 'canary-history', 24.50, '2026-08-15 16:20:00', false, '2026-09-01 10:00:00', 'm-40',           'bookstore 1', 'update');

insert into payments (id, order_id, amount, gateway_token, paid_at) values
  (1, 102, 44.40, 'canary-gateway-102', '2026-10-20 17:41:00'),
  (2, 106, 50,    'canary-gateway-106', '2026-10-01 12:01:00'),
  (3, 111, 9.99,  'canary-gateway-111', '2026-10-28 13:00:30'),
  (4, 119, 75.25, 'canary-gateway-119', null);

-- Time comes as text, with a blank or a T between day and hour. Dora holds Finn's and Bo's orders; Anna's delegation to her
-- ended with the last midnight, which a comparison as text would miss, Chris's long ago.
insert into delegations (delegator, delegate, expires_at) values
  (24, 23, '2999-01-01 00:00:00'),
  (18, 23, strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+400 days')),
  (17, 23, strftime('%Y-%m-%dT00:00:00Z', 'now')),
  (19, 23, '2026-01-31 12:00:00'),
  (25, 17, '2025-12-31T23:59:59Z');

insert into service_metrics (name, value, at) values
  ('orders_per_minute', 3.25, '2026-11-20 10:00:00'),
  ('orders_per_minute', 2.75, '2026-11-20 10:01:00'),
  ('queue_length',      0,    '2026-11-20 10:00:00'),
  ('queue_length',      null, '2026-11-20 10:01:00');

insert into schema_migrations (version, applied) values (1, '2026-01-01 canary-migration'), (2, '2026-03-01 canary-migration');
