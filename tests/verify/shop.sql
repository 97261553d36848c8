-- What the statements of tests/verify read. `log` is in no policy.
create table users (id integer primary key, name text not null, email text, ssn text, protected boolean);
create table orders (id integer primary key, buyer_id integer, shop_id integer, region text, desk integer, status text collate nocase,
                     total numeric, note text);
create table books (id integer primary key, title text, price numeric, doc text);
create view cheap as select id, upper(title) as title from books where price < 10;
create table log (id integer primary key, what text);
create table stays (nr integer not null, house text not null collate nocase, guest text, rate numeric, primary key (house, nr)) without rowid;
create table stays_then (nr integer not null, house text not null collate nocase, guest text, rate numeric, grille_number integer primary key,
                         grille_at text not null, grille_by text, grille_for text, grille_policy text not null, grille_method text not null);
create table rooms (id integer primary key, name text, price numeric);
create table rooms_then (id integer not null, name text, price numeric, grille_number integer primary key,
                         grille_at text not null, grille_by text, grille_for text, grille_policy text not null, grille_method text not null);
create table seats (id integer primary key, buyer_id integer, code text, gone text, n integer);
create unique index seats_code on seats (lower(code), n || 'x') where gone is null and n > 0;
