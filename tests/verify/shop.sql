-- What the statements of tests/verify read. `log` is in no policy.
create table users (id integer primary key, name text not null, email text, ssn text, protected boolean);
create table orders (id integer primary key, buyer_id integer, shop_id integer, region text, desk integer, status text collate nocase,
                     total numeric, note text);
create table books (id integer primary key, title text, price numeric, doc text);
create view cheap as select id, upper(title) as title from books where price < 10;
create table log (id integer primary key, what text);
