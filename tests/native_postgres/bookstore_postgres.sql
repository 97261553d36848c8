-- The book store of examples/bookstore.grille, as PostgreSQL has it. Ada (1) is administrator, Mark (40) merchant of the shops 1 and 9,
-- Anna (17) a buyer, Dora (23) one to whom others have delegated.
create table users (id integer primary key, name text not null, email text, ssn text, role text, protected boolean);
create table books (id integer primary key, title text not null, price numeric(8, 2) not null, supplier_price numeric(8, 2), supplier_note text);
create table orders (id integer primary key, buyer_id integer not null, shop_id integer not null, status text not null, total numeric(10, 2),
  created_at timestamptz default now(), archived boolean default false);
create table orders_history (id integer not null, buyer_id integer, shop_id integer, status text, total numeric(10, 2), created_at timestamptz, archived boolean,
  grille_number bigint generated always as identity primary key, grille_at timestamptz not null, grille_by text, grille_for text, grille_policy text not null,
  grille_method text not null);
create table payments (id integer primary key, order_id integer not null, amount numeric(10, 2) not null, gateway_token text not null, paid_at timestamptz);
create table delegations (delegator integer not null, delegate integer not null, expires_at timestamptz not null, primary key (delegator, delegate));
create table service_metrics (name text not null, value float8, at timestamptz not null);

insert into users values (1, 'Ada', 'ada@bookstore.example', 'canary-1', 'administrator', false), (17, 'Anna', 'anna@example.org', '317-17', 'buyer', false),
  (18, 'Bo', 'bo@example.org', 'canary-18', 'buyer', true), (19, 'Chris', 'chris@example.org', 'canary-19', 'buyer', null), (20, 'Eve', null, null, 'buyer', false),
  (23, 'Dora', 'dora@example.org', 'canary-23', 'buyer', false), (40, 'Mark', 'mark@example.org', 'canary-40', 'merchant', false);
insert into books values (1, 'Dune', 9.99, 4, 'canary'), (2, 'Emma', 5, null, null);
insert into orders (id, buyer_id, shop_id, status, total, archived) values (1, 17, 1, 'open', 30, false), (2, 18, 7, 'shipped', 50, false), (3, 17, 1, 'open', 10, true),
  (4, 19, 9, 'open', 70, false), (5, 17, 9, 'done', 5, false), (6, 18, 1, 'open', null, false), (7, 20, 7, 'open', 8, null), (8, 20, 1, 'done', 12, false);
insert into delegations values (18, 23, now() + interval '1 day'), (19, 23, now() - interval '1 day'), (20, 17, now() + interval '1 day');
insert into payments values (1, 1, 30, 'canary-token', now());
insert into service_metrics values ('requests', 1.5, now());
